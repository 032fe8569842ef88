//! A store without threads: its startup, its writer and its committer, each run when the test
//! says so, so that a seed tells the whole run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::super::commit::Garbage;
use super::super::committer::Committer;
use super::super::compaction::pass::Limits;
use super::super::compaction::round::{Failure, Round};
use super::super::directory::PartitionId;
use super::super::flushes::Flushes;
use super::super::partition::{Command, Published};
use super::super::poison::{FailStopDisk, Poison};
use super::super::predecessors::Predecessors;
use super::super::queue::Queue;
use super::super::startup::{self, RecoveredLogs};
use super::super::writer::Writer;
use super::super::{LogConfig, LogView, StorageError, StoreOptions};
use crate::base::disk::Disk;
use crate::base::disk::crash::CrashDisk;
use crate::base::uuid::Uuid;

/// What a queue holds at most.
const WAITING: usize = 1000;

pub(super) fn options() -> StoreOptions {
    StoreOptions { threads: 1, open_files: 4, ..StoreOptions::new("/data") }
}

/// One life of the process that owns the data directory.
pub(super) struct Process {
    disk: CrashDisk,
    pub(super) recovered: RecoveredLogs,
    writer: Writer,
    committer: Committer,
    logs_opened: u64,
    discarded: Receiver<Garbage>,
}

impl Process {
    /// Recovers what the disk holds.
    pub(super) fn start(disk: &CrashDisk) -> Result<Self, StorageError> {
        let options = options();
        let poison = Poison::default();
        let shared: Arc<dyn Disk> =
            Arc::new(FailStopDisk::new(Arc::new(disk.clone()), poison.clone()));
        let startup = startup::load(&shared, &options)?;
        poison.check()?;
        let writer = Writer {
            commits: Arc::new(Queue::new(WAITING)),
            durability: options.durability,
            poison: poison.clone(),
            logs: BTreeMap::new(),
            predecessors: Predecessors::default(),
            flushes: Flushes::default(),
            space: startup.space.clone(),
        };
        let (discarding, discarded) = channel();
        let committer = Committer::new(
            &shared,
            &options,
            poison,
            startup.checkpoints,
            discarding,
            startup.space,
        )?;
        let recovered = startup.logs;
        Ok(Self { disk: disk.clone(), recovered, writer, committer, logs_opened: 0, discarded })
    }

    /// Opens a log; returns its number and what readers see.
    pub(super) fn open(
        &mut self,
        partition: &PartitionId,
        topic_id: Uuid,
        config: LogConfig,
    ) -> Result<(u64, Arc<Published>), StorageError> {
        // A writer waits for the removal of a log of the same name.
        self.commit();
        let mut log = self.recovered.take(partition, topic_id)?;
        log.config = config;
        self.logs_opened += 1;
        let number = self.logs_opened;
        let published = Published::new(log.view.clone(), Arc::new(|_: &LogView| {}));
        let open = Command::Open { number, log: Box::new(log), published: published.clone() };
        self.writer.execute(open);
        Ok((number, published))
    }

    /// Removes a log that nobody has opened.
    pub(super) fn remove(
        &mut self,
        partition: &PartitionId,
        topic_id: Uuid,
    ) -> Result<(), StorageError> {
        let home = Box::new(self.recovered.give_up(partition, topic_id)?);
        self.writer.execute(Command::RemoveUnopened { home, topic_id, done: Box::new(|_| {}) });
        self.commit();
        Ok(())
    }

    /// Where a log will start once that is durable.
    pub(super) fn log_start_offset(&self, number: u64) -> i64 {
        self.writer.logs.get(&number).map_or(0, |hosted| hosted.log.view.log_start_offset)
    }

    /// Lets the writer do something.
    pub(super) fn write(&mut self, command: Command) {
        if !self.writer.predecessors.is_empty() {
            // A successor's first write waits for that.
            self.commit();
        }
        self.writer.execute(command);
    }

    /// Lets the committer commit all that waits, as one group.
    pub(super) fn commit(&mut self) {
        let next = Arc::new(Queue::new(WAITING));
        let waiting = std::mem::replace(&mut self.writer.commits, next);
        waiting.close();
        while let Some(group) = waiting.take_all_within(Duration::MAX) {
            self.committer.commit(group.into());
        }
    }

    /// Compacts a log as a thread of the cleaner does. `disturb` is called before each thing that
    /// the writer is told, with the number of things before it.
    pub(super) fn compact(
        &mut self,
        number: u64,
        limits: Limits,
        now_ms: i64,
        disturb: impl Fn(&mut Self, usize),
    ) -> Result<(), Failure> {
        let space = self.writer.space.clone();
        let state = RefCell::new((self, 0));
        let tell = |command| {
            let (process, told) = &mut *state.borrow_mut();
            disturb(process, *told);
            *told += 1;
            process.write(command);
            process.commit();
            Ok(())
        };
        let stop = AtomicBool::new(false);
        Round { number, tell: &tell, space: &space, stop: &stop }.run(limits, now_ms)
    }

    /// Removes the files of deleted segments, as housekeeping does when their delay is over.
    pub(super) fn remove_garbage(&mut self) {
        self.discarded.try_iter().for_each(Garbage::remove);
    }

    /// Looks at the room on the disk, as housekeeping does every second.
    pub(super) fn look_at_space(&self) {
        self.writer.space.look();
    }

    /// Whether a sync has failed.
    pub(super) fn is_poisoned(&self) -> bool {
        self.writer.poison.check().is_err()
    }

    /// Stops as [`Store::close`](super::super::Store::close) does.
    pub(super) fn close(mut self) -> Result<(), StorageError> {
        let closed = self.writer.close();
        self.commit();
        closed?;
        self.writer.poison.check()?;
        startup::mark_clean(&self.disk, &options())
    }
}
