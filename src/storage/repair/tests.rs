//! A repair takes out what is damaged and nothing else, wherever the power is cut.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use super::super::verify::tests::{BATCHES, DATA, End, RECORDS, batches, in_log, memory, written};
use super::super::verify::{PartitionReport, verify};
use super::super::{Ack, Append, LogConfig, Origin, Store, StoreOptions};
use super::*;
use crate::base::disk::MemoryDisk;
use crate::base::disk::crash::CrashDisk;
use crate::base::uuid::Uuid;
use crate::wire::records::{BatchBuilder, Compression};

/// A small generator of random numbers (xorshift), so that a seed tells the whole run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn report(disk: &Arc<dyn Disk>) -> PartitionReport {
    let mut found = verify(disk, Path::new(DATA), 1, |_| true).unwrap();
    found.partitions.pop().unwrap()
}

/// The batches that can be read, by base offset, with all their bytes.
fn intact(disk: &Arc<dyn Disk>, report: &PartitionReport) -> BTreeMap<i64, Vec<u8>> {
    let is_damaged = |offset: &i64| {
        report.damage.iter().any(|(_, d)| (d.start_offset..d.end_offset).contains(offset))
    };
    let bytes = |(path, batch): (PathBuf, super::super::scan::Scanned)| {
        let mut bytes = Vec::new();
        let file = disk.open(&path).unwrap();
        file.read_at(&mut bytes, batch.header.size(), batch.position).unwrap();
        (batch.header.base_offset, bytes)
    };
    let found = batches_around_damage(disk, report).into_iter();
    // One without records stands for an end that is lost.
    let found = found.filter(|(_, batch)| batch.header.record_count > 0).map(bytes);
    found.filter(|(offset, _)| !is_damaged(offset)).collect()
}

/// All batches, those after damage too.
fn batches_around_damage(
    disk: &Arc<dyn Disk>,
    report: &PartitionReport,
) -> Vec<(PathBuf, super::super::scan::Scanned)> {
    use super::super::scan::{Scanner, WHOLE_CHUNK};
    let mut found = Vec::new();
    for entry in disk.list(&in_log("")).unwrap() {
        let Some((FileKind::Log, base_offset)) = FileKind::of(&entry.name) else { continue };
        let path = in_log(&entry.name);
        let file = disk.open(&path).unwrap();
        let end = file.len().unwrap();
        let mut scanner = Scanner::new(file, 0, end, WHOLE_CHUNK);
        loop {
            let at = scanner.position();
            let damage = report.damage.iter().find(|(base, range)| {
                *base == base_offset && range.position == at && range.end_position > at
            });
            match (damage, scanner.next_valid()) {
                (Some((_, range)), _) => scanner.skip_to(range.end_position),
                (None, Ok(Some(batch))) => found.push((path.clone(), batch)),
                (None, _) => break,
            }
        }
    }
    found
}

/// Plants some damage; returns what it did.
fn damage(disk: &Arc<dyn Disk>, random: &mut Random) -> String {
    let all = batches(disk);
    let mut done = String::new();
    for _ in 0..1 + random.below(4) {
        let (path, batch) = &all[random.below(all.len() as u64) as usize];
        let file = disk.open(path).unwrap();
        let at = batch.position + random.below(batch.header.size() as u64);
        match random.below(4) {
            0 => file.write_at(&[0; 64], at).unwrap(),
            1 if path == &all[all.len() - 1].0 => file.set_len(at).unwrap(),
            _ => {
                let mut byte = Vec::new();
                file.read_at(&mut byte, 1, at).unwrap();
                let byte = byte.first().copied().unwrap_or_default();
                file.write_at(&[byte ^ (1 << random.below(8))], at).unwrap();
            }
        }
        done += &format!("{} at {at}; ", path.display());
    }
    done
}

fn repair_all(disk: &Arc<dyn Disk>) {
    if let Some(plan) = RepairPlan::of(&report(disk)) {
        repair(disk, Path::new(DATA), &plan).unwrap();
    }
}

#[track_caller]
fn assert_is_clean(disk: &Arc<dyn Disk>, context: &str) {
    let bad = [FindingKind::Damage, FindingKind::Rebuild, FindingKind::Unavailable];
    let found: Vec<_> =
        report(disk).findings.into_iter().filter(|found| bad.contains(&found.kind)).collect();
    assert!(found.is_empty(), "{context}: {found:#?}");
}

/// Opens the store, reads the log from start to end, and appends a batch; returns the offsets of
/// the batches that hold records, and where the new one went.
fn served(disk: &Arc<dyn Disk>, context: &str) -> (Vec<i64>, i64) {
    let store = Store::open(disk.clone(), StoreOptions::new(DATA)).unwrap();
    let id = PartitionId::new("t", 0).unwrap();
    let config = LogConfig::default();
    let log = store.open_partition(id, Uuid([9; 16]), config, Arc::new(|_| {})).expect(context);
    let view = log.view();
    let (mut offset, mut offsets) = (view.log_start_offset(), Vec::new());
    while offset < view.log_end_offset() {
        let bytes = view.read(offset, 1, i64::MAX, true).expect(context);
        let header = crate::wire::records::BatchHeader::parse(&bytes).unwrap();
        offsets.extend((header.record_count > 0).then_some(header.base_offset));
        offset = header.next_offset();
    }
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(5000, None, Some(b"new"), &[]);
    let batches = builder.build().unwrap();
    let append = Append { batches, leader_epoch: 9, now_ms: 1000, origin: Origin::Client };
    let (sender, receiver) = mpsc::channel();
    log.append(append, Ack::Durable, move |reply| sender.send(reply).unwrap());
    let appended = receiver.recv().unwrap().unwrap().base_offset;
    store.close().unwrap();
    (offsets, appended)
}

