//! Opening a log that is on disk.
//!
//! After a clean stop the files are trusted, but for the last batch, which is proved. Otherwise
//! every segment that reaches beyond the recovery point is walked batch by batch, and its indexes,
//! the leader epochs and the producers are made anew.
//!
//! A crash can have cut the last segment beyond the recovery point, so what follows the last good
//! batch there is cut off. A bad batch anywhere else is damage, and an I/O error proves nothing
//! about the data: both make the partition unavailable and change no log.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::config::LogConfig;
use super::directory;
use super::epochs::{self, LeaderEpochs};
use super::error::StorageError;
use super::files::FileKind;
use super::index::TimeEntry;
use super::log::{ActiveState, Log, LogHome, index_batch};
use super::producer_snapshot;
use super::scan::{ScanError, Scanner, WHOLE_CHUNK};
use super::segment::{Segment, SegmentView};
use crate::wire::records::{BatchError, BatchHeader, NO_TIMESTAMP};

/// What the data directory's checkpoints say about a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogCheckpoints {
    /// All below this offset was durable at some time; `None` if nobody knows.
    pub(super) recovery_point: Option<i64>,
    /// The first offset that may be read, if it was ever moved.
    pub(super) log_start_offset: i64,
    /// Whether the store was closed, so that nothing may be torn.
    pub(super) clean: bool,
}

/// Opens the log in `home`'s directory.
///
/// # Errors
/// Damage outside the tail, an unknown version of a file, or I/O.
pub(super) fn recover(home: LogHome, checkpoints: LogCheckpoints) -> Result<Log, StorageError> {
    let topic_id = directory::read_metadata(home.cache.disk(), &home.directory)?;
    let mut log = Log::new(home, topic_id);
    log.directory_exists = true;
    let names = Names::list(&log)?;
    let first = names.segments.first().copied().unwrap_or(0);
    let log_start_offset = checkpoints.log_start_offset.max(first);
    let stored_epochs = load_epochs(&log)?;
    // They may have been written when more was deleted, but not durably.
    let epochs = stored_epochs.clone().filter(|epochs| epochs.cover(log_start_offset));
    let recovery_point = checkpoints.recovery_point.unwrap_or(0);
    let mut recovery = Recovery {
        recovery_point,
        is_point_known: checkpoints.recovery_point.is_some(),
        // Without the epochs' file, all batches must tell theirs.
        scan_from: if epochs.is_some() { recovery_point } else { i64::MIN },
        trust_last: checkpoints.clean && epochs.is_some(),
        epochs: epochs.unwrap_or_default(),
        interval: LogConfig::default().index_interval_bytes,
        log: &mut log,
    };
    recovery.segments(&names.segments)?;
    let mut epochs = std::mem::take(&mut recovery.epochs);
    epochs.truncate_from_end(log.view.log_end_offset);
    start_log(&mut log, log_start_offset)?;
    epochs.truncate_from_start(log.view.log_start_offset);
    log.view.epochs = Arc::new(epochs);
    if stored_epochs.as_ref() != Some(&*log.view.epochs) {
        // What was walked now is not walked again.
        log.write_epochs()?;
    }
    load_producers(&mut log, names.snapshots)?;
    if log.flushed_to.is_none() {
        // Names may have been lost with the power, or removed just now, and nobody syncs them later.
        sync_directory(&log)?;
    }
    Ok(log)
}

fn sync_directory(log: &Log) -> Result<(), StorageError> {
    let directory = &log.home.directory;
    if !log.home.is_synced() {
        return Ok(());
    }
    log.disk().sync_dir(directory).map_err(StorageError::io(directory))
}

/// The files of a partition's directory, by base offset.
#[derive(Default)]
struct Names {
    segments: Vec<i64>,
    snapshots: Vec<i64>,
}

impl Names {
    /// Lists them, and removes what an interrupted write or deletion left behind.
    fn list(log: &Log) -> Result<Self, StorageError> {
        let directory = &log.home.directory;
        let remove = |path: &Path| log.disk().remove_file(path).map_err(StorageError::io(path));
        let mut names = Self::default();
        let mut indexes = Vec::new();
        for entry in log.disk().list(directory).map_err(StorageError::io(directory))? {
            match FileKind::of(&entry.name) {
                Some((FileKind::Log, offset)) => names.segments.push(offset),
                Some((FileKind::Snapshot, offset)) => names.snapshots.push(offset),
                Some(index) => indexes.push(index),
                None if entry.name.ends_with(".tmp") || entry.name.ends_with(".deleted") => {
                    remove(&directory.join(&entry.name))?;
                }
                None => {}
            }
        }
        names.segments.sort_unstable();
        names.snapshots.sort_unstable();
        for (kind, offset) in indexes {
            if names.segments.binary_search(&offset).is_err() {
                remove(&kind.path(directory, offset))?;
            }
        }
        Ok(names)
    }
}

