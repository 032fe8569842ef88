//! The handle to one partition's log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::append::{Append, Appended};
use super::commit::Done;
use super::compaction::{CompactedLog, LastBatches, Replacement};
use super::config::LogConfig;
use super::directory::PartitionId;
use super::error::StorageError;
use super::log::{Log, LogHome};
use super::queue::{Queue, Refused};
use super::view::LogView;
use crate::base::uuid::Uuid;

/// Called with each new view, on a storage thread; must not block.
pub type Listener = Arc<dyn Fn(&LogView) + Send + Sync>;

/// What an append waits for before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// The batches are written and readable; they survive the process, not a power cut.
    Appended,
    /// The batches survive a power cut, as far as [`Durability`](super::Durability) goes.
    Durable,
}

/// Called with the outcome of an append, on a storage thread; must not block.
pub(super) type AppendReply = Box<dyn FnOnce(Result<Appended, StorageError>) + Send>;
/// Called with an answer, on a storage thread; must not block.
pub(super) type Reply<T> = Box<dyn FnOnce(T) + Send>;
/// Called with the new log start offset.
pub(super) type DeleteReply = Box<dyn FnOnce(Result<i64, StorageError>) + Send>;

/// What a storage thread is asked to do. Logs go by number: a deleted topic's log and its
/// successor's may live side by side.
pub(super) enum Command {
    Open {
        number: u64,
        log: Box<Log>,
        published: Arc<Published>,
    },
    Append {
        number: u64,
        append: Append,
        ack: Ack,
        reply: AppendReply,
    },
    DeleteRecords {
        number: u64,
        offset: i64,
        now_ms: i64,
        reply: DeleteReply,
    },
    /// Deletes, in all logs of the thread, what is past its retention.
    Retain {
        now_ms: i64,
        is_trusted: bool,
    },
    /// Hands out all logs that are compacted, as they are.
    Survey {
        reply: Reply<Vec<CompactedLog>>,
    },
    /// Hands out a log to be compacted, once all of it that may be is durable.
    Prepare {
        number: u64,
        reply: Reply<Result<(CompactedLog, LastBatches), StorageError>>,
    },
    /// Puts a compacted segment in the place of others; false if they are not there any more.
    Swap {
        number: u64,
        replacement: Replacement,
        reply: Reply<Result<bool, StorageError>>,
    },
    /// Notes, durably, that all before an offset is compacted.
    NoteCleaned {
        number: u64,
        cleaned_to: i64,
        reply: Reply<Result<(), StorageError>>,
    },
    SetConfig {
        number: u64,
        config: LogConfig,
    },
    Remove {
        number: u64,
        done: Done,
    },
    /// Removes a log that was never opened.
    RemoveUnopened {
        home: Box<LogHome>,
        topic_id: Uuid,
        done: Done,
    },
    Close,
}

impl Command {
    /// Answers without doing it.
    pub(super) fn refuse(self, error: StorageError) {
        match self {
            Self::Append { reply, .. } => reply(Err(error)),
            Self::DeleteRecords { reply, .. } => reply(Err(error)),
            Self::Remove { done, .. } | Self::RemoveUnopened { done, .. } => done(Err(error)),
            Self::Prepare { reply, .. } => reply(Err(error)),
            Self::Swap { reply, .. } => reply(Err(error)),
            Self::NoteCleaned { reply, .. } => reply(Err(error)),
            Self::Survey { reply } => reply(Vec::new()),
            Self::Open { .. } | Self::Retain { .. } | Self::SetConfig { .. } | Self::Close => {}
        }
    }
}

/// The newest view of a log, and who wants to know of it.
pub(super) struct Published {
    view: RwLock<Arc<LogView>>,
    listener: Listener,
}

impl Published {
    pub(super) fn new(view: LogView, listener: Listener) -> Arc<Self> {
        Arc::new(Self { view: RwLock::new(Arc::new(view)), listener })
    }

    pub(super) fn view(&self) -> Arc<LogView> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Publishes what the writer has done, but for a later log start offset: that, and the high
    /// watermark, move when they are durable. Returns the high watermark.
    pub(super) fn publish(&self, mut view: LogView) -> i64 {
        self.replace(|current| {
            view.high_watermark = view.high_watermark.max(current.high_watermark);
            view.start_as(current);
            Some(view)
        })
    }

    /// Lets readers see all below `high_watermark`, which is durable now.
    pub(super) fn advance(&self, high_watermark: i64) {
        self.replace(|current| {
            let is_later = high_watermark > current.high_watermark;
            is_later.then(|| LogView { high_watermark, ..current.clone() })
        });
    }

    /// Lets readers see nothing below `log_start_offset`, which is durable now.
    pub(super) fn start_at(&self, log_start_offset: i64) {
        self.replace(|current| {
            let is_later = log_start_offset > current.log_start_offset;
            is_later.then(|| {
                let mut view = current.clone();
                view.start_at(log_start_offset);
                view
            })
        });
    }