#[test]
fn intact_batches_stay_byte_for_byte_and_the_rest_is_passed_over() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let end = if random.below(2) == 0 { End::Closed } else { End::Killed };
        let disk = memory(end);
        let planted = damage(&disk, &mut random);
        let context = format!("seed {seed} {end:?}: {planted}");
        let before = report(&disk);
        let expected = intact(&disk, &before);
        repair_all(&disk);
        assert_is_clean(&disk, &context);
        let after = report(&disk);
        assert_eq!(after.log_end_offset, before.log_end_offset, "{context}");
        assert_eq!(intact(&disk, &after), expected, "{context}");
        assert!(RepairPlan::of(&after).is_none(), "{context}");

        let (offsets, appended) = served(&disk, &context);
        assert_eq!(appended, BATCHES * RECORDS, "{context}");
        assert!(offsets.iter().eq(expected.keys()), "{context}");
        assert_is_clean(&disk, &context);
    }
}

#[test]
fn damaged_bytes_are_kept_once_with_what_they_were() {
    let disk = memory(End::Closed);
    let (path, batch) = batches(&disk).remove(7);
    let file = disk.open(&path).unwrap();
    file.write_at(b"rotten", batch.position + 70).unwrap();
    let mut rotten = Vec::new();
    file.read_at(&mut rotten, batch.header.size(), batch.position).unwrap();
    let plan = RepairPlan::of(&report(&disk)).unwrap();
    assert_eq!((plan.offsets_lost(), plan.bytes_lost()), (RECORDS as u64, rotten.len() as u64));
    let (start, end) = (batch.header.base_offset, batch.header.next_offset());
    let expected = Loss {
        path: path.clone(),
        bytes: batch.position..batch.position + rotten.len() as u64,
        offsets: start..end,
    };
    assert_eq!(plan.losses, [expected]);

    let segment = base_offset(&path, FileKind::Log).unwrap();
    let cache = FileCache::new(disk.clone(), 3);
    let home = LogHome::new(plan.partition.clone(), &cache, &StoreOptions::new(DATA));
    // As if a repair had been cut off after this step.
    kept::keep(&home, segment, &plan.segments[&segment].damage).unwrap();
    repair(&disk, Path::new(DATA), &plan).unwrap();
    let mut kept_path = path.into_os_string();
    kept_path.push(".damaged");
    let kept = disk.read(kept_path.as_ref()).unwrap();
    let crc = crc32c::crc32c(&rotten);
    let (position, length) = (batch.position, rotten.len());
    let line = format!("kf-damaged 0 {start} {end} {position} {length} {crc}\n");
    assert_eq!(kept, [line.as_bytes(), &rotten, b"\n"].concat());
}

#[test]
fn a_power_cut_at_any_operation_leaves_all_that_is_intact_and_a_repair_that_can_be_finished() {
    let states = Arc::new(AtomicU64::new(0));
    for seed in 0..10 {
        let mut random = Random::new(seed);
        let end = if random.below(2) == 0 { End::Closed } else { End::Killed };
        let start = written(Arc::new(MemoryDisk::new()), end);
        let planted = damage(&start, &mut random);
        let crash = on_crash_disk(&start);
        let disk: Arc<dyn Disk> = Arc::new(crash.clone());
        let before = report(&disk);
        let expected = intact(&disk, &before);
        let (context, counted) = (format!("seed {seed} {end:?}: {planted}"), states.clone());
        let choices = std::sync::Mutex::new(random);
        let observer = move |disk: &CrashDisk| {
            let mut random = choices.lock().unwrap();
            let left = disk.crash(&mut |limit| random.below(limit as u64) as usize);
            let left: Arc<dyn Disk> = Arc::new(left);
            counted.fetch_add(1, Ordering::Relaxed);
            let context = format!("{context} operation {}", disk.operations());
            repair_all(&left);
            assert_is_clean(&left, &context);
            // What a start does first.
            let cache = FileCache::new(left.clone(), 3);
            let id = PartitionId::new("t", 0).unwrap();
            swap::finish(&LogHome::new(id, &cache, &StoreOptions::new(DATA))).unwrap();
            assert_eq!(intact(&left, &report(&left)), expected, "{context}");
        };
        crash.observe(Some(Arc::new(observer)));
        repair_all(&disk);
        crash.observe(None);
        let (_, appended) = served(&disk, "after the repair");
        assert_eq!(appended, BATCHES * RECORDS);
    }
    println!("{} states", states.load(Ordering::Relaxed));
}

/// A copy, all of it durable.
fn on_crash_disk(disk: &Arc<dyn Disk>) -> CrashDisk {
    let copy = CrashDisk::default();
    for directory in [DATA.into(), in_log("")] {
        copy.create_dir_all(&directory).unwrap();
        for entry in disk.list(&directory).unwrap().iter().filter(|entry| !entry.is_directory) {
            let path = directory.join(&entry.name);
            copy.replace(&path, &disk.read(&path).unwrap(), true).unwrap();
        }
    }
    ["/", DATA].into_iter().for_each(|directory| copy.sync_dir(directory.as_ref()).unwrap());
    copy
}