fn load_epochs(log: &Log) -> Result<Option<LeaderEpochs>, StorageError> {
    let path = log.home.directory.join(epochs::FILE_NAME);
    match log.disk().read(&path) {
        Ok(bytes) => LeaderEpochs::from_text(&String::from_utf8_lossy(&bytes), &path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StorageError::io(&path)(error)),
    }
}

struct Recovery<'a> {
    log: &'a mut Log,
    /// All below this offset was durable, so it must be there.
    recovery_point: i64,
    /// Whether that is known; if not, as much may have been durable as there is.
    is_point_known: bool,
    /// Segments that reach beyond this offset are walked.
    scan_from: i64,
    /// Whether the last segment is right if its last batch is.
    trust_last: bool,
    interval: u32,
    epochs: LeaderEpochs,
}

/// A segment as it is on disk.
struct Found {
    view: SegmentView,
    state: ActiveState,
    next_offset: i64,
    /// Why the walk ended before the end of the file.
    stop: Option<BatchError>,
}

/// A segment that others follow.
enum Closed {
    /// All is there that was durable, and it leads to the next segment.
    Whole(SegmentView),
    /// It ends too early, beyond the recovery point. Whoever is told that something is durable is
    /// told so after all before it is, so nobody was told of what follows.
    Torn(Found),
}

