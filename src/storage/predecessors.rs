//! Logs that are being removed, and their successors by name.
//!
//! A successor stands at the same path, and until a removal is durable the checkpoints hold offsets
//! of the log that is gone. So a successor is not written to before.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use super::commit::{Commit, Deletion, Done};
use super::directory::PartitionId;
use super::durable_ends::TopicPartition;
use super::error::StorageError;
use super::log::{Dirty, LogHome};
use super::queue::Queue;
use super::writer::send;

/// The logs that one storage thread is removing.
#[derive(Default)]
pub(super) struct Predecessors(BTreeMap<PartitionId, Removal>);

/// How far a removal is.
enum Removal {
    /// The directory could not be renamed.
    NotBegun(LogHome, Option<TopicPartition>, StorageError),
    /// It is renamed. The committer tells failures to make that durable, of which one is known
    /// here at most, and hangs up once it is.
    Committing(Receiver<StorageError>, Option<StorageError>),
}

impl Predecessors {
    /// Renames a log's directory and asks for the rest.
    pub(super) fn remove(
        &mut self,
        home: LogHome,
        topic_partition: Option<TopicPartition>,
        done: Done,
        commits: &Queue<Commit>,
    ) {
        self.0.retain(|_, removal| !removal.is_done());
        let partition = home.partition.clone();
        match home.rename_for_deletion() {
            Ok(None) => done(Ok(())),
            Ok(Some((directory, dirty))) => {
                // One failure is as good as many.
                let (attempts, outcome) = sync_channel(1);
                let commit = Commit::new(&partition, dirty, Some(done));
                let deletion = Some(Deletion { directory, topic_partition, attempts });
                self.0.insert(partition, Removal::Committing(outcome, None));
                send(commits, Commit { deletion, ..commit });
            }
            Err(error) => {
                let not_begun = Removal::NotBegun(home, topic_partition, error.clone());
                self.0.insert(partition, not_begun);
                done(Err(error));
            }
        }
    }

    /// Whether no removal is under way that matters to a successor.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits until an earlier log of this name is gone for good.
    ///
    /// # Errors
    /// Why it is still there. It is tried again, so that a later call may find it gone.
    pub(super) fn check(
        &mut self,
        partition: &PartitionId,
        commits: &Queue<Commit>,
    ) -> Result<(), StorageError> {
        let failure = match self.0.get_mut(partition) {
            None => return Ok(()),
            Some(Removal::NotBegun(home, topic_partition, error)) => {
                let (home, id, error) = (home.clone(), *topic_partition, error.clone());
                self.remove(home, id, Box::new(|_| {}), commits);
                return Err(error);
            }
            Some(Removal::Committing(outcome, failure)) => {
                failure.take().or_else(|| outcome.recv().ok())
            }
        };
        let Some(error) = failure else {
            self.0.remove(partition);
            return Ok(());
        };
        // The next group tries again, even if there is nothing else in it.
        send(commits, Commit::new(partition, Dirty::default(), None));
        Err(error)
    }
}

impl Removal {
    fn is_done(&mut self) -> bool {
        let Self::Committing(outcome, failure) = self else { return false };
        match outcome.try_recv() {
            Ok(error) => *failure = Some(error),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return true,
        }
        false
    }
}
