//! Compacting one log once, hand in hand with the thread that writes to it.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;

use super::pass::{Limits, Pass, Replacement};
use super::{CompactedLog, LastBatches};
use crate::base::sabotage::{self, Bug};
use crate::storage::error::StorageError;
use crate::storage::files::Stage;
use crate::storage::partition::{Command, Reply};
use crate::storage::space::Space;

/// Why a log was not compacted.
#[derive(Debug)]
pub(in crate::storage) enum Failure {
    /// It was deleted meanwhile, or a part of it was, or the store is being closed.
    Gone,
    /// Clients would be short of room if so much were written.
    NoRoom {
        /// How much.
        bytes: u64,
    },
    /// The disk failed; no harm is done.
    Disk(StorageError),
    /// It must not be tried again before the next start: the log is damaged, or files that were
    /// left over could meet others of the same names.
    ForGood(StorageError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Removed => Self::Gone,
            error @ StorageError::Io { .. } => Self::Disk(error),
            error => Self::ForGood(error),
        }
    }
}

/// One log that is to be compacted.
pub(in crate::storage) struct Round<'a> {
    /// Its number.
    pub(in crate::storage) number: u64,
    /// Hands a command to the thread that writes to it.
    pub(in crate::storage) tell: &'a dyn Fn(Command) -> Result<(), StorageError>,
    pub(in crate::storage) space: &'a Space,
    /// Set when there is no time to finish.
    pub(in crate::storage) stop: &'a AtomicBool,
}

impl Round<'_> {
    /// Compacts the log, if that is still worth its while.
    ///
    /// # Errors
    /// The log is as it was, or part of it is compacted.
    pub(in crate::storage) fn run(&self, limits: Limits, now_ms: i64) -> Result<(), Failure> {
        let number = self.number;
        let (log, last_batches): (CompactedLog, LastBatches) =
            self.ask(|reply| Command::Prepare { number, reply })??;
        let Some(plan) = log.plan(now_ms) else { return Ok(()) };
        let mut pass = Pass::start(&log, last_batches, plan, now_ms, limits, self.stop)?;
        for group in pass.groups() {
            let bytes = pass.bytes_of(group.clone());
            if !self.space.is_enough_for(bytes) {
                return Err(Failure::NoRoom { bytes });
            }
            let replacement = pass.write(group)?;
            self.swap(&log, replacement)?;
        }
        let cleaned_to = pass.end_offset();
        self.ask(|reply| Command::NoteCleaned { number, cleaned_to, reply })??;
        tracing::info!(log = %log.directory.display(), cleaned_to, "compacted");
        Ok(())
    }

    /// Puts a segment in the place of others: see [`swap`](crate::storage::swap).
    fn swap(&self, log: &CompactedLog, replacement: Replacement) -> Result<(), Failure> {
        let new = replacement.new.segment.clone();
        if let Err(error) = stage(log, &replacement) {
            new.discard();
            return Err(Failure::ForGood(error));
        }
        let number = self.number;
        match self.ask(|reply| Command::Swap { number, replacement, reply })? {
            Ok(true) => Ok(()),
            Ok(false) => {
                new.discard();
                Err(Failure::Gone)
            }
            Err(error) => Err(Failure::ForGood(error)),
        }
    }

    /// Has the storage thread do something, and waits for the reply.
    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, StorageError> {
        let (sender, receiver) = channel();
        let reply = Box::new(move |answer| drop(sender.send(answer)));
        (self.tell)(command(reply))?;
        receiver.recv().map_err(|_| StorageError::Removed)
    }
}

/// Makes the new files durable, and gives them the names that say that they are complete.
fn stage(log: &CompactedLog, replacement: &Replacement) -> Result<(), StorageError> {
    let files = replacement.new.segment.files();
    if log.is_synced && !sabotage::has(Bug::SwapBeforeSync) {
        files.iter().try_for_each(|file| {
            let synced = file.get().and_then(|open| open.sync_data());
            synced.map_err(StorageError::io(&file.path()))
        })?;
    }
    // What an earlier round has left at this stage must not be taken for a part of this one.
    sync_names(log)?;
    files.iter().try_for_each(|file| {
        let moved = file.move_to(Stage::Swap);
        moved.map_err(StorageError::io(&file.path()))
    })?;
    sync_names(log)
}

fn sync_names(log: &CompactedLog) -> Result<(), StorageError> {
    if !log.is_synced {
        return Ok(());
    }
    log.cache.disk().sync_dir(&log.directory).map_err(StorageError::io(&log.directory))
}
