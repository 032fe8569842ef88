//! One log against a model in memory: what was appended is what is read, whatever happens.

use rustix::io::Errno;

use super::super::recovery::{LogCheckpoints, recover};
use super::super::retention::Retention;
use super::*;
use crate::base::disk::crash::{CrashDisk, Operation};
use crate::base::disk::{Disk, MemoryDisk};
use crate::wire::records::{BatchBuilder, Batches, Compression};

/// A small generator of random numbers (xorshift), so that a seed tells the whole run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A record as it should be read.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    timestamp: i64,
    value: Vec<u8>,
    leader_epoch: i32,
    /// First offset of its batch.
    batch: i64,
}

const TOPIC_ID: Uuid = Uuid([1; 16]);

fn options() -> StoreOptions {
    StoreOptions::new("/data")
}

fn home(disk: &MemoryDisk) -> LogHome {
    let cache = FileCache::new(Arc::new(disk.clone()), 3);
    LogHome::new(PartitionId::new("t", 0).unwrap(), &cache, &options())
}

/// What the data directory says after a crash.
fn checkpoints(recovery_point: Option<i64>) -> LogCheckpoints {
    LogCheckpoints {
        recovery_point,
        durable_end: None,
        log_start_offset: 0,
        clean: false,
        is_written: false,
        is_foreign: false,
    }
}

fn reopen(disk: &MemoryDisk, checkpoints: LogCheckpoints) -> Result<Log, StorageError> {
    recover(home(disk), Some(TOPIC_ID), checkpoints)
}

/// Settings with which the high watermark needs nobody to move it.
fn without_committer() -> LogConfig {
    LogConfig { durability: Durability::Async, ..LogConfig::default() }
}

fn small_segments() -> LogConfig {
    LogConfig { segment_bytes: 1500, index_interval_bytes: 200, ..without_committer() }
}

/// A log, what should be in it, and what the data directory's checkpoints say.
struct Run {
    disk: MemoryDisk,
    log: Log,
    records: Vec<Expected>,
    log_start_offset: i64,
    recovery_point: i64,
    leader_epoch: i32,
}

impl Run {
    fn new() -> Self {
        let disk = MemoryDisk::new();
        let mut log = Log::new(home(&disk), Some(TOPIC_ID));
        log.config = small_segments();
        let records = Vec::new();
        Self { disk, log, records, log_start_offset: 0, recovery_point: 0, leader_epoch: 0 }
    }

    fn append(&mut self, random: &mut Random) {
        if random.below(20) == 0 {
            self.leader_epoch += 1 + random.below(2) as i32;
        }
        let base_offset = self.records.len() as i64;
        let codec = Compression::ALL[random.below(5)];
        let mut builder = BatchBuilder::new(codec);
        for _ in 0..1 + random.below(5) {
            let timestamp = base_offset * 10 + random.below(300) as i64;
            let value = vec![random.below(256) as u8; random.below(100)];
            builder.append(timestamp, None, Some(&value), &[]);
            let leader_epoch = self.leader_epoch;
            self.records.push(Expected { timestamp, value, leader_epoch, batch: base_offset });
        }
        let append = Append {
            batches: builder.build().unwrap(),
            leader_epoch: self.leader_epoch,
            now_ms: 0,
            origin: Origin::Client,
        };
        let appended = self.log.append(append).unwrap();
        assert_eq!(appended.base_offset, base_offset);
        assert_eq!(appended.last_offset, self.records.len() as i64 - 1);
        self.recovery_point = self.log.dirty.recovery_point.unwrap_or(self.recovery_point);
    }

    fn delete(&mut self, random: &mut Random) {
        let offset = random.below(self.records.len() + 1) as i64;
        for file in self.log.delete_records_before(offset, 0).unwrap() {
            file.remove().unwrap();
        }
        self.log_start_offset = self.log_start_offset.max(offset);
    }

    fn reopen(&mut self, clean: bool) {
        if clean {
            self.log.flush().unwrap();
            self.recovery_point = self.log.view.log_end_offset;
        }
        let log_start_offset = self.log_start_offset;
        let checkpoints =
            LogCheckpoints { log_start_offset, clean, ..checkpoints(Some(self.recovery_point)) };
        self.log = reopen(&self.disk, checkpoints).unwrap();
        self.log.config = small_segments();
    }

