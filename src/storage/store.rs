//! The store: a data directory, the storage threads that write to it, and its committer.
//!
//! Threads: `threads` writers, each the only one to touch the logs that are hosted on it, one
//! committer that syncs for all of them, one that keeps the time for housekeeping, and those of the
//! cleaner. Replies and listeners are called on writers and committer.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::commit::{Commit, Garbage};
use super::committer::{COMMITS_WAITING, Committer};
use super::compaction::CleanerOptions;
use super::compaction::cleaner::Cleaner;
use super::config::{LogConfig, StoreOptions};
use super::directory::PartitionId;
use super::error::StorageError;
use super::flushes::Flushes;
use super::housekeeping::{Housekeeping, HousekeepingOptions};
use super::partition::{Command, Listener, OpenPartitions, PartitionLog, Published};
use super::poison::{FailStopDisk, Poison};
use super::predecessors::Predecessors;
use super::queue::Queue;
use super::space::Space;
use super::startup::{self, RecoveredLogs, RecoveredPartition};
use super::writer::{COMMANDS_WAITING, Writer};
use crate::base::clock::Clock;
use crate::base::disk::Disk;
use crate::base::uuid::Uuid;

/// A data directory that is open.
///
/// Dropping it leaves the directory as a crash of the process would; [`Store::close`] ends it
/// cleanly.
pub struct Store {
    disk: Arc<dyn Disk>,
    options: StoreOptions,
    poison: Poison,
    space: Arc<Space>,
    next_number: AtomicU64,
    recovered: Mutex<RecoveredLogs>,
    open: OpenPartitions,
    writers: Vec<Running<Command, Result<(), StorageError>>>,
    committer: Option<Running<Commit, ()>>,
    /// What the committer hands over, until housekeeping takes it.
    discarded: Option<Receiver<Garbage>>,
    housekeeping: Option<JoinHandle<()>>,
    cleaner: Option<Cleaner>,
}

/// A thread and the queue that it serves.
struct Running<T, R> {
    queue: Arc<Queue<T>>,
    thread: JoinHandle<R>,
}

impl Store {
    /// Opens a data directory, creating it if need be, and recovers the logs that are in it.
    ///
    /// A log that cannot be recovered does not keep the others from being opened.
    ///
    /// # Errors
    /// The directory cannot be read, written or synced, or a checkpoint has an unknown version.
    pub fn open(disk: Arc<dyn Disk>, options: StoreOptions) -> Result<Self, StorageError> {
        let poison = Poison::default();
        let disk: Arc<dyn Disk> = Arc::new(FailStopDisk::new(disk, poison.clone()));
        let startup = startup::load(&disk, &options)?;
        poison.check()?;
        let mut store = Self {
            disk,
            options,
            poison,
            space: startup.space,
            next_number: AtomicU64::new(0),
            recovered: Mutex::new(startup.logs),
            open: OpenPartitions::default(),
            writers: Vec::new(),
            committer: None,
            discarded: None,
            housekeeping: None,
            cleaner: None,
        };
        let (discarding, discarded) = mpsc::channel();
        store.discarded = Some(discarded);
        let committer = Committer::new(
            &store.disk,
            &store.options,
            store.poison.clone(),
            startup.checkpoints,
            discarding,
            store.space.clone(),
        )?;
        store.start_threads(committer)?;
        Ok(store)
    }

    fn start_threads(&mut self, committer: Committer) -> Result<(), StorageError> {
        let commits = Arc::new(Queue::new(COMMITS_WAITING));
        let run = |queue: &_| committer.run(queue);
        self.committer = Some(self.spawn("kf-commit", commits.clone(), run)?);
        for number in 0..self.options.threads.max(1) {
            let writer = Writer {
                commits: commits.clone(),
                durability: self.options.durability,
                poison: self.poison.clone(),
                logs: BTreeMap::new(),
                predecessors: Predecessors::default(),
                flushes: Flushes::default(),
                space: self.space.clone(),
            };
            let commands = Arc::new(Queue::new(COMMANDS_WAITING));
            let run = |queue: &_| writer.run(queue);
            let writer = self.spawn(&format!("kf-storage-{number}"), commands, run)?;
            self.writers.push(writer);
        }
        Ok(())
    }