impl Recovery<'_> {
    fn segments(&mut self, base_offsets: &[i64]) -> Result<(), StorageError> {
        let mut views = Vec::with_capacity(base_offsets.len());
        let mut last = None;
        for (index, base_offset) in base_offsets.iter().enumerate() {
            let after = base_offsets.get(index + 1..).unwrap_or_default();
            let Some(next_base) = after.first() else {
                last = Some(self.last(*base_offset)?);
                break;
            };
            match self.closed(*base_offset, *next_base)? {
                Closed::Whole(view) => views.push(view),
                Closed::Torn(found) => {
                    self.remove_segments(after)?;
                    last = Some(self.cut(found)?);
                    break;
                }
            }
        }
        let Some(found) = last else {
            return self.check_end(0, &self.log.home.directory, 0, "its segments are gone");
        };
        let view = &mut self.log.view;
        view.closed = Arc::new(views);
        view.active = Some(found.view);
        (view.log_end_offset, view.high_watermark) = (found.next_offset, found.next_offset);
        self.log.active = found.state;
        Ok(())
    }

    fn closed(&mut self, base_offset: i64, next_base: i64) -> Result<Closed, StorageError> {
        if next_base <= self.scan_from
            && let Some(found) = self.trusted(base_offset, next_base)?
        {
            return Ok(Closed::Whole(found.view));
        }
        let found = self.walk(base_offset)?;
        let log = &found.view.segment.log;
        if found.next_offset > next_base {
            let reason = "its offsets reach into the next segment";
            return Err(StorageError::corrupt(&log.path(), found.view.size, reason));
        }
        let is_short = found.next_offset < next_base && next_base > self.recovery_point;
        if self.is_point_known
            && found.next_offset >= self.recovery_point
            && (is_short || found.stop.is_some())
        {
            return Ok(Closed::Torn(found));
        }
        if let Some(error) = found.stop {
            return Err(StorageError::corrupt(&log.path(), found.view.size, error));
        }
        self.write_out(&found.view)?;
        Ok(Closed::Whole(found.view))
    }

    fn last(&mut self, base_offset: i64) -> Result<Found, StorageError> {
        if self.trust_last
            && let Some(found) = self.trusted(base_offset, self.recovery_point)?
            && let Some(found) = self.prove_last_batch(found)?
        {
            self.log.flushed_to = Some(found.next_offset);
            return Ok(found);
        }
        let found = self.walk(base_offset)?;
        self.cut(found)
    }

    /// Makes a segment the last one, without what follows its last good batch.
    fn cut(&self, found: Found) -> Result<Found, StorageError> {
        let log = &found.view.segment.log;
        let (path, position) = (log.path(), found.view.size);
        let reason = match &found.stop {
            Some(error) => error.to_string(),
            None => "batches are missing at the end".to_owned(),
        };
        self.check_end(found.next_offset, &path, position, reason)?;
        if let Some(error) = &found.stop {
            tracing::warn!(path = %path.display(), position, %error, "the torn tail is cut off");
            let file = log.get().map_err(StorageError::io(&path))?;
            file.set_len(position).map_err(StorageError::io(&path))?;
        }
        self.write_out(&found.view)?;
        Ok(found)
    }

    /// Removes segments that follow a torn one, newest first.
    fn remove_segments(&self, base_offsets: &[i64]) -> Result<(), StorageError> {
        let home = &self.log.home;
        for base_offset in base_offsets.iter().rev() {
            let segment = Segment::new(&home.cache, &home.directory, *base_offset);
            let path = segment.log.path();
            tracing::warn!(path = %path.display(), "removed: what comes before it is torn");
            remove_files(&segment)?;
        }
        Ok(())
    }

    /// A log that ends before the recovery point has lost what was durable: no crash does that.
    fn check_end(
        &self,
        end_offset: i64,
        path: &Path,
        position: u64,
        reason: impl ToString,
    ) -> Result<(), StorageError> {
        if end_offset < self.recovery_point {
            return Err(StorageError::corrupt(path, position, reason));
        }
        Ok(())
    }

    /// The segment as its files say, without a look at the batches; `None` if an index is missing
    /// or cannot be that of a segment which ends at `end_offset`.
    fn trusted(&self, base_offset: i64, end_offset: i64) -> Result<Option<Found>, StorageError> {
        let home = &self.log.home;
        let path = FileKind::Log.path(&home.directory, base_offset);
        let segment = match Segment::open(&home.cache, &home.directory, base_offset) {
            Ok(segment) => segment,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the indexes are made again");
                return Ok(None);
            }
        };
        let size =
            segment.log.get().and_then(|file| file.len()).map_err(StorageError::io(&path))?;
        let (offsets, times) = {
            let indexes = segment.indexes();
            (indexes.offsets.last(), indexes.times.last())
        };
        let in_file = |position| u64::try_from(position).is_ok_and(|position| position < size);
        let in_segment = |relative| (base_offset..end_offset).contains(&(base_offset + relative));
        let possible = offsets.is_none_or(|entry| {
            in_file(entry.position) && in_segment(i64::from(entry.relative_offset))
        }) && match times {
            Some(entry) => in_segment(i64::from(entry.relative_offset)),
            None => size == 0,
        };
        if !possible {
            tracing::warn!(path = %path.display(), "the indexes are damaged and made again");
            return Ok(None);
        }
        let youngest = times.map_or(0, |entry| i64::from(entry.relative_offset));
        let view = SegmentView {
            segment: Arc::new(segment),
            size,
            max_timestamp: times.map_or(NO_TIMESTAMP, |entry| entry.timestamp),
            max_timestamp_offset: base_offset + youngest,
        };
        let state = ActiveState::default();
        Ok(Some(Found { view, state, next_offset: base_offset, stop: None }))
    }

    /// Walks from the last index entry to the end; `None` if that does not end at the recovery
    /// point.
    fn prove_last_batch(&self, mut found: Found) -> Result<Option<Found>, StorageError> {
        let view = &found.view;
        let entry = view.segment.indexes().offsets.last();
        let position = entry.map_or(0, |entry| entry.position as u64);
        let mut headers = view.scanner(0)?;
        if let Ok(Some(first)) = headers.next_header() {
            found.state.first_timestamp = Some(first.header.max_timestamp);
        }
        let mut scanner = view.scanner(position)?;
        loop {
            match scanner.next_valid() {
                Ok(Some(batch)) => found.next_offset = batch.header.next_offset(),
                Ok(None) if found.next_offset == self.recovery_point => return Ok(Some(found)),
                Ok(None) | Err(ScanError::Invalid(_)) => return Ok(None),
                Err(ScanError::Io(error)) => {
                    return Err(StorageError::io(&view.segment.log.path())(error));
                }
            }
        }
    }

    /// Proves each batch of a segment and makes its indexes anew, up to the first bad one.
    fn walk(&mut self, base_offset: i64) -> Result<Found, StorageError> {
        let home = &self.log.home;
        let segment = Segment::new(&home.cache, &home.directory, base_offset);
        let path = segment.log.path();
        let file = segment.log.get().map_err(StorageError::io(&path))?;
        let end = file.len().map_err(StorageError::io(&path))?;
        let mut view = SegmentView {
            segment: Arc::new(segment),
            size: 0,
            max_timestamp: NO_TIMESTAMP,
            max_timestamp_offset: base_offset,
        };
        let mut state = ActiveState::default();
        let mut next_offset = base_offset;
        let mut scanner = Scanner::new(file, 0, end, WHOLE_CHUNK);
        let stop = loop {
            match scanner.next_valid() {
                Ok(None) => break None,
                Ok(Some(batch)) if !self.follows(&view.segment, next_offset, &batch.header) => {
                    break Some(BatchError::InvalidOffset(batch.header.base_offset));
                }
                Ok(Some(batch)) => {
                    self.epochs
                        .assign(batch.header.partition_leader_epoch, batch.header.base_offset);
                    next_offset = batch.header.next_offset();
                    index_batch(&mut view, &mut state, &batch.header, self.interval);
                }
                Err(ScanError::Invalid(error)) => break Some(error),
                Err(ScanError::Io(error)) => return Err(StorageError::io(&path)(error)),
            }
        };
        if let Some(relative_offset) = view.segment.relative(view.max_timestamp_offset)
            && view.max_timestamp >= 0
        {
            let timestamp = view.max_timestamp;
            let youngest = TimeEntry { timestamp, relative_offset };
            view.segment.indexes_mut().times.push(youngest);
        }
        Ok(Found { view, state, next_offset, stop })
    }

    /// Whether a batch can stand where the next offset is `next_offset`. The CRC does not cover the
    /// base offset. Compaction leaves gaps, below the recovery point.
    fn follows(&self, segment: &Segment, next_offset: i64, header: &BatchHeader) -> bool {
        let gap = next_offset..self.recovery_point.max(next_offset + 1);
        (gap.contains(&header.base_offset)
            || !self.is_point_known && header.base_offset >= next_offset)
            && segment.relative(header.last_offset()).is_some()
    }

    /// Makes a segment that was walked one that may be trusted: what was found of it may be in the
    /// page cache alone, and its indexes in memory.
    fn write_out(&self, view: &SegmentView) -> Result<(), StorageError> {
        let flushed = {
            let mut indexes = view.segment.indexes_mut();
            indexes.offsets.flush().and_then(|()| indexes.times.flush())
        };
        flushed.map_err(StorageError::io(&self.log.home.directory))?;
        if !self.log.home.is_synced() {
            return Ok(());
        }
        view.segment.files().iter().try_for_each(|file| {
            let synced = file.get().and_then(|open| open.sync_data());
            synced.map_err(StorageError::io(&file.path()))
        })
    }
}

