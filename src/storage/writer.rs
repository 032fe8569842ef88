//! A storage thread: the only writer of the logs that are hosted on it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::append::{Append, Appended, Origin};
use super::commit::{Commit, Done, Garbage};
use super::compaction::{CompactedLog, LastBatches, Replacement};
use super::config::Durability;
use super::durable_ends::TopicPartition;
use super::error::StorageError;
use super::files::StoredFile;
use super::flushes::Flushes;
use super::log::{Log, LogHome};
use super::partition::{Ack, AppendReply, Command, DeleteReply, Published, Reply};
use super::poison::Poison;
use super::predecessors::Predecessors;
use super::queue::Queue;
use super::space::Space;
use super::swap::Swapped;
use crate::base::sabotage::{self, Bug};

/// Commands that wait for one storage thread at most.
pub(super) const COMMANDS_WAITING: usize = 65_536;

/// The thread's state.
pub(super) struct Writer {
    pub(super) commits: Arc<Queue<Commit>>,
    pub(super) durability: Durability,
    pub(super) poison: Poison,
    pub(super) logs: BTreeMap<u64, Hosted>,
    pub(super) predecessors: Predecessors,
    pub(super) flushes: Flushes,
    pub(super) space: Arc<Space>,
}

/// A log and where its views go.
pub(super) struct Hosted {
    pub(super) log: Log,
    published: Arc<Published>,
}

impl Hosted {
    fn publish(&mut self) {
        self.log.view.high_watermark = self.published.publish(self.log.view.clone());
    }

    /// Takes over how far the committer lets readers see.
    fn follow_readers(&mut self) {
        self.log.view.high_watermark = self.published.view().high_watermark;
    }

    /// Appends, for a client only if there is enough room.
    fn append(&mut self, append: Append, space: &Space) -> Result<Appended, StorageError> {
        match append.origin {
            Origin::Client => {
                space.admit(append.batches.len())?;
                self.log.append(append).inspect_err(|error| space.note(error))
            }
            Origin::Internal => space.with_reserve(|| self.log.append(append.clone())),
        }
    }

    /// Publishes a later log start offset, and has it made durable before `garbage` is removed.
    fn start_later(
        &mut self,
        commits: &Queue<Commit>,
        garbage: Vec<Arc<StoredFile>>,
        done: Option<Done>,
    ) {
        self.publish();
        if sabotage::has(Bug::ShowStartBeforeSync) {
            self.published.start_at(self.log.view.log_start_offset);
        }
        let log_start_offset = Some(self.log.view.log_start_offset);
        let commit = self.take_commit(done);
        let garbage = Garbage { files: garbage, delay: self.log.config.file_delete_delay };
        send(commits, Commit { log_start_offset, garbage, ..commit });
    }

    /// The log as compaction wants to see it; `None` if it is not compacted.
    fn compacted(&mut self, number: u64) -> Option<CompactedLog> {
        self.follow_readers();
        self.log.compacted(number)
    }

    /// Hands over what is dirty and what else there is to do when it is durable.
    fn commit_and(
        &mut self,
        commits: &Queue<Commit>,
        done: Done,
        add: impl FnOnce(Commit) -> Commit,
    ) {
        send(commits, add(self.take_commit(Some(done))));
    }

    /// Hands over what is dirty, to be answered when it is durable.
    fn commit(&mut self, commits: &Queue<Commit>, done: Option<Done>) {
        send(commits, self.take_commit(done));
    }

    fn take_commit(&mut self, done: Option<Done>) -> Commit {
        let readable = Some((self.published.clone(), self.log.view.log_end_offset));
        let dirty = self.log.take_dirty();
        Commit { readable, ..Commit::new(&self.log.home.partition, dirty, done) }
    }
}

impl Writer {
    /// Does what is in `queue` until it is closed and empty.
    ///
    /// # Errors
    /// The first log that could not be written out by [`Command::Close`].
    pub(super) fn run(mut self, queue: &Queue<Command>) -> Result<(), StorageError> {
        let mut closed = Ok(());
        while let Some(commands) = queue.take_all_within(self.flushes.idle_for(Instant::now())) {
            for command in commands {
                match command {
                    Command::Close => closed = self.close(),
                    command => self.execute(command),
                }
            }
            self.flush_due(Instant::now());
        }
        closed
    }

