//! Opening a log that is on disk.
//!
//! After a clean stop the files are trusted, but for the last batch, which is proved. Otherwise
//! what lies beyond the recovery point is walked batch by batch, and its indexes, the leader
//! epochs and the producers are made anew.
//!
//! A bad batch beyond the durable end is what a crash leaves of appends that nobody was promised:
//! it is cut off, with what follows. A bad batch before the durable end is damage: it is noted and
//! passed over, and nothing is cut. An I/O error proves nothing about the data: it makes the
//! partition unavailable and changes no log.

mod names;

use std::io;
use std::sync::Arc;

use self::names::{Names, remove_ours};

use super::config::LogConfig;
use super::damage::{self, DamagedRange};
use super::durable_ends::DurableEnd;
use super::epochs::{self, LeaderEpochs};
use super::error::StorageError;
use super::files::FileKind;
use super::index::{Index, SumEntry, TimeEntry};
use super::log::{ActiveState, Log, LogHome, index_batch};
use super::producer_snapshot;
use super::scan::{HEADERS_CHUNK, ScanError, Scanned, WHOLE_CHUNK};
use super::segment::{Segment, SegmentView};
use super::swap;
use super::torn;
use super::view::LogView;
use crate::base::sabotage::{self, Bug};
use crate::base::uuid::Uuid;
use crate::wire::records::BatchError;

/// What the data directory says about a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogCheckpoints {
    /// All below this offset was durable at some time; `None` if nobody knows.
    pub(super) recovery_point: Option<i64>,
    /// The same, noted with each commit.
    pub(super) durable_end: Option<DurableEnd>,
    /// The first offset that may be read, if it was ever moved.
    pub(super) log_start_offset: i64,
    /// Whether the store was closed, so that nothing may be torn.
    pub(super) clean: bool,
    /// Whether the disk was told to write all that was in memory, and did.
    pub(super) is_written: bool,
    /// Whether Kafka has had the directory since: what only we write is of another time.
    pub(super) is_foreign: bool,
}

/// Opens the log in `home`'s directory. What was walked is dirty: it may be in the page cache alone.
///
/// # Errors
/// Damage that leaves no log, an unknown version of a file, or I/O.
pub(super) fn recover(
    home: LogHome,
    topic_id: Option<Uuid>,
    checkpoints: LogCheckpoints,
) -> Result<Log, StorageError> {
    let mut log = Log::new(home, topic_id);
    log.directory_exists = true;
    swap::finish(&log.home)?;
    if checkpoints.is_foreign {
        remove_ours(&log)?;
    }
    let mut names = Names::list(&log)?;
    let known_damage = load_damage(&log)?;
    let stored_epochs = load_epochs(&log)?;
    open_segments(&mut log, &names.segments, &checkpoints, stored_epochs.clone(), &known_damage)?;
    if stored_epochs.is_some() && !epochs_agree(&log.view)? {
        let path = log.home.directory.join(epochs::FILE_NAME);
        tracing::error!(path = %path.display(), "made again: it is damaged");
        names = Names::list(&log)?;
        open_segments(&mut log, &names.segments, &checkpoints, None, &known_damage)?;
    }
    log.epochs_unwritten = stored_epochs.is_none();
    if stored_epochs.is_some_and(|stored| stored != *log.view.epochs) {
        log.write_epochs()?;
    }
    load_producers(&mut log, names.snapshots)?;
    store_damage(&log, &known_damage);
    if log.flushed_to.is_none() {
        // Names may have been lost with the power, or removed just now, and nobody syncs them later.
        log.dirty.directories.push((**log.home.directory).into());
    }
    Ok(log)
}