    /// Looks after the logs from now on: deletes what is past its retention by `clock`, and removes
    /// the files of deleted segments when their delay is over. Without it, nothing is ever too old
    /// or too much, and those files stay until the next start. A second call changes nothing.
    ///
    /// # Errors
    /// The thread could not be started.
    pub fn start_housekeeping(
        &mut self,
        clock: Arc<dyn Clock>,
        options: &HousekeepingOptions,
    ) -> Result<(), StorageError> {
        let Some(discarded) = self.discarded.take() else { return Ok(()) };
        let writers = self.writers.iter().map(|writer| writer.queue.clone()).collect();
        let housekeeping =
            Housekeeping::new(clock, options, writers, discarded, self.space.clone());
        let name = "kf-housekeeping".to_owned();
        let spawned = thread::Builder::new().name(name).spawn(move || housekeeping.run());
        let thread = spawned.map_err(StorageError::io(&self.options.directory))?;
        self.housekeeping = Some(thread);
        Ok(())
    }

    /// Compacts the logs that are to be from now on. A second call changes nothing; see
    /// [`Store::configure_cleaner`].
    ///
    /// # Errors
    /// A thread could not be started.
    pub fn start_cleaner(
        &mut self,
        clock: Arc<dyn Clock>,
        options: CleanerOptions,
    ) -> Result<(), StorageError> {
        if self.cleaner.is_none() {
            let writers = self.writers.iter().map(|writer| writer.queue.clone()).collect();
            self.cleaner =
                Some(Cleaner::new(clock, self.poison.clone(), self.space.clone(), writers));
        }
        self.configure_cleaner(options)
    }

    /// Puts other options of the cleaner into effect; without one there is nothing to do.
    ///
    /// # Errors
    /// A thread could not be started.
    pub fn configure_cleaner(&self, options: CleanerOptions) -> Result<(), StorageError> {
        let spawn = |number: usize, work: Box<dyn FnOnce() + Send>| {
            let spawned = thread::Builder::new().name(format!("kf-cleaner-{number}")).spawn(work);
            spawned.map_err(StorageError::io(&self.options.directory))
        };
        self.cleaner.as_ref().map_or(Ok(()), |cleaner| cleaner.configure(options, spawn))
    }

    /// Starts a thread that serves `queue`. If it dies, the store is poisoned, and nobody waits
    /// for an answer from it.
    fn spawn<T: Send + 'static, R: Send + 'static>(
        &self,
        name: &str,
        queue: Arc<Queue<T>>,
        run: impl FnOnce(&Queue<T>) -> R + Send + 'static,
    ) -> Result<Running<T, R>, StorageError> {
        let served = Served { queue: queue.clone(), poison: self.poison.clone() };
        let spawned =
            thread::Builder::new().name(name.to_owned()).spawn(move || run(&served.queue));
        let thread = spawned.map_err(StorageError::io(&self.options.directory))?;
        Ok(Running { queue, thread })
    }

    /// The logs that were on disk at the start and that nobody has opened yet, in order.
    pub fn recovered(&self) -> Vec<RecoveredPartition> {
        self.not_opened().list()
    }

    /// Opens a partition's log: the one that was on disk at the start, or else an empty one whose
    /// directory is created by the first append. `listener` is called with each new view.
    ///
    /// # Errors
    /// The log is open already, belongs to another topic id, or could not be recovered.
    pub fn open_partition(
        &self,
        partition: PartitionId,
        topic_id: Uuid,
        config: LogConfig,
        listener: Listener,
    ) -> Result<PartitionLog, StorageError> {
        let mut log = self.not_opened().take(&partition, topic_id)?;
        log.config = config;
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        if !self.open.insert(&partition, number) {
            return Err(StorageError::AlreadyOpen(partition.to_string()));
        }
        let published = Published::new(log.view.clone(), listener);
        let queue = self.writer_of(&partition)?;
        let open = Command::Open { number, log: Box::new(log), published: published.clone() };
        queue.push(open).map_err(|_| StorageError::Removed)?;
        Ok(PartitionLog {
            number,
            partition: Arc::new(partition),
            queue: queue.clone(),
            published,
            open: self.open.clone(),
        })
    }

