//! The writer's side of one partition's log: appending, rolling, deleting from the front.
//!
//! A log writes through to the operating system at once and syncs nothing itself: it gathers
//! what has to be synced in [`Dirty`], and the committer does so for many logs together.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::append::{Append, Appended, Origin, Placed, log_append_time_ms};
use super::config::{Durability, LogConfig, StoreOptions};
use super::directory::{self, PartitionId};
use super::durable_ends::{DurableEnd, TopicPartition};
use super::epochs;
use super::error::StorageError;
use super::files::{FileCache, FileKind, LogDirectory, StoredFile};
use super::index::{Entry, OffsetEntry, SumEntry, TimeEntry};
use super::producer_snapshot;
use super::producers::Producers;
use super::retention::{LogFacts, SegmentFacts, expired};
use super::segment::{Segment, SegmentView};
use super::view::LogView;
use crate::base::disk::Disk;
use crate::base::sabotage::{self, Bug};
use crate::base::uuid::Uuid;
use crate::wire::records::BatchHeader;

/// How often idle producers are looked for: Kafka's `producer.id.expiration.check.interval.ms`.
const PRODUCER_EXPIRATION_CHECK_MS: i64 = 10 * 60 * 1000;
/// Bytes of a log that recovery walks at most, beyond one append: the recovery point follows the
/// log end at this distance.
const RECOVERY_BYTES: u64 = 64 << 20;
/// Snapshots that are kept; the older one serves when the newer one is damaged.
const SNAPSHOTS_KEPT: usize = 2;

/// What has to be synced before all that was appended is durable.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    pub(super) files: Vec<Arc<StoredFile>>,
    pub(super) directories: Vec<Arc<Path>>,
    /// Once all is synced, recovery may start here.
    pub(super) recovery_point: Option<i64>,
    /// Once all is synced, the log is durable up to here.
    pub(super) durable_end: Option<(TopicPartition, DurableEnd)>,
    /// Records that were appended.
    pub(super) records: u64,
}

impl Dirty {
    pub(super) fn add_file(&mut self, file: &Arc<StoredFile>) {
        if self.files.iter().all(|known| known.id() != file.id()) {
            self.files.push(file.clone());
        }
    }
}

/// What the writer knows of the segment it appends to, beyond what readers see.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ActiveState {
    pub(super) bytes_since_index_entry: u64,
    /// Largest timestamp of the first batch.
    pub(super) first_timestamp: Option<i64>,
    /// When it was created, if by this process.
    pub(super) created_ms: Option<i64>,
    /// Whether room is reserved beyond its end.
    pub(super) has_reserve: bool,
    /// How large it was when the recovery point was moved into it, or when it was opened.
    pub(super) checkpointed_size: u64,
}

/// What does not change about a log.
#[derive(Clone)]
pub(super) struct LogHome {
    pub(super) partition: PartitionId,
    pub(super) directory: Arc<LogDirectory>,
    pub(super) cache: Arc<FileCache>,
    pub(super) durability: Durability,
    pub(super) producer_id_expiration_ms: i64,
}

impl LogHome {
    pub(super) fn new(
        partition: PartitionId,
        cache: &Arc<FileCache>,
        options: &StoreOptions,
    ) -> Self {
        Self {
            directory: LogDirectory::new(options.directory.join(partition.to_string())),
            partition,
            cache: cache.clone(),
            durability: options.durability,
            producer_id_expiration_ms: options.producer_id_expiration_ms,
        }
    }

    pub(super) fn is_synced(&self) -> bool {
        self.durability == Durability::Synced
    }

    /// Gives the directory the name of a deleted one, and says what has to be synced then; `None`
    /// if there is no directory.
    pub(super) fn rename_for_deletion(&self) -> Result<Option<(PathBuf, Dirty)>, StorageError> {
        let Some(parent) = self.directory.parent() else { return Ok(None) };
        let deleted = parent.join(self.partition.deleted_directory(Uuid::random()));
        match self.directory.give_up(|| self.cache.disk().rename(&self.directory, &deleted)) {
            Ok(()) => {
                let directories = vec![parent.into()];
                Ok(Some((deleted, Dirty { directories, ..Dirty::default() })))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StorageError::io(&self.directory)(error)),
        }
    }
}