    /// Does what is asked, all but [`Command::Close`].
    pub(super) fn execute(&mut self, command: Command) {
        match command {
            Command::Open { number, log, published } => {
                self.logs.insert(number, Hosted { log: *log, published });
            }
            Command::Append { number, append, ack, reply } => {
                self.append(number, append, ack, reply);
            }
            Command::DeleteRecords { number, offset, now_ms, reply } => {
                self.delete_records(number, offset, now_ms, reply);
            }
            Command::Retain { now_ms, is_trusted } => self.retain(now_ms, is_trusted),
            Command::Survey { reply } => reply(self.survey()),
            Command::Prepare { number, reply } => self.prepare(number, reply),
            Command::Swap { number, replacement, reply } => self.swap(number, &replacement, reply),
            Command::NoteCleaned { number, cleaned_to, reply } => {
                self.note_cleaned(number, cleaned_to, reply);
            }
            Command::SetConfig { number, config } => {
                if let Some(hosted) = self.logs.get_mut(&number) {
                    hosted.log.config = config;
                    self.flushes.cancel(number);
                    self.schedule_flush(number);
                }
            }
            Command::Remove { number, done } => match self.logs.remove(&number) {
                Some(Hosted { log, .. }) => {
                    let topic_partition = log.topic_partition();
                    self.remove(log.home, topic_partition, done);
                }
                None => done(Err(StorageError::Removed)),
            },
            Command::RemoveUnopened { home, topic_id, done } => {
                let topic_partition = (topic_id, home.partition.partition());
                self.remove(*home, Some(topic_partition), done);
            }
            Command::Close => {}
        }
    }

    fn append(&mut self, number: u64, append: Append, ack: Ack, reply: AppendReply) {
        let result = self.check(number).and_then(|()| {
            let hosted = find(&mut self.logs, number)?;
            Ok((hosted.append(append, &self.space)?, hosted))
        });
        let (appended, hosted) = match result {
            Ok(result) => result,
            Err(error) => return reply(Err(error)),
        };
        if !appended.is_duplicate {
            hosted.publish();
        }
        if self.durability == Durability::Async {
            hosted.log.take_dirty();
            return reply(Ok(appended));
        }
        if ack == Ack::Durable || hosted.log.wants_flush() {
            let done = Box::new(move |result: Result<_, _>| reply(result.map(|()| appended)));
            hosted.commit(&self.commits, Some(done));
            self.flushes.cancel(number);
            return;
        }
        reply(Ok(appended));
        // Even if the producer does not wait: readers do, and recovery may skip a closed segment.
        if hosted.log.is_synced() || hosted.log.dirty.recovery_point.is_some() {
            hosted.commit(&self.commits, None);
            self.flushes.cancel(number);
        }
        self.schedule_flush(number);
    }

    /// Sees to it that what is not synced of a log will be, if its topic wants that.
    fn schedule_flush(&mut self, number: u64) {
        if let Some(Hosted { log, .. }) = self.logs.get(&number)
            && log.dirty.records > 0
            && let Some(at) = Instant::now().checked_add(log.config.flush_interval)
        {
            self.flushes.schedule(number, at);
        }
    }

    /// Has the logs synced whose time has come; nobody waits for it.
    fn flush_due(&mut self, now: Instant) {
        while let Some(number) = self.flushes.take_due(now) {
            match self.logs.get_mut(&number) {
                Some(hosted) if hosted.log.dirty.records > 0 => hosted.commit(&self.commits, None),
                _ => {}
            }
        }
    }

    fn delete_records(&mut self, number: u64, offset: i64, now_ms: i64, reply: DeleteReply) {
        let result = self.check(number).and_then(|()| {
            let hosted = find(&mut self.logs, number)?;
            hosted.follow_readers();
            let delete = || hosted.log.delete_records_before(offset, now_ms);
            Ok((self.space.with_reserve(delete)?, hosted))
        });
        let (garbage, hosted) = match result {
            Ok(result) => result,
            Err(error) => return reply(Err(error)),
        };
        let log_start_offset = hosted.log.view.log_start_offset;
        let done = Box::new(move |result: Result<_, _>| reply(result.map(|()| log_start_offset)));
        hosted.start_later(&self.commits, garbage, Some(done));
    }

    /// Deletes what is past its retention, in all logs. Nobody waits for it.
    fn retain(&mut self, now_ms: i64, is_trusted: bool) {
        if self.poison.check().is_err() {
            return;
        }
        for hosted in self.logs.values_mut() {
            hosted.follow_readers();
            let garbage = hosted.log.retain(now_ms, is_trusted);
            if !garbage.is_empty() {
                hosted.start_later(&self.commits, garbage, None);
            }
        }
    }