/// Sets the log start offset, and removes the segments that hold nothing from there on.
fn start_log(log: &mut Log, log_start_offset: i64) -> Result<(), StorageError> {
    let view = &mut log.view;
    if view.log_end_offset < log_start_offset {
        // That records up to the start were deleted is durable; that they were appended at all
        // need not be.
        let gone = std::mem::take(Arc::make_mut(&mut view.closed)).into_iter();
        gone.chain(view.active.take()).try_for_each(|view| remove_files(&view.segment))?;
        view.log_end_offset = log_start_offset;
        view.high_watermark = log_start_offset;
    }
    view.log_start_offset = log_start_offset;
    let gone = view.segments_before(log_start_offset);
    for gone in Arc::make_mut(&mut view.closed).drain(..gone) {
        remove_files(&gone.segment)?;
    }
    Ok(())
}

fn remove_files(segment: &Segment) -> Result<(), StorageError> {
    for file in segment.files() {
        file.remove().map_err(StorageError::io(&file.path()))?;
    }
    Ok(())
}

/// Loads the newest snapshot that is right, and replays the batches after it. A snapshot is of no
/// use if some of those were deleted: it would make old sequence numbers the newest.
fn load_producers(log: &mut Log, mut snapshots: Vec<i64>) -> Result<(), StorageError> {
    let mut replay_from = log.view.log_start_offset;
    let first = log.view.segments(0).next().map(|first| first.segment.base_offset);
    let usable = first.unwrap_or(log.view.log_end_offset)..=log.view.log_end_offset;
    while let Some(offset) = snapshots.last().copied() {
        let path = FileKind::Snapshot.path(&log.home.directory, offset);
        if usable.contains(&offset) {
            let bytes = log.disk().read(&path).map_err(StorageError::io(&path))?;
            match producer_snapshot::decode(&bytes) {
                Ok(producers) => {
                    log.producers = producers;
                    replay_from = offset;
                    break;
                }
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "the snapshot is not used");
                }
            }
        }
        log.disk().remove_file(&path).map_err(StorageError::io(&path))?;
        snapshots.pop();
    }
    log.snapshots = snapshots;
    replay(log, replay_from)
}

fn replay(log: &mut Log, from: i64) -> Result<(), StorageError> {
    let Log { view, producers, .. } = log;
    if from >= view.log_end_offset {
        return Ok(());
    }
    for segment in view.segments(view.segment_of(from)) {
        let start = segment.find(from)?.map_or(segment.size, |first| first.position);
        let mut scanner = segment.scanner(start)?;
        while let Some(batch) = segment.checked(scanner.next_header(), &scanner)? {
            producers.update(&batch.header);
        }
    }
    Ok(())
}