/// One partition's log, owned by the one thread that writes to it.
pub(super) struct Log {
    pub(super) home: LogHome,
    pub(super) topic_id: Option<Uuid>,
    pub(super) config: LogConfig,
    pub(super) directory_exists: bool,
    /// What readers will see next.
    pub(super) view: LogView,
    pub(super) active: ActiveState,
    pub(super) producers: Producers,
    /// Offsets of the snapshot files, oldest first.
    pub(super) snapshots: Vec<i64>,
    pub(super) dirty: Dirty,
    /// All before this offset has been compacted, if it ever was.
    pub(super) cleaned_to: Option<i64>,
    /// The log end offset when all was last written out.
    pub(super) flushed_to: Option<i64>,
    producers_checked_ms: i64,
    /// Whether there is no file of leader epochs yet.
    pub(super) epochs_unwritten: bool,
    /// Whether a part of a failed write may stand behind the last batch.
    is_torn: bool,
    /// Whether such a part was cut off the active segment.
    was_cut: bool,
}

impl Log {
    /// A log without records; its directory is created by the first append.
    pub(super) fn new(home: LogHome, topic_id: Option<Uuid>) -> Self {
        Self {
            home,
            topic_id,
            config: LogConfig::default(),
            directory_exists: false,
            view: LogView::empty(),
            active: ActiveState::default(),
            producers: Producers::default(),
            snapshots: Vec::new(),
            dirty: Dirty::default(),
            cleaned_to: None,
            flushed_to: None,
            producers_checked_ms: 0,
            epochs_unwritten: false,
            is_torn: false,
            was_cut: false,
        }
    }