/// Finds the segments between the log start and the log end, and the epochs of their batches.
fn open_segments(
    log: &mut Log,
    base_offsets: &[i64],
    checkpoints: &LogCheckpoints,
    stored_epochs: Option<LeaderEpochs>,
    known_damage: &[(i64, DamagedRange)],
) -> Result<(), StorageError> {
    let first = base_offsets.first().copied().unwrap_or(0);
    let log_start_offset = checkpoints.log_start_offset.max(first);
    // They may have been written when more was deleted, but not durably.
    let epochs = stored_epochs.filter(|epochs| epochs.cover(log_start_offset));
    let recovery_point = checkpoints.recovery_point.unwrap_or(0);
    let noted = checkpoints.durable_end.map_or(0, |end| end.end_offset);
    let mut recovery = Recovery {
        recovery_point,
        durable_end: recovery_point.max(noted),
        noted: checkpoints.durable_end,
        is_point_known: checkpoints.recovery_point.is_some(),
        is_foreign: checkpoints.is_foreign,
        // Without the epochs' file, all batches must tell theirs.
        scan_from: if epochs.is_some() { recovery_point } else { i64::MIN },
        trust_last: checkpoints.clean && epochs.is_some(),
        is_written: checkpoints.is_written,
        epochs: epochs.unwrap_or_default(),
        interval: LogConfig::default().index_interval_bytes,
        known_damage,
        log,
    };
    recovery.segments(base_offsets)?;
    let mut epochs = std::mem::take(&mut recovery.epochs);
    epochs.truncate_from_end(log.view.log_end_offset);
    start_log(log, log_start_offset)?;
    epochs.truncate_from_start(log.view.log_start_offset);
    log.view.epochs = Arc::new(epochs);
    Ok(())
}