    fn check(&self, random: &mut Random) {
        let view = &self.log.view;
        let end = self.records.len() as i64;
        assert_eq!((view.log_start_offset, view.log_end_offset), (self.log_start_offset, end));
        assert_eq!(view.latest_epoch(), self.records.last().map(|record| record.leader_epoch));
        let offset =
            view.log_start_offset + random.below((end - view.log_start_offset + 1) as usize) as i64;
        let upper_bound = random.below(end as usize + 2) as i64;
        self.check_read(offset, random.below(600), upper_bound);
        self.check_timestamp(random.below(end as usize * 10 + 400) as i64);
        let kept = self.records.get(self.log_start_offset as usize..).unwrap();
        if let Some(youngest) = kept.iter().map(|record| record.timestamp).max() {
            let found = view.max_timestamp().unwrap().unwrap();
            assert!(found.timestamp >= youngest);
        }
        if let Some(record) = self.records.get(offset as usize) {
            assert_eq!(view.epoch_at(offset), Some(record.leader_epoch));
        }
    }

    fn check_read(&self, offset: i64, max_bytes: usize, upper_bound: i64) {
        let view = &self.log.view;
        let bytes = view.read(offset, max_bytes, upper_bound, true).unwrap();
        let size = bytes.len();
        let batches: Vec<_> = Batches::new(bytes).map(Result::unwrap).collect();
        assert_eq!(batches.iter().map(|batch| batch.bytes().len()).sum::<usize>(), size);
        assert!(size <= max_bytes || batches.len() == 1);
        let expected = self.records.get(offset as usize).filter(|_| offset < upper_bound);
        assert_eq!(batches.first().map(|b| b.header().base_offset), expected.map(|r| r.batch));
        for batch in batches {
            let header = *batch.header();
            assert!(header.base_offset < upper_bound);
            let decompressed = batch.decompress(1 << 20).unwrap();
            for record in batch.records(&decompressed).map(Result::unwrap) {
                let expected = &self.records[record.offset as usize];
                assert_eq!(record.value, Some(expected.value.as_slice()));
                assert_eq!(record.timestamp, expected.timestamp);
                assert_eq!(header.base_offset, expected.batch);
                assert_eq!(header.partition_leader_epoch, expected.leader_epoch);
            }
        }
    }

    fn check_timestamp(&self, timestamp: i64) {
        let found = self.log.view.offset_for_timestamp(timestamp).unwrap();
        let kept = self.records.iter().enumerate().skip(self.log_start_offset as usize);
        let first = kept.into_iter().find(|(_, record)| record.timestamp >= timestamp);
        assert_eq!(found.map(|found| found.offset), first.map(|(offset, _)| offset as i64));
        assert_eq!(
            found.map(|found| (found.timestamp, found.leader_epoch)),
            first.map(|(_, record)| (record.timestamp, record.leader_epoch))
        );
    }
}

#[test]
fn a_log_is_what_was_appended_through_rolls_deletions_and_restarts() {
    for seed in 0..60 {
        println!("seed {seed}");
        let mut random = Random::new(seed);
        let mut run = Run::new();
        for _ in 0..120 {
            match random.below(40) {
                0 => run.delete(&mut random),
                1 if run.log.directory_exists => run.reopen(true),
                2 if run.log.directory_exists => run.reopen(false),
                _ => run.append(&mut random),
            }
            run.check(&mut random);
        }
    }
}

#[test]
fn the_largest_timestamp_is_found_with_its_record() {
    let mut run = Run::new();
    let mut random = Random::new(7);
    for _ in 0..30 {
        run.append(&mut random);
        let youngest = run.records.iter().map(|record| record.timestamp).max().unwrap();
        let offset = run.records.iter().position(|record| record.timestamp == youngest).unwrap();
        let found = run.log.view.max_timestamp().unwrap().unwrap();
        assert_eq!((found.timestamp, found.offset), (youngest, offset as i64));
    }
}