    /// Appends batches; readers see them once the view is published.
    pub(super) fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        let (size, segment_bytes) = (append.batches.len(), self.config.segment_bytes);
        if size > segment_bytes as usize {
            return Err(StorageError::RecordListTooLarge { size, segment_bytes });
        }
        let Append { batches, leader_epoch, now_ms, origin } = append;
        let placed = Placed::new(batches, self.view.log_end_offset, leader_epoch)?;
        if origin == Origin::Client
            && let Some(duplicate) = self.check_producers(&placed, now_ms)?
        {
            return Ok(duplicate);
        }
        self.make_room(&placed, now_ms)?;
        self.start_epoch(leader_epoch, placed.first.base_offset)?;
        self.write(&placed)?;
        for header in &placed.headers {
            self.note(header);
        }
        self.checkpoint();
        Ok(Appended {
            base_offset: placed.first.base_offset,
            last_offset: placed.last.last_offset(),
            log_append_time_ms: log_append_time_ms(&placed.first, placed.first.max_timestamp),
            log_start_offset: self.view.log_start_offset,
            is_duplicate: false,
        })
    }

    /// Checks sequence numbers; `Some` is where the same batch went before.
    fn check_producers(
        &mut self,
        placed: &Placed,
        now_ms: i64,
    ) -> Result<Option<Appended>, StorageError> {
        if now_ms.saturating_sub(self.producers_checked_ms) >= PRODUCER_EXPIRATION_CHECK_MS {
            self.producers_checked_ms = now_ms;
            self.producers.expire(now_ms, self.home.producer_id_expiration_ms);
        }
        for header in &placed.headers {
            if header.has_producer_id()
                && let Some(earlier) = self.producers.check(header)?
            {
                return Ok(Some(Appended {
                    base_offset: earlier.base_offset(),
                    last_offset: earlier.last_offset,
                    log_append_time_ms: log_append_time_ms(header, earlier.timestamp),
                    log_start_offset: self.view.log_start_offset,
                    is_duplicate: true,
                }));
            }
        }
        Ok(None)
    }

    /// Sees to it that there is an active segment which takes the batches.
    fn make_room(&mut self, placed: &Placed, now_ms: i64) -> Result<(), StorageError> {
        if self.view.active.is_none() {
            self.create_directory()?;
            return self.create_segment(now_ms);
        }
        if self.is_full(placed, now_ms) { self.roll(now_ms) } else { Ok(()) }
    }

    /// Whether the batches need a new segment, by Kafka's rules.
    fn is_full(&self, placed: &Placed, now_ms: i64) -> bool {
        let Some(active) = &self.view.active else { return true };
        if active.size == 0 {
            return false;
        }
        let age_ms = match self.active.first_timestamp {
            Some(first) if first >= 0 => placed.max_timestamp().saturating_sub(first),
            _ => now_ms.saturating_sub(self.active.created_ms.unwrap_or(now_ms)),
        };
        let index_limit = u64::from(self.config.segment_index_bytes);
        let indexes = active.segment.indexes();
        active.size + placed.bytes.len() as u64 > u64::from(self.config.segment_bytes)
            || age_ms > self.segment_ms(active.segment.base_offset)
            || indexes.offsets.size() + OffsetEntry::SIZE as u64 > index_limit
            || indexes.times.size() + TimeEntry::SIZE as u64 > index_limit
            || active.segment.relative(placed.last.last_offset()).is_none()
    }

    /// How long the segment that starts at an offset may live. The jitter is a different one for
    /// each segment, but always the same for one, so that a restart does not change it.
    fn segment_ms(&self, base_offset: i64) -> i64 {
        let LogConfig { segment_jitter_ms, .. } = self.config;
        // What has to be compacted must not stay in the active segment.
        let compaction = self.config.compaction.as_ref();
        let max_lag_ms = compaction.map_or(i64::MAX, |compaction| compaction.max_lag_ms);
        let segment_ms = self.config.segment_ms.min(max_lag_ms);
        let mut hasher = DefaultHasher::new();
        (&self.home.partition, base_offset).hash(&mut hasher);
        match u64::try_from(segment_jitter_ms.min(segment_ms)) {
            Ok(bound @ 1..) => segment_ms - (hasher.finish() % bound) as i64,
            _ => segment_ms,
        }
    }

    /// Writes the batches to the active segment, or takes them back.
    fn write(&mut self, placed: &Placed) -> Result<(), StorageError> {
        self.take_back()?;
        let Some(active) = &self.view.active else { return Err(StorageError::Removed) };
        let log = active.segment.log.clone();
        let file = log.get().map_err(StorageError::io(&log.path()))?;
        let written = file.write_at(&placed.bytes, active.size);
        self.dirty.add_file(&log);
        if let Err(error) = written {
            self.is_torn = true;
            // If this fails too, it is tried again before the next write.
            self.take_back().ok();
            return Err(StorageError::io(&log.path())(error));
        }
        Ok(())
    }

    /// Cuts off what a failed write may have left behind the last batch.
    fn take_back(&mut self) -> Result<(), StorageError> {
        let Some(active) = self.view.active.as_ref().filter(|_| self.is_torn) else {
            return Ok(());
        };
        let log = &active.segment.log;
        let cut = log.get().and_then(|file| file.set_len(active.size));
        cut.map_err(StorageError::io(&log.path()))?;
        (self.is_torn, self.was_cut) = (false, true);
        Ok(())
    }

    /// Makes it durable that something was cut off the active segment: recovery does not look at
    /// the end of a segment that others follow, if all that it promised is there.
    fn sync_cut(&mut self) -> Result<(), StorageError> {
        if let Some(active) = self.view.active.as_ref().filter(|_| self.was_cut)
            && self.home.is_synced()
        {
            let log = &active.segment.log;
            let synced = log.get().and_then(|file| file.sync_data());
            synced.map_err(StorageError::io(&log.path()))?;
        }
        self.was_cut = false;
        Ok(())
    }

    /// Moves the recovery point to the log end when it is too far behind.
    fn checkpoint(&mut self) {
        let Some(active) = &self.view.active else { return };
        let size = active.size;
        if size - self.active.checkpointed_size < RECOVERY_BYTES || !self.home.is_synced() {
            return;
        }
        self.active.checkpointed_size = size;
        match self.flush() {
            Ok(()) => self.dirty.recovery_point = Some(self.view.log_end_offset),
            // Only a recovery would take longer; a later one may succeed.
            Err(error) => tracing::warn!(%error, "cannot move the recovery point"),
        }
    }

    /// Takes a batch that stands in the active segment's file into the log's state.
    fn note(&mut self, header: &BatchHeader) {
        let Some(active) = &mut self.view.active else { return };
        index_batch(active, &mut self.active, header, self.config.index_interval_bytes);
        self.producers.update(header);
        self.dirty.records += u64::from(header.last_offset_delta.unsigned_abs()) + 1;
        self.view.log_end_offset = header.next_offset();
        if !self.is_synced() || sabotage::has(Bug::ShowBeforeSync) {
            self.view.high_watermark = self.view.log_end_offset;
        }
    }

    /// Whether records are durable before they are seen.
    pub(super) fn is_synced(&self) -> bool {
        self.home.is_synced() && self.config.durability == Durability::Synced
    }

    fn start_epoch(&mut self, epoch: i32, start_offset: i64) -> Result<(), StorageError> {
        if !self.view.epochs.is_new(epoch) {
            return Ok(());
        }
        let earlier = self.view.epochs.clone();
        Arc::make_mut(&mut self.view.epochs).assign(epoch, start_offset);
        if earlier.latest().is_none() {
            // A missing file is made again from the log, so the first append does not wait for it.
            self.epochs_unwritten = true;
            return Ok(());
        }
        let written = self.write_epochs();
        if written.is_err() {
            self.view.epochs = earlier;
        }
        written
    }

    /// Writes the leader epochs durably: without the newest one the file would look right.
    pub(super) fn write_epochs(&mut self) -> Result<(), StorageError> {
        self.replace_epochs(self.home.is_synced())
    }

    fn replace_epochs(&mut self, durably: bool) -> Result<(), StorageError> {
        let path = self.home.directory.join(epochs::FILE_NAME);
        let text = self.view.epochs.to_text();
        let written = self.disk().replace(&path, text.as_bytes(), durably);
        written.map_err(StorageError::io(&path))?;
        self.epochs_unwritten = false;
        Ok(())
    }

    fn create_directory(&mut self) -> Result<(), StorageError> {
        if self.directory_exists {
            return Ok(());
        }
        let directory = self.home.directory.clone();
        self.disk().create_dir_all(&directory).map_err(StorageError::io(&directory))?;
        if let Some(topic_id) = self.topic_id {
            directory::write_metadata(self.disk(), &directory, topic_id, self.home.is_synced())?;
        }
        self.dirty.directories.extend(directory.parent().map(Arc::from));
        self.directory_exists = true;
        Ok(())
    }

    fn create_segment(&mut self, now_ms: i64) -> Result<(), StorageError> {
        let (home, base_offset) = (&self.home, self.view.log_end_offset);
        let segment = Segment::new(&home.cache, &home.directory, base_offset);
        let created = segment.log.create().and_then(|file| match self.config.preallocate {
            true => file.reserve(u64::from(self.config.segment_bytes)),
            false => Ok(()),
        });
        created.map_err(|error| {
            // An empty segment would say where the log goes on.
            segment.log.remove().ok();
            StorageError::io(&segment.log.path())(error)
        })?;
        self.dirty.directories.push((**home.directory).into());
        self.view.active = Some(SegmentView::empty(Arc::new(segment)));
        self.active = ActiveState {
            created_ms: Some(now_ms),
            has_reserve: self.config.preallocate,
            ..ActiveState::default()
        };
        Ok(())
    }

    /// Gives back the room that was reserved for the active segment and is not used.
    fn give_back_reserve(&mut self) {
        if let Some(SegmentView { segment, size, .. }) = &self.view.active
            && std::mem::take(&mut self.active.has_reserve)
            && let Err(error) = segment.log.get().and_then(|file| file.set_len(*size))
        {
            let path = segment.log.path();
            tracing::warn!(path = %path.display(), %error, "cannot give back reserved room");
        }
    }

    /// Closes the active segment and starts the next one at the log end offset.
    fn roll(&mut self, now_ms: i64) -> Result<(), StorageError> {
        self.take_back()?;
        self.sync_cut()?;
        self.give_back_reserve();
        self.flush()?;
        if self.home.is_synced() {
            self.dirty.recovery_point = Some(self.view.log_end_offset);
        }
        let closed = self.view.active.take();
        if let Err(error) = self.create_segment(now_ms) {
            self.view.active = closed;
            return Err(error);
        }
        Arc::make_mut(&mut self.view.closed).extend(closed);
        Ok(())
    }

    /// Writes out all there is, so that a clean start needs no recovery.
    pub(super) fn close(&mut self) -> Result<(), StorageError> {
        self.give_back_reserve();
        self.flush()?;
        if sabotage::has(Bug::CloseWithoutSync) {
            self.dirty.files.clear();
        }
        if self.view.active.is_some() && self.home.is_synced() {
            self.dirty.recovery_point = Some(self.view.log_end_offset);
        }
        Ok(())
    }

    /// Writes what belongs to the log but is kept in memory: index entries, producers, epochs.
    pub(super) fn flush(&mut self) -> Result<(), StorageError> {
        let Some(active) = &self.view.active else { return Ok(()) };
        if self.flushed_to == Some(self.view.log_end_offset) {
            return Ok(());
        }
        let segment = active.segment.clone();
        if active.max_timestamp >= 0
            && let Some(relative_offset) = segment.relative(active.max_timestamp_offset)
        {
            let youngest = TimeEntry { timestamp: active.max_timestamp, relative_offset };
            segment.indexes_mut().times.push(youngest);
        }
        let flushed = segment.indexes_mut().flush();
        flushed.map_err(StorageError::io(&self.home.directory))?;
        if !sabotage::has(Bug::SkipClosedSegmentSync) {
            segment.files().iter().for_each(|file| self.dirty.add_file(file));
        }
        self.dirty.directories.push((**self.home.directory).into());
        if self.epochs_unwritten {
            // The first such file: one that a power cut tears or takes is made again from the log.
            self.replace_epochs(false)?;
        }
        self.write_snapshot()?;
        self.flushed_to = Some(self.view.log_end_offset);
        Ok(())
    }

    /// Writes the producers as they are at the log end offset, and removes old snapshots.
    fn write_snapshot(&mut self) -> Result<(), StorageError> {
        let offset = self.view.log_end_offset;
        if self.snapshots.last() == Some(&offset) {
            return Ok(());
        }
        let path = FileKind::Snapshot.path(&self.home.directory, offset);
        // Not durable: a snapshot that is damaged is noticed, and the log has all it says.
        let bytes = producer_snapshot::encode(&self.producers);
        self.disk().replace(&path, &bytes, false).map_err(StorageError::io(&path))?;
        self.snapshots.push(offset);
        let excess = self.snapshots.len().saturating_sub(SNAPSHOTS_KEPT);
        for offset in self.snapshots.drain(..excess).collect::<Vec<_>>() {
            let path = FileKind::Snapshot.path(&self.home.directory, offset);
            match self.disk().remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), %error, "cannot remove a snapshot");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Moves the log start offset up to `offset`. Returns the files of segments that hold nothing
    /// any more; they may go once the new start is durable.
    pub(super) fn delete_records_before(
        &mut self,
        offset: i64,
        now_ms: i64,
    ) -> Result<Vec<Arc<StoredFile>>, StorageError> {
        if offset < 0 || offset > self.view.high_watermark {
            return Err(StorageError::OffsetOutOfRange {
                offset,
                log_start_offset: self.view.log_start_offset,
                log_end_offset: self.view.log_end_offset,
            });
        }
        if offset <= self.view.log_start_offset {
            return Ok(Vec::new());
        }
        let is_empty = self.view.active.as_ref().is_none_or(|active| active.size == 0);
        if offset == self.view.log_end_offset && !is_empty {
            self.roll(now_ms)?;
        }
        Ok(self.start_at(offset))
    }

    /// Deletes the segments that have outlived the topic's retention, for their age only if the
    /// clock is trusted. Returns their files; they may go once the new start is durable.
    pub(super) fn retain(&mut self, now_ms: i64, is_trusted: bool) -> Vec<Arc<StoredFile>> {
        let segments = self.view.segment_facts();
        let facts = LogFacts {
            segments: &segments,
            log_start_offset: self.view.log_start_offset,
            high_watermark: self.view.high_watermark,
        };
        let retention = self.config.retention.as_ref();
        let mut gone = expired(facts, retention, is_trusted.then_some(now_ms));
        if gone > 0
            && gone == segments.len()
            && let Err(error) = self.roll(now_ms)
        {
            // A full disk is no reason to keep the others, whose space it needs.
            tracing::warn!(partition = %self.home.partition, %error, "cannot roll");
            gone -= 1;
        }
        let last = gone.checked_sub(1).and_then(|last| segments.get(last));
        let Some(SegmentFacts { end_offset, .. }) = last else { return Vec::new() };
        let log_start_offset = self.view.log_start_offset.max(*end_offset);
        tracing::info!(
            partition = %self.home.partition, segments = gone, log_start_offset,
            "deleting what is past its retention"
        );
        self.start_at(log_start_offset)
    }

    /// Moves the log start offset up, and gives up the segments before it.
    fn start_at(&mut self, offset: i64) -> Vec<Arc<StoredFile>> {
        let gone: Vec<_> =
            self.view.start_at(offset).iter().flat_map(|view| view.segment.files()).collect();
        // They may have to be synced after the whole directory has lost its name.
        gone.iter().for_each(|file| file.set_removed());
        gone
    }

    /// Which partition of which topic this is; `None` as long as nobody has said.
    pub(super) fn topic_partition(&self) -> Option<TopicPartition> {
        Some((self.topic_id?, self.home.partition.partition()))
    }

    /// Whether so much is not synced that the topic wants it to be.
    pub(super) fn wants_flush(&self) -> bool {
        self.dirty.records >= self.config.flush_messages
    }

    /// Gives up all that has to be synced.
    pub(super) fn take_dirty(&mut self) -> Dirty {
        let mut dirty = std::mem::take(&mut self.dirty);
        if !dirty.files.is_empty()
            && let (Some(partition), Some(epoch)) =
                (self.topic_partition(), self.view.epochs.latest())
        {
            let end_offset = self.view.log_end_offset;
            let end = DurableEnd { end_offset, leader_epoch: epoch.epoch };
            dirty.durable_end = Some((partition, end));
        }
        dirty
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        self.home.cache.disk()
    }
}