/// Whether the batches at which epochs start and end say the same; what is damaged says nothing.
fn epochs_agree(view: &LogView) -> Result<bool, StorageError> {
    let starts = view.epochs.starts();
    let ends = starts.iter().map(|start| start.start_offset - 1).chain([view.log_end_offset - 1]);
    for offset in starts.iter().map(|start| start.start_offset).chain(ends) {
        if !(view.log_start_offset..view.log_end_offset).contains(&offset) {
            continue;
        }
        let (segment, batch) = match view.find(offset) {
            Err(StorageError::Corrupt { .. }) | Ok(None) => continue,
            Ok(Some(found)) => found,
            Err(error) => return Err(error),
        };
        let offset = batch.header.base_offset.max(view.log_start_offset);
        if view.epochs.epoch_at(offset) != Some(batch.header.partition_leader_epoch)
            && segment.has_right_header(&batch) != Some(false)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn load_epochs(log: &Log) -> Result<Option<LeaderEpochs>, StorageError> {
    let path = log.home.directory.join(epochs::FILE_NAME);
    match log.disk().read(&path) {
        Ok(bytes) => LeaderEpochs::from_text(&String::from_utf8_lossy(&bytes), &path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StorageError::io(&path)(error)),
    }
}

fn load_damage(log: &Log) -> Result<Vec<(i64, DamagedRange)>, StorageError> {
    match damage::load(log.disk(), &log.home.directory) {
        Err(StorageError::Corrupt { path, .. }) => {
            tracing::error!(path = %path.display(), "not used: it is damaged");
            Ok(Vec::new())
        }
        loaded => loaded,
    }
}

/// Writes down what was found to be damaged, if there is news.
fn store_damage(log: &Log, known: &[(i64, DamagedRange)]) {
    let ranges = |view: &SegmentView| {
        let base_offset = view.segment.base_offset;
        view.segment.damage.ranges().into_iter().map(move |range| (base_offset, range))
    };
    let found: Vec<_> = log.view.segments(0).flat_map(ranges).collect();
    if found != known
        && let Err(error) =
            damage::store(log.disk(), &log.home.directory, &found, log.home.is_synced())
    {
        tracing::error!(%error, "cannot write down what is damaged");
    }
}

struct Recovery<'a> {
    log: &'a mut Log,
    /// Recovery starts here; all below was durable, and may have been compacted.
    recovery_point: i64,
    /// Somebody may have been told that all below this offset is durable.
    durable_end: i64,
    /// What is known by a note.
    noted: Option<DurableEnd>,
    /// Whether the recovery point is known; if not, as much may have been durable as there is.
    is_point_known: bool,
    /// Whether Kafka has had the directory, which compacts beyond its recovery point.
    is_foreign: bool,
    /// Segments that reach beyond this offset are walked.
    scan_from: i64,
    /// Whether the last segment is right if its last batch is.
    trust_last: bool,
    /// Whether the page cache holds nothing that the disk has not taken, or lost.
    is_written: bool,
    interval: u32,
    epochs: LeaderEpochs,
    known_damage: &'a [(i64, DamagedRange)],
}

/// A segment as it is on disk.
struct Found {
    view: SegmentView,
    state: ActiveState,
    /// Whether its indexes were made anew, or a part of them.
    is_walked: bool,
    /// Why the walk ended before the end of the file, beyond the durable end.
    torn: Option<BatchError>,
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
            let found = self.closed(*base_offset, *next_base)?;
            if found.view.next_offset == *next_base {
                if found.is_walked {
                    self.write_out(&found.view);
                }
                views.push(found.view);
                continue;
            }
            // It ends too early, beyond the durable end. Whoever is told that something is durable
            // is told so after all before it is, so nobody was told of what follows.
            self.remove_segments(after)?;
            last = Some(self.cut(found)?);
            break;
        }
        let Some(found) = last else { return self.check_nothing_was_durable() };
        let view = &mut self.log.view;
        view.closed = Arc::new(views);
        (view.log_end_offset, view.high_watermark) =
            (found.view.next_offset, found.view.next_offset);
        view.active = Some(found.view);
        self.log.active = found.state;
        Ok(())
    }

    fn check_nothing_was_durable(&self) -> Result<(), StorageError> {
        match self.durable_end {
            0 => Ok(()),
            _ => Err(StorageError::corrupt(&self.log.home.directory, 0, "its segments are gone")),
        }
    }

    /// A segment that others follow; it reaches up to them unless it is torn.
    fn closed(&mut self, base_offset: i64, next_base: i64) -> Result<Found, StorageError> {
        if next_base <= self.scan_from
            && let Some(found) = self.trusted(base_offset, next_base)?
        {
            return Ok(found);
        }
        let mut found = self.walk(base_offset, next_base)?;
        let next_offset = found.view.next_offset;
        let is_compacted = self.may_be_compacted(next_base - 1)
            && found.torn.is_none()
            && !found.view.misses_bytes(next_offset);
        let is_short = next_offset < next_base && !is_compacted;
        if self.is_point_known && next_offset >= self.durable_end && is_short {
            return Ok(found);
        }
        if is_short {
            let (position, size) = (found.view.size, self.length(&found.view)?);
            found.view.note_damage(DamagedRange {
                start_offset: next_offset,
                end_offset: next_base,
                position,
                end_position: size,
            });
        }
        found.view.next_offset = next_base;
        Ok(found)
    }

    fn last(&mut self, base_offset: i64) -> Result<Found, StorageError> {
        if self.trust_last
            && let Some(found) = self.trusted(base_offset, self.recovery_point)?
            && let Some(found) = self.prove_last_batch(found)?
        {
            self.log.flushed_to = Some(found.view.next_offset);
            return Ok(found);
        }
        let found = self.walk(base_offset, i64::MAX)?;
        self.cut(found)
    }

    /// Makes a segment the last one, without what is torn at its end.
    fn cut(&self, mut found: Found) -> Result<Found, StorageError> {
        let (log, position) = (&found.view.segment.log, found.view.size);
        if let Some(error) = &found.torn {
            let path = log.path();
            tracing::warn!(path = %path.display(), position, %error, "the torn tail is cut off");
            torn::keep(log, position);
            let file = log.get().map_err(StorageError::io(&path))?;
            file.set_len(position).map_err(StorageError::io(&path))?;
        }
        let next_offset = found.view.next_offset;
        if next_offset < self.durable_end {
            // The next append stands there as if nothing were missing.
            found.view.note_damage(DamagedRange {
                start_offset: next_offset,
                end_offset: self.durable_end,
                position,
                end_position: position,
            });
            found.view.next_offset = self.durable_end;
        }
        Ok(found)
    }

    /// Removes segments that follow a torn one, newest first.
    fn remove_segments(&self, base_offsets: &[i64]) -> Result<(), StorageError> {
        let home = &self.log.home;
        for base_offset in base_offsets.iter().rev() {
            let segment = Segment::new(&home.cache, &home.directory, *base_offset);
            let path = segment.log.path();
            tracing::warn!(path = %path.display(), "removed: what comes before it is torn");
            torn::keep(&segment.log, 0);
            remove_files(&segment)?;
        }
        Ok(())
    }

    /// Bytes of the log file.
    fn length(&self, view: &SegmentView) -> Result<u64, StorageError> {
        let log = &view.segment.log;
        log.get().and_then(|file| file.len()).map_err(StorageError::io(&log.path()))
    }

    fn with_known_damage(&self, segment: Segment) -> Arc<Segment> {
        for (_, range) in self.known_damage.iter().filter(|(base, _)| *base == segment.base_offset)
        {
            segment.damage.note(*range);
        }
        Arc::new(segment)
    }

    /// The segment as its files say, without a look at the batches; `None` if an index is missing
    /// or cannot be that of a segment which ends at `end_offset`.
    fn trusted(&self, base_offset: i64, end_offset: i64) -> Result<Option<Found>, StorageError> {
        let home = &self.log.home;
        let path = FileKind::Log.path(&home.directory, base_offset);
        let segment = match Segment::open(&home.cache, &home.directory, base_offset) {
            Ok(segment) => self.with_known_damage(segment),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the indexes are made again");
                return Ok(None);
            }
        };
        let mut view = SegmentView::empty(segment);
        view.size = self.length(&view)?;
        view.next_offset = end_offset;
        if !self.take_youngest(&mut view)? {
            tracing::warn!(path = %path.display(), "the indexes are damaged and made again");
            return Ok(None);
        }
        Ok(Some(Found { view, state: ActiveState::default(), is_walked: false, torn: None }))
    }

    /// Takes the largest timestamp from the indexes, if they can be those of the segment.
    fn take_youngest(&self, view: &mut SegmentView) -> Result<bool, StorageError> {
        let (offsets, times) = {
            let indexes = view.segment.indexes();
            (indexes.offsets.last(), indexes.times.last())
        };
        let in_file = |position| u64::try_from(position).is_ok_and(|position| position < view.size);
        let in_segment = |relative: i32| {
            let base_offset = view.segment.base_offset;
            (base_offset..view.next_offset).contains(&(base_offset + i64::from(relative)))
        };
        if offsets.is_some_and(|e| !in_file(e.position) || !in_segment(e.relative_offset)) {
            return Ok(false);
        }
        let Some(times) = times else { return Ok(view.size == 0) };
        if !in_segment(times.relative_offset) || !view.holds(&times)? {
            return Ok(false);
        }
        view.max_timestamp = times.timestamp;
        view.max_timestamp_offset = view.segment.base_offset + i64::from(times.relative_offset);
        Ok(true)
    }

    /// Walks from the last index entry to the end; `None` if that does not end at the recovery
    /// point.
    fn prove_last_batch(&self, mut found: Found) -> Result<Option<Found>, StorageError> {
        let view = &found.view;
        let entry = view.segment.indexes().offsets.last();
        let position = entry.map_or(0, |entry| entry.position as u64);
        found.state.first_timestamp = first_timestamp(view)?;
        found.state.checkpointed_size = view.size;
        let mut scanner = view.scanner(position, WHOLE_CHUNK)?;
        let mut next_offset = view.segment.base_offset;
        loop {
            match scanner.next_valid() {
                Ok(Some(batch)) => next_offset = batch.header.next_offset(),
                Ok(None) if next_offset == self.recovery_point => return Ok(Some(found)),
                Ok(None) | Err(ScanError::Invalid(_)) => return Ok(None),
                Err(ScanError::Io(error)) => return Err(view.io(error)),
            }
        }
    }

    /// Proves the batches of a segment from the recovery point on, or all of them, and makes its
    /// indexes anew, up to where it is torn. The next segment starts at `next_base`.
    fn walk(&mut self, base_offset: i64, next_base: i64) -> Result<Found, StorageError> {
        let (mut view, mut state) = match self.before_recovery_point(base_offset)? {
            Some(start) => start,
            None => (self.unknown(base_offset, next_base)?, ActiveState::default()),
        };
        let log = view.segment.log.clone();
        let file = log.get().map_err(StorageError::io(&log.path()))?;
        // As far as it can be told, all of the file is part of the segment.
        let whole =
            SegmentView { size: self.length(&view)?, next_offset: next_base, ..view.clone() };
        let durable_end = self.durable_end_before(next_base);
        let mut scanner = whole.scanner(view.size, WHOLE_CHUNK)?;
        let is_doubted = !self.trust_last && !sabotage::has(Bug::TrustPageCache);
        let mut is_cached = is_doubted && self.log.home.is_synced();
        let torn = loop {
            if is_cached && view.next_offset >= durable_end {
                // What nobody has synced may be in memory alone: the disk may have refused it.
                let written = if self.is_written { Ok(()) } else { file.sync_data() };
                let dropped = written.and_then(|()| file.drop_cache(view.size));
                dropped.map_err(StorageError::io(&log.path()))?;
                scanner.forget();
                is_cached = false;
            }
            if let Some(range) = view.segment.damage.starting_at(view.size, view.next_offset) {
                pass_over(&mut view, &range);
                scanner.skip_to(view.size);
                continue;
            }
            let reason = match scanner.next_valid() {
                Ok(None) => break None,
                Ok(Some(batch)) if self.follows(&whole, view.next_offset, &batch) => {
                    let header = &batch.header;
                    // Compaction may have taken the first batches.
                    let start_offset = match self.epochs.latest() {
                        Some(_) => header.base_offset,
                        None => whole.segment.base_offset,
                    };
                    self.epochs.assign(header.partition_leader_epoch, start_offset);
                    index_batch(&mut view, &mut state, header, self.interval);
                    continue;
                }
                Ok(Some(batch)) => BatchError::InvalidOffset(batch.header.base_offset),
                Err(ScanError::Invalid(error)) => error,
                Err(ScanError::Io(error)) => return Err(view.io(error)),
            };
            let may_be_cut = view.next_offset >= durable_end.min(next_base);
            if may_be_cut || sabotage::has(Bug::CutDamage) {
                break Some(reason);
            }
            let mut range = whole.damage_from(view.size, view.next_offset)?;
            range.end_offset = range.end_offset.min(durable_end);
            view.note_damage(range);
        };
        if let Some(relative_offset) = view.segment.relative(view.max_timestamp_offset)
            && view.max_timestamp >= 0
        {
            let timestamp = view.max_timestamp;
            let youngest = TimeEntry { timestamp, relative_offset };
            view.segment.indexes_mut().times.push(youngest);
        }
        self.log.dirty.add_file(&log);
        Ok(Found { view, state, is_walked: true, torn })
    }

    /// The durable end, as far as it matters in a segment. Without a recovery point, all that is
    /// followed by another segment may have been durable.
    fn durable_end_before(&self, next_base: i64) -> i64 {
        match self.is_point_known || next_base == i64::MAX {
            true => self.durable_end,
            false => self.durable_end.max(next_base),
        }
    }

    /// That part of a segment which need not be walked; `None` if nobody can tell where it ends.
    fn before_recovery_point(
        &self,
        base_offset: i64,
    ) -> Result<Option<(SegmentView, ActiveState)>, StorageError> {
        let (home, end_offset) = (&self.log.home, self.scan_from);
        if base_offset >= end_offset {
            return Ok(None);
        }
        let opened = Segment::open_before(&home.cache, &home.directory, base_offset, end_offset);
        let Ok(segment) = opened else { return Ok(None) };
        let mut view = SegmentView::empty(self.with_known_damage(segment));
        (view.size, view.next_offset) = (self.length(&view)?, end_offset);
        let mut walk = view.walk_before(end_offset - 1)?;
        let mut last = None;
        while let Some(batch) = walk.next()? {
            last = Some(batch);
        }
        let Some(last) = last.filter(|last| last.header.next_offset() == end_offset) else {
            return Ok(None);
        };
        view.size = last.position + last.header.size() as u64;
        if !self.take_youngest(&mut view)? {
            return Ok(None);
        }
        // Entries that were left out may have told of younger ones.
        let mut walk = view.walk_before(view.max_timestamp_offset)?;
        let mut youngest = (view.max_timestamp, view.max_timestamp_offset);
        while let Some(batch) = walk.next()? {
            if batch.header.max_timestamp > youngest.0 {
                youngest = (batch.header.max_timestamp, batch.header.last_offset());
            }
        }
        (view.max_timestamp, view.max_timestamp_offset) = youngest;
        let sums = home.cache.file(&home.directory, base_offset, FileKind::Sums);
        let is_synced = |entry: &SumEntry| (0..view.size as i64).contains(&entry.position.into());
        view.segment.indexes_mut().sums =
            Index::open_start(sums.clone(), is_synced).unwrap_or_else(|_| Index::empty(sums));
        let state = ActiveState {
            first_timestamp: first_timestamp(&view)?,
            checkpointed_size: view.size,
            ..ActiveState::default()
        };
        Ok(Some((view, state)))
    }

    /// A segment of which nothing is known but the checksums of its headers, if it was closed
    /// before the recovery point.
    fn unknown(&self, base_offset: i64, next_base: i64) -> Result<SegmentView, StorageError> {
        let home = &self.log.home;
        let segment = Segment::new(&home.cache, &home.directory, base_offset);
        // An index of times that is not whole would hide records when it is trusted.
        let times = home.cache.file(&home.directory, base_offset, FileKind::TimeIndex);
        segment.indexes_mut().times = Index::held(times);
        if next_base <= self.recovery_point {
            let sums = home.cache.file(&home.directory, base_offset, FileKind::Sums);
            if let Ok(sums) = Index::open_start(sums, |entry: &SumEntry| entry.position >= 0) {
                segment.indexes_mut().sums = sums;
            }
        }
        Ok(SegmentView::empty(self.with_known_damage(segment)))
    }

    /// Whether a batch can stand where the next offset is `next_offset`. Compaction leaves gaps,
    /// below the recovery point.
    fn follows(&self, whole: &SegmentView, next_offset: i64, batch: &Scanned) -> bool {
        let header = &batch.header;
        let may_be_compacted = self.may_be_compacted(header.base_offset);
        whole.fits(batch, next_offset)
            && (header.base_offset == next_offset || may_be_compacted)
            && whole.segment.relative(header.last_offset()).is_some()
            && self.has_right_epoch(header.partition_leader_epoch, header.base_offset)
    }

    /// Whether offsets before this one may be missing.
    fn may_be_compacted(&self, offset: i64) -> bool {
        !self.is_point_known || self.is_foreign || offset < self.recovery_point
    }

    /// Whether a batch can be of an epoch, which its CRC does not cover; unknown beyond the note.
    fn has_right_epoch(&self, epoch: i32, base_offset: i64) -> bool {
        let Some(noted) = self.noted.filter(|noted| base_offset < noted.end_offset) else {
            return true;
        };
        let latest = self.epochs.latest().map_or(-1, |latest| latest.epoch);
        let known = self.epochs.epoch_at(base_offset);
        epoch <= noted.leader_epoch && known.is_none_or(|known| known == epoch || epoch > latest)
    }

    /// Writes the indexes of a closed segment, so that it need not be walked again.
    fn write_out(&mut self, view: &SegmentView) {
        let written = view.segment.indexes_mut().write_anew(self.log.home.is_synced());
        match written {
            Ok(()) => view.segment.files().iter().for_each(|file| self.log.dirty.add_file(file)),
            // They stay in memory, and the disk may be full.
            Err(error) => {
                tracing::warn!(segment = ?view.segment.log, %error, "cannot write the indexes");
            }
        }
    }
}

fn pass_over(view: &mut SegmentView, range: &DamagedRange) {
    (view.size, view.next_offset) = (range.end_position, range.end_offset);
}

/// Largest timestamp of the first batch, if there is one that can be read.
fn first_timestamp(view: &SegmentView) -> Result<Option<i64>, StorageError> {
    match view.scanner(0, HEADERS_CHUNK)?.next_header() {
        Ok(first) => Ok(first.map(|first| first.header.max_timestamp)),
        Err(ScanError::Invalid(_)) => Ok(None),
        Err(ScanError::Io(error)) => Err(view.io(error)),
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
    if sabotage::has(Bug::ForgetProducers) {
        return Ok(());
    }
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
        let mut walk = segment.walk_before(from)?;
        while let Some(batch) = walk.next()? {
            if batch.header.last_offset() >= from {
                producers.update(&batch.header);
            }
        }
    }
    Ok(())
}