    /// The logs that are compacted.
    fn survey(&mut self) -> Vec<CompactedLog> {
        let compacted = |(number, hosted): (&u64, &mut Hosted)| hosted.compacted(*number);
        self.logs.iter_mut().filter_map(compacted).collect()
    }

    /// Hands out a log to be compacted. Recovery expects gaps in the offsets below the recovery
    /// point alone, so that is moved beyond all that may be compacted first.
    fn prepare(
        &mut self,
        number: u64,
        reply: Reply<Result<(CompactedLog, LastBatches), StorageError>>,
    ) {
        let found = self.check(number).and_then(|()| find(&mut self.logs, number));
        let compacted = found.and_then(|hosted| {
            let log = hosted.compacted(number).ok_or(StorageError::Removed)?;
            Ok((log, hosted.log.last_batches(), hosted))
        });
        let (log, last_batches, hosted) = match compacted {
            Ok(compacted) => compacted,
            Err(error) => return reply(Err(error)),
        };
        let active = log.view.active.as_ref();
        hosted.log.dirty.recovery_point = active.map(|active| active.segment.base_offset);
        let done = move |result: Result<(), _>| reply(result.map(|()| (log, last_batches)));
        hosted.commit(&self.commits, Some(Box::new(done)));
    }

    fn swap(
        &mut self,
        number: u64,
        replacement: &Replacement,
        reply: Reply<Result<bool, StorageError>>,
    ) {
        let found = self.check(number).and_then(|()| find(&mut self.logs, number));
        let swapped = found.and_then(|hosted| {
            let swapped = hosted.log.swap(replacement);
            hosted.publish();
            Ok((swapped?, hosted))
        });
        let (Swapped { new, old }, hosted) = match swapped {
            Ok((Some(swapped), hosted)) => (swapped, hosted),
            Ok((None, _)) | Err(StorageError::Removed) => return reply(Ok(false)),
            Err(error) => return reply(Err(error)),
        };
        let garbage = Garbage { files: old, delay: hosted.log.config.file_delete_delay };
        let done = move |result: Result<(), _>| reply(result.map(|()| true));
        hosted.commit_and(&self.commits, Box::new(done), |commit| Commit {
            swapped: new,
            garbage,
            ..commit
        });
    }

    fn note_cleaned(
        &mut self,
        number: u64,
        cleaned_to: i64,
        reply: Reply<Result<(), StorageError>>,
    ) {
        match self.check(number).and_then(|()| find(&mut self.logs, number)) {
            Ok(hosted) => {
                hosted.log.cleaned_to = Some(cleaned_to);
                hosted.commit_and(&self.commits, reply, |commit| Commit {
                    cleaned_to: Some(cleaned_to),
                    ..commit
                });
            }
            Err(error) => reply(Err(error)),
        }
    }

    fn remove(&mut self, home: LogHome, topic_partition: Option<TopicPartition>, done: Done) {
        if let Err(error) = self.poison.check() {
            return done(Err(error));
        }
        self.predecessors.remove(home, topic_partition, done, &self.commits);
    }

    /// Writes out all logs. They are committed as one group: each group stores a checkpoint of all
    /// partitions.
    pub(super) fn close(&mut self) -> Result<(), StorageError> {
        self.poison.check()?;
        let mut closed = Ok(());
        let mut commits = Vec::new();
        for hosted in self.logs.values_mut() {
            closed = closed.and(self.space.with_reserve(|| hosted.log.close()));
            if hosted.log.dirty.recovery_point.is_some() {
                commits.push(hosted.take_commit(None));
            }
        }
        self.commits.push_all(commits);
        closed
    }

    /// Whether a log may be written to: no sync has failed, and nothing of an earlier log of its
    /// name can reach it.
    fn check(&mut self, number: u64) -> Result<(), StorageError> {
        self.poison.check()?;
        match self.logs.get(&number).filter(|_| !self.predecessors.is_empty()) {
            Some(Hosted { log, .. }) => self.predecessors.check(&log.home.partition, &self.commits),
            None => Ok(()),
        }
    }
}

fn find(logs: &mut BTreeMap<u64, Hosted>, number: u64) -> Result<&mut Hosted, StorageError> {
    logs.get_mut(&number).ok_or(StorageError::Removed)
}

pub(super) fn send(commits: &Queue<Commit>, commit: Commit) {
    if let Err(commit) = commits.push(commit)
        && let Some(done) = commit.done
    {
        done(Err(StorageError::Removed));
    }
}