/// Takes a batch that stands at the end of `view` into it, and into the indexes every
/// `interval` bytes.
pub(super) fn index_batch(
    view: &mut SegmentView,
    state: &mut ActiveState,
    header: &BatchHeader,
    interval: u32,
) {
    if header.max_timestamp > view.max_timestamp {
        view.max_timestamp = header.max_timestamp;
        view.max_timestamp_offset = header.last_offset();
    }
    view.next_offset = header.next_offset();
    state.first_timestamp.get_or_insert(header.max_timestamp);
    if let Ok(position) = i32::try_from(view.size) {
        let sum = header.placement_checksum();
        view.segment.indexes_mut().sums.push(SumEntry { position, sum });
    }
    if state.bytes_since_index_entry > u64::from(interval)
        && let Some(relative_offset) = view.segment.relative(header.last_offset())
        && let Some(youngest_offset) = view.segment.relative(view.max_timestamp_offset)
        && let Ok(position) = i32::try_from(view.size)
    {
        let batch = OffsetEntry { relative_offset, position };
        let timestamp = view.max_timestamp;
        let youngest = TimeEntry { timestamp, relative_offset: youngest_offset };
        let mut indexes = view.segment.indexes_mut();
        indexes.offsets.push(batch);
        indexes.times.push(youngest);
        state.bytes_since_index_entry = 0;
    }
    state.bytes_since_index_entry += header.size() as u64;
    view.size += header.size() as u64;
}

#[cfg(test)]
mod tests;