fn copy(disk: &MemoryDisk) -> MemoryDisk {
    let directory = Path::new("/data/t-0");
    let copy = MemoryDisk::new();
    copy.create_dir_all(directory).unwrap();
    for entry in disk.list(directory).unwrap() {
        let path = directory.join(entry.name);
        copy.replace(&path, &disk.read(&path).unwrap(), false).unwrap();
    }
    copy
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_to_the_last_whole_batch() {
    let mut random = Random::new(3);
    let mut run = Run::new();
    while run.log.view.closed.len() < 2 || run.log.view.active.as_ref().unwrap().size < 600 {
        run.append(&mut random);
    }
    let active = run.log.view.active.clone().unwrap();
    let ends = batch_ends(&active);
    for length in 0..active.size {
        for garbage in [&b""[..], &[1; 100], &[0xff; 7]] {
            let disk = copy(&run.disk);
            let file = disk.open(&active.segment.log.path()).unwrap();
            file.set_len(length).unwrap();
            file.write_at(garbage, length).unwrap();
            let mut log = reopen(&disk, checkpoints(Some(run.recovery_point))).unwrap();
            log.config = small_segments();
            let (position, offset) =
                *ends.iter().rfind(|(position, _)| *position <= length).unwrap();
            assert_eq!(log.view.log_end_offset, offset, "cut at {length}");
            assert_eq!(file.len().unwrap(), position, "cut at {length}");
            let mut cut = Run { disk, log, records: run.records.clone(), ..Run::new() };
            cut.records.truncate(offset as usize);
            cut.leader_epoch = run.leader_epoch;
            cut.check(&mut random);
            cut.append(&mut random);
            cut.check(&mut random);
        }
    }
}

#[test]
fn the_leader_epoch_of_a_cut_tail_is_forgotten() {
    let mut random = Random::new(1);
    let mut run = Run::new();
    run.append(&mut random);
    let (kept, size) = (run.records.clone(), run.log.view.size_bytes());
    run.leader_epoch = 5;
    run.append(&mut random);
    let file = run.log.view.active.as_ref().unwrap().segment.log.get().unwrap();
    file.set_len(size + 1).unwrap();
    (run.records, run.leader_epoch) = (kept, 3);
    run.reopen(false);
    run.check(&mut random);
    run.append(&mut random);
    run.check(&mut random);
}

/// Where each batch of a segment ends, and the offset after it; the segment's start is the first.
fn batch_ends(view: &SegmentView) -> Vec<(u64, i64)> {
    let mut ends = vec![(0, view.segment.base_offset)];
    let mut scanner = view.scanner(0, 1000).unwrap();
    while let Some(batch) = scanner.next_header().unwrap() {
        ends.push((scanner.position(), batch.header.next_offset()));
    }
    ends
}

#[test]
fn damage_in_a_closed_segment_changes_no_file() {
    let mut random = Random::new(5);
    let mut run = Run::new();
    while run.log.view.closed.len() < 3 {
        run.append(&mut random);
    }
    let damaged = run.log.view.closed[1].segment.log.path();
    let file = run.disk.open(&damaged).unwrap();
    let mut byte = Vec::new();
    file.read_at(&mut byte, 1, 100).unwrap();
    file.write_at(&[byte[0] ^ 1], 100).unwrap();
    let contents = |disk: &MemoryDisk| {
        let directory = Path::new("/data/t-0");
        let mut names: Vec<_> =
            disk.list(directory).unwrap().into_iter().map(|entry| entry.name).collect();
        names.retain(|name| name.ends_with(".log"));
        names.sort();
        names.into_iter().map(|name| disk.read(&directory.join(name)).unwrap()).collect::<Vec<_>>()
    };
    let before = contents(&run.disk);
    for recovery_point in [None, Some(run.log.view.log_end_offset)] {
        run.log = reopen(&run.disk, checkpoints(recovery_point)).unwrap();
        assert_eq!(contents(&run.disk), before);
        let first = run.log.view.closed[1].segment.base_offset;
        check_all_but(&run, first..first + 1);
    }
}

/// Whether every record is read but for the batches that hold `damaged` offsets, which are refused.
fn check_all_but(run: &Run, damaged: std::ops::Range<i64>) {
    let batches: std::collections::BTreeSet<_> =
        run.records[damaged.start as usize..damaged.end as usize].iter().map(|r| r.batch).collect();
    assert_eq!(run.log.view.log_end_offset, run.records.len() as i64);
    for (offset, record) in run.records.iter().enumerate() {
        if !batches.contains(&record.batch) {
            run.check_read(offset as i64, 200, i64::MAX);
            continue;
        }
        let read = run.log.view.read(offset as i64, 1000, i64::MAX, true);
        assert!(matches!(read, Err(StorageError::Corrupt { .. })), "{offset} is damaged: {read:?}");
    }
}

#[test]
fn missing_and_damaged_index_files_are_made_again() {
    for suffix in [".index", ".timeindex"] {
        for damage in [None, Some(&b""[..]), Some(b"x"), Some(&[0x7f; 24])] {
            let mut random = Random::new(11);
            let mut run = Run::new();
            while run.log.view.closed.len() < 3 {
                run.append(&mut random);
            }
            run.log.flush().unwrap();
            let directory = Path::new("/data/t-0");
            for entry in run.disk.list(directory).unwrap() {
                let path = directory.join(&entry.name);
                match damage {
                    _ if !entry.name.ends_with(suffix) => {}
                    None => run.disk.remove_file(&path).unwrap(),
                    Some(bytes) => run.disk.replace(&path, bytes, false).unwrap(),
                }
            }
            run.reopen(true);
            for _ in 0..100 {
                run.check(&mut random);
            }
        }
    }
}

#[test]
fn producers_are_the_same_after_a_restart() {
    for clean in [true, false] {
        let disk = MemoryDisk::new();
        let mut log = Log::new(home(&disk), None);
        log.config = small_segments();
        let mut recovery_point = 0;
        let send = |log: &mut Log, sequence: i32| {
            let mut builder = BatchBuilder::new(Compression::None).producer(5, 0, sequence);
            builder.append(1000, None, Some(&[0; 300]), &[]);
            let batches = builder.build().unwrap();
            log.append(Append { batches, leader_epoch: 0, now_ms: 1000, origin: Origin::Client })
        };
        for sequence in 0..20 {
            send(&mut log, sequence).unwrap();
            recovery_point = log.dirty.recovery_point.unwrap_or(recovery_point);
        }
        if clean {
            log.flush().unwrap();
            recovery_point = 20;
        }
        let checkpoints = LogCheckpoints { clean, ..checkpoints(Some(recovery_point)) };
        let mut log = reopen(&disk, checkpoints).unwrap();
        let again = send(&mut log, 19).unwrap();
        assert!(again.is_duplicate && again.base_offset == 19);
        assert!(matches!(send(&mut log, 21), Err(StorageError::OutOfOrderSequence { .. })));
        assert_eq!(send(&mut log, 20).unwrap().base_offset, 20);
    }
}

#[test]
fn segments_roll_by_size_time_and_index() {
    let disk = MemoryDisk::new();
    let rolls = |config: LogConfig, timestamps: &[i64]| {
        let mut log = Log::new(home(&disk), None);
        log.config = config;
        for timestamp in timestamps {
            let mut builder = BatchBuilder::new(Compression::None);
            builder.append(*timestamp, None, Some(&[0; 100]), &[]);
            let batches = builder.build().unwrap();
            let append = Append { batches, leader_epoch: 0, now_ms: 0, origin: Origin::Client };
            log.append(append).unwrap();
        }
        log.view.closed.iter().map(|view| view.size).collect::<Vec<_>>()
    };
    let size = 61 + 109;
    let by_size = LogConfig { segment_bytes: 2 * size as u32, ..LogConfig::default() };
    assert_eq!(rolls(by_size, &[0; 5]), [2 * size, 2 * size]);
    let by_time = LogConfig { segment_ms: 10, ..LogConfig::default() };
    assert_eq!(rolls(by_time, &[100, 110, 111, 105, 121]), [2 * size, 3 * size][..1]);
    let by_index =
        LogConfig { segment_index_bytes: 12, index_interval_bytes: 1, ..LogConfig::default() };
    assert_eq!(rolls(by_index, &[0; 5]), [2 * size, 2 * size]);
}

#[test]
fn appends_that_cannot_be_right_are_refused_and_leave_no_trace() {
    let disk = MemoryDisk::new();
    let mut log = Log::new(home(&disk), None);
    log.config = small_segments();
    let mut append = |batches: Vec<u8>| {
        log.append(Append {
            batches: batches.into(),
            leader_epoch: 0,
            now_ms: 0,
            origin: Origin::Client,
        })
    };
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(0, None, Some(&[0; 600]), &[]);
    let batch = builder.build().unwrap();
    assert!(matches!(append(Vec::new()), Err(StorageError::InvalidBatch(_))));
    assert!(matches!(append(batch[..600].to_vec()), Err(StorageError::InvalidBatch(_))));
    let too_large = append([&batch[..]; 3].concat());
    assert!(matches!(too_large, Err(StorageError::RecordListTooLarge { .. })));
    let two = append([&batch[..]; 2].concat()).unwrap();
    assert_eq!((two.base_offset, two.last_offset), (0, 1));
}

/// A log with three closed segments, and where each segment starts.
fn four_segments(random: &mut Random) -> (Run, Vec<i64>) {
    let mut run = Run::new();
    while run.log.view.closed.len() < 3 {
        run.append(random);
    }
    let bases = run.log.view.segments(0).map(|view| view.segment.base_offset).collect();
    (run, bases)
}

fn recover_from(run: &Run, recovery_point: Option<i64>) -> Result<Log, StorageError> {
    reopen(&run.disk, checkpoints(recovery_point))
}

#[test]
fn a_tail_torn_across_a_roll_is_cut_beyond_the_recovery_point_if_that_is_known() {
    let mut random = Random::new(13);
    for lost in 0..3 {
        let (mut run, bases) = four_segments(&mut random);
        let torn = run.log.view.closed[lost].clone();
        let file = run.disk.open(&torn.segment.log.path()).unwrap();
        file.set_len(torn.size - 1).unwrap();
        let log = reopen(&copy(&run.disk), checkpoints(None)).unwrap();
        let whole = Run { log, records: run.records.clone(), ..Run::new() };
        check_all_but(&whole, bases[lost + 1] - 1..bases[lost + 1]);
        run.log = recover_from(&run, Some(bases[lost])).unwrap();
        run.log.config = small_segments();
        let end = run.log.view.log_end_offset;
        assert!((bases[lost]..bases[lost + 1]).contains(&end));
        assert_eq!(run.log.view.closed.len(), lost);
        run.records.truncate(end as usize);
        run.leader_epoch += 1;
        for _ in 0..30 {
            run.append(&mut random);
            run.check(&mut random);
        }
    }
}

#[test]
fn a_segment_that_is_missing_beyond_the_recovery_point_ends_the_log() {
    let (mut run, bases) = four_segments(&mut Random::new(17));
    run.disk.remove_file(&run.log.view.closed[1].segment.log.path()).unwrap();
    run.log = recover_from(&run, Some(bases[1])).unwrap();
    assert_eq!(run.log.view.log_end_offset, bases[1]);
    assert_eq!(run.log.view.segments(0).count(), 1);
}

#[test]
fn a_snapshot_that_is_torn_or_of_another_version_is_made_again_from_the_log() {
    for bytes in [&[0; 100][..], &[0, 9, 1, 2, 3, 4], b""] {
        let (run, bases) = four_segments(&mut Random::new(19));
        let path = FileKind::Snapshot.path(Path::new("/data/t-0"), bases[3]);
        run.disk.replace(&path, bytes, false).unwrap();
        recover_from(&run, Some(bases[3])).unwrap();
        assert!(run.disk.open(&path).is_err());
    }
}

#[test]
fn a_snapshot_from_before_the_first_segment_is_not_used() {
    let disk = MemoryDisk::new();
    let mut log = Log::new(home(&disk), None);
    log.config = small_segments();
    for sequence in 0..20 {
        let mut builder = BatchBuilder::new(Compression::None).producer(5, 0, sequence);
        builder.append(1000, None, Some(&[0; 300]), &[]);
        let batches = builder.build().unwrap();
        let (leader_epoch, now_ms) = (0, 1000);
        log.append(Append { batches, leader_epoch, now_ms, origin: Origin::Client }).unwrap();
    }
    let older = log.snapshots[0];
    log.delete_records_before(20, 0).unwrap().iter().for_each(|file| file.remove().unwrap());
    disk.remove_file(&FileKind::Snapshot.path(&log.home.directory, 20)).unwrap();
    log.snapshots.iter().filter(|offset| **offset < 20).for_each(|offset| {
        let path = FileKind::Snapshot.path(&log.home.directory, *offset);
        assert!(older <= *offset && disk.open(&path).is_ok());
    });
    let checkpoints = LogCheckpoints { log_start_offset: 20, ..checkpoints(Some(20)) };
    let log = reopen(&disk, checkpoints).unwrap();
    // With the old snapshot, the next batch of the producer would be out of order.
    assert!(log.producers.by_id.is_empty());
}

/// What [`Log::retain`] leaves: the log start offset and the bases of the segments.
fn retained(log: &mut Log, now_ms: i64) -> (i64, Vec<i64>) {
    log.retain(now_ms, true);
    let bases = log.view.segments(0).map(|view| view.segment.base_offset).collect();
    (log.view.log_start_offset, bases)
}

#[test]
fn retention_deletes_whole_segments_and_the_log_goes_on() {
    let mut random = Random::new(9);
    let (mut run, bases) = four_segments(&mut random);
    let log = &mut run.log;
    assert_eq!(retained(log, i64::MAX), (0, bases.clone()), "without a policy all is kept");
    let age_ms = Some(1000);
    log.config.retention = Some(Retention { bytes: None, age_ms });
    let youngest = |log: &Log, segment: usize| log.view.closed[segment].max_timestamp;
    let now_ms = youngest(log, 1).max(youngest(log, 0)) + 1001;
    assert_eq!(retained(log, now_ms), (bases[2], bases[2..].to_vec()));
    let end = log.view.log_end_offset;
    assert_eq!(retained(log, i64::MAX), (end, vec![end]), "the active segment is rolled");
    assert_eq!(retained(log, i64::MAX), (end, vec![end]), "an empty one is not");
    run.append(&mut random);
    assert_eq!(run.log.view.size_bytes(), run.log.view.active.as_ref().unwrap().size);
}

#[test]
fn a_full_disk_keeps_no_more_than_the_active_segment_from_being_deleted() {
    let disk = CrashDisk::default();
    let cache = FileCache::new(Arc::new(disk.clone()), 100);
    let home = LogHome::new(PartitionId::new("t", 0).unwrap(), &cache, &options());
    let mut log = Log::new(home, None);
    log.config = LogConfig {
        segment_ms: 0,
        retention: Some(Retention { bytes: None, age_ms: Some(0) }),
        ..without_committer()
    };
    for timestamp in 0..4 {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(timestamp, None, None, &[]);
        let batches = builder.build().unwrap();
        log.append(Append { batches, leader_epoch: 0, now_ms: 0, origin: Origin::Client }).unwrap();
    }
    disk.fail(Operation::Write, 0, 1, Errno::NOSPC);
    assert_eq!(retained(&mut log, i64::MAX), (3, vec![3]));
    assert_eq!(retained(&mut log, i64::MAX), (4, vec![4]), "it goes when there is room again");
}

#[test]
fn jitter_shortens_the_life_of_segments_each_by_another_time() {
    let mut log = Log::new(home(&MemoryDisk::new()), None);
    log.config = LogConfig { segment_ms: 1000, segment_jitter_ms: 100, ..LogConfig::default() };
    let lives: Vec<i64> = (0..50).map(|base| log.segment_ms(base)).collect();
    assert!(lives.iter().all(|life| (901..=1000).contains(life)), "{lives:?}");
    assert!(lives.iter().any(|life| *life != lives[0]));
    log.config.segment_jitter_ms = 5000;
    assert!((0..50).all(|base| (1..=1000).contains(&log.segment_ms(base))));
}

#[test]
fn leader_epochs_that_were_walked_are_written_before_they_are_trusted() {
    let mut random = Random::new(23);
    let (mut run, _) = four_segments(&mut random);
    run.leader_epoch += 1;
    run.append(&mut random);
    let path = Path::new("/data/t-0/leader-epoch-checkpoint");
    for stale in [&b"0\n0\n"[..], b"0\n1\n0 9\n"] {
        run.disk.replace(path, stale, false).unwrap();
        run.recovery_point = 0;
        run.reopen(false);
        run.recovery_point = run.log.view.log_end_offset;
        run.reopen(false);
        (0..50).for_each(|_| run.check(&mut random));
    }
}