    /// Publishes the view that comes after the current one, if there is one; returns the high
    /// watermark.
    fn replace(&self, next: impl FnOnce(&LogView) -> Option<LogView>) -> i64 {
        // The old view is dropped outside the lock, which readers take for a clone only.
        let (view, old) = {
            let mut current = self.view.write().unwrap_or_else(PoisonError::into_inner);
            let Some(view) = next(&current).map(Arc::new) else { return current.high_watermark };
            (view.clone(), std::mem::replace(&mut *current, view))
        };
        drop(old);
        (self.listener)(&view);
        view.high_watermark
    }
}

/// One partition's log, to be read and written by anyone; clones are the same log.
///
/// Writes are queued for the thread that owns the log and answered by a callback on a storage
/// thread, which must not block. No method here waits for the disk, but for
/// [`PartitionLog::set_config`] and [`PartitionLog::remove`], which wait for room in the queue.
#[derive(Clone)]
pub struct PartitionLog {
    pub(super) number: u64,
    pub(super) partition: Arc<PartitionId>,
    pub(super) queue: Arc<Queue<Command>>,
    pub(super) published: Arc<Published>,
    pub(super) open: OpenPartitions,
}

/// The partitions whose logs are open, with the logs' numbers: no two logs may write to one
/// directory.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenPartitions(Arc<Mutex<HashMap<PartitionId, u64>>>);

impl OpenPartitions {
    /// Notes that a log is open; false if another one of that name is.
    pub(super) fn insert(&self, partition: &PartitionId, number: u64) -> bool {
        *self.numbers().entry(partition.clone()).or_insert(number) == number
    }

    fn remove(&self, partition: &PartitionId, number: u64) {
        let mut numbers = self.numbers();
        if numbers.get(partition) == Some(&number) {
            numbers.remove(partition);
        }
    }

    fn numbers(&self) -> MutexGuard<'_, HashMap<PartitionId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartitionLog {
    /// Which partition this is.
    pub fn partition(&self) -> &PartitionId {
        &self.partition
    }

    /// The newest view.
    pub fn view(&self) -> Arc<LogView> {
        self.published.view()
    }

    /// Appends batches. With [`Ack::Durable`] they are durable and readable when `reply` is called,
    /// else they will be soon: the high watermark follows. Appends are done in the order of the calls, but replies of
    /// appends with different `ack` may overtake each other.
    ///
    /// The reply is an error if the batches were refused ([`StorageError::OutOfOrderSequence`],
    /// [`StorageError::InvalidProducerEpoch`], [`StorageError::RecordListTooLarge`],
    /// [`StorageError::InvalidBatch`]), if too much is waiting ([`StorageError::Busy`], at once),
    /// or if the disk fails. After an I/O error the batches may be in the log or not.
    pub fn append(
        &self,
        append: Append,
        ack: Ack,
        reply: impl FnOnce(Result<Appended, StorageError>) + Send + 'static,
    ) {
        let reply = Box::new(reply);
        self.try_send(Command::Append { number: self.number, append, ack, reply });
    }

    /// Deletes the records before `offset`, which may be as large as the high watermark. `reply`
    /// gets the log start offset once it is durable; that never moves back, and an `offset` below
    /// it changes nothing.
    pub fn delete_records_before(
        &self,
        offset: i64,
        now_ms: i64,
        reply: impl FnOnce(Result<i64, StorageError>) + Send + 'static,
    ) {
        let reply = Box::new(reply);
        self.try_send(Command::DeleteRecords { number: self.number, offset, now_ms, reply });
    }

    /// Changes the log's settings for the appends that follow.
    pub fn set_config(&self, config: LogConfig) {
        self.send(Command::SetConfig { number: self.number, config });
    }

    /// Deletes the log and all its files. `reply` is called once no restart can bring it back;
    /// until the files are gone they stand in a directory whose name ends in `-delete`. Later
    /// writes get [`StorageError::Removed`]. A new log of the same name may be opened at once.
    pub fn remove(&self, reply: impl FnOnce(Result<(), StorageError>) + Send + 'static) {
        self.send(Command::Remove { number: self.number, done: Box::new(reply) });
        // A log of the same name that is opened from now on is queued behind the removal.
        self.open.remove(&self.partition, self.number);
    }

    fn try_send(&self, command: Command) {
        match self.queue.try_push(command) {
            Ok(()) => {}
            Err(Refused::Full(command)) => command.refuse(StorageError::Busy),
            Err(Refused::Closed(command)) => command.refuse(StorageError::Removed),
        }
    }

    fn send(&self, command: Command) {
        if let Err(command) = self.queue.push(command) {
            command.refuse(StorageError::Removed);
        }
    }
}