    /// Deletes a topic's log that is among [`Store::recovered`], whether it can be opened or not.
    /// `reply` is called once no restart can bring it back, on a storage thread; a new log of the
    /// same name may be opened at once.
    ///
    /// # Errors
    /// [`StorageError::Removed`] if it is not among them, or it belongs to another topic id; there
    /// is no reply then.
    pub fn remove_recovered(
        &self,
        partition: &PartitionId,
        topic_id: Uuid,
        reply: impl FnOnce(Result<(), StorageError>) + Send + 'static,
    ) -> Result<(), StorageError> {
        let home = Box::new(self.not_opened().give_up(partition, topic_id)?);
        let remove = Command::RemoveUnopened { home, topic_id, done: Box::new(reply) };
        if let Err(remove) = self.writer_of(partition)?.push(remove) {
            remove.refuse(StorageError::Removed);
        }
        Ok(())
    }

    /// The queue of the thread that writes to logs of a name: a topic that is created anew must
    /// find its predecessor's directory gone.
    fn writer_of(&self, partition: &PartitionId) -> Result<&Arc<Queue<Command>>, StorageError> {
        let mut hasher = DefaultHasher::new();
        partition.hash(&mut hasher);
        let writer = hasher.finish() as usize % self.writers.len().max(1);
        self.writers.get(writer).map(|writer| &writer.queue).ok_or(StorageError::Removed)
    }

    /// # Errors
    /// [`StorageError::Poisoned`] once a sync has failed: nothing more is accepted, and what the
    /// disk holds is unknown until the next start.
    pub fn check(&self) -> Result<(), StorageError> {
        self.poison.check()
    }

    /// Finishes what is queued, writes out all logs, makes all durable, and marks the directory
    /// as clean, unless there is a log in it that could not be opened. Handles that are still around get [`StorageError::Removed`].
    ///
    /// # Errors
    /// Something could not be made durable; the next start will then recover.
    pub fn close(mut self) -> Result<(), StorageError> {
        for Running { queue, .. } in &self.writers {
            // A closed queue has lost its thread, which is noticed when it is joined.
            queue.push(Command::Close).ok();
        }
        self.join()?;
        self.poison.check()?;
        if self.not_opened().logs.values().any(Result::is_err) {
            // Nobody has looked at what is in it.
            return Ok(());
        }
        startup::mark_clean(&*self.disk, &self.options)
    }

    /// Ends the threads: the cleaner, the writers, and those that they need.
    fn join(&mut self) -> Result<(), StorageError> {
        // It waits for the writers.
        let mut closed = self.cleaner.take().map_or(Ok(()), Cleaner::stop);
        self.writers.iter().for_each(|writer| writer.queue.close());
        for Running { thread, .. } in self.writers.drain(..) {
            closed = closed.and(thread.join().unwrap_or(Err(StorageError::Removed)));
        }
        if let Some(Running { queue, thread }) = self.committer.take() {
            queue.close();
            closed = closed.and(thread.join().map_err(|_| StorageError::Removed));
        }
        // It ends with the committer.
        if let Some(thread) = self.housekeeping.take() {
            closed = closed.and(thread.join().map_err(|_| StorageError::Removed));
        }
        closed
    }

    fn not_opened(&self) -> MutexGuard<'_, RecoveredLogs> {
        self.recovered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.join().ok();
    }
}

/// A queue as the thread holds it that serves it.
struct Served<T> {
    queue: Arc<Queue<T>>,
    poison: Poison,
}

impl<T> Drop for Served<T> {
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let thread = thread::current();
        self.poison.set(format_args!("{} died", thread.name().unwrap_or("a storage thread")));
        self.queue.close();
        // Whoever waits for something in it learns that nobody will answer.
        drop(self.queue.take_all_within(Duration::ZERO));
    }
}

#[cfg(test)]
mod tests;
