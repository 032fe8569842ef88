//! A bit that flips in any byte of a data directory, and a log that is cut at any length: what is
//! intact is served, what is not is refused, and nothing else than what was written is read.
//!
//! Every byte and every length take a minute, so they are for `KF_TORTURE_SECONDS`; else it is one
//! of some.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::super::compaction::pass::Limits;
use super::super::log::Log;
use super::super::partition::{Ack, Command};
use super::super::startup;
use super::super::{Append, Compaction, LogConfig, LogView, Origin, StorageError};
use super::process::{self, Process};
use crate::base::disk::crash::CrashDisk;
use crate::base::disk::{Disk, MemoryDisk};
use crate::base::uuid::Uuid;
use crate::storage::PartitionId;
use crate::wire::records::{BatchBuilder, Batches, Compression};

const DATA: &str = "/data";
const TOPICS: [&str; 2] = ["compacted", "orders"];

/// Of how many bytes or lengths one is looked at; a prime, so that all fields are.
fn stride() -> usize {
    if std::env::var_os("KF_TORTURE_SECONDS").is_some() { 1 } else { 7 }
}

/// The files of a directory tree.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What a log answers, when it is as it was written.
#[derive(Debug, PartialEq)]
struct Answers {
    start_and_end: (i64, i64),
    batches: Vec<(i64, Bytes)>,
    epochs: Vec<Option<i32>>,
    /// Offset of the first record from a time on, for each time that is asked for.
    times: Vec<Option<i64>>,
    producers: Vec<i64>,
}

fn small_segments(topic: &str) -> LogConfig {
    let compaction = Compaction { min_dirty_ratio: 0.0, ..Compaction::default() };
    LogConfig {
        segment_bytes: 700,
        index_interval_bytes: 150,
        compaction: (topic == "compacted").then_some(compaction),
        ..LogConfig::default()
    }
}

/// A directory with a log that has lost its start and one that was compacted, each of several
/// segments, epochs and producers. All that is in it is durable.
fn directory(is_closed: bool) -> Files {
    let disk = CrashDisk::default();
    let mut process = Process::start(&disk).unwrap();
    for topic in TOPICS {
        let partition = PartitionId::new(topic, 0).unwrap();
        let id = Uuid([topic.len() as u8; 16]);
        let (number, _) = process.open(&partition, id, small_segments(topic)).unwrap();
        for round in 0..24 {
            append(&mut process, number, round);
            process.commit();
        }
        if topic == "compacted" {
            let limits = Limits { keys_bytes: 10_000, io_bytes: 1000 };
            process.compact(number, limits, 1_000_000, |_, _| {}).unwrap();
        } else {
            let delete = Command::DeleteRecords {
                number,
                offset: 9,
                now_ms: 0,
                reply: Box::new(|start| assert_eq!(start.unwrap(), 9)),
            };
            process.write(delete);
        }
        process.commit();
    }
    process.remove_garbage();
    if is_closed {
        process.close().unwrap();
    }
    let mut files = Files::new();
    collect(&disk, Path::new(DATA), &mut files);
    files
}

fn append(process: &mut Process, number: u64, round: i32) {
    let mut builder =
        BatchBuilder::new(Compression::None).producer(i64::from(round % 2), 0, round / 2 * 2);
    for record in 0..2 {
        let key = [(round % 5) as u8, record as u8];
        let value = vec![round as u8; 20 + (round % 3) as usize];
        builder.append(i64::from(round) * 10 + record, Some(&key), Some(&value), &[]);
    }
    let append = Append {
        batches: builder.build().unwrap(),
        leader_epoch: round / 9,
        now_ms: 0,
        origin: Origin::Client,
    };
    let reply = Box::new(|appended: Result<_, StorageError>| assert!(appended.is_ok()));
    process.write(Command::Append { number, append, ack: Ack::Durable, reply });
}

fn collect(disk: &dyn Disk, directory: &Path, files: &mut Files) {
    for entry in disk.list(directory).unwrap() {
        let path = directory.join(entry.name);
        match entry.is_directory {
            true => collect(disk, &path, files),
            false => drop(files.insert(path.clone(), disk.read(&path).unwrap())),
        }
    }
}

/// The logs of a directory with these files.
fn recover(files: &Files) -> Result<BTreeMap<PartitionId, Log>, StorageError> {
    let disk = MemoryDisk::new();
    for (path, contents) in files {
        disk.create_dir_all(path.parent().unwrap()).unwrap();
        disk.create(path).unwrap().write_at(contents, 0).unwrap();
    }
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let startup = startup::load(&disk, &process::options())?;
    startup.logs.logs.into_iter().map(|(partition, log)| Ok((partition, log?))).collect()
}

/// All that the log answers; offsets that are refused are left out, and returned.
fn ask(log: &Log) -> (Answers, Vec<i64>) {
    let view = &log.view;
    let (start, end) = (view.log_start_offset(), view.log_end_offset());
    let (mut batches, mut refused) = (BTreeMap::new(), Vec::new());
    for offset in start..end {
        let first = view.read(offset, 1, i64::MAX, true).ok();
        let again = view.read(offset, 1, i64::MAX, true);
        assert_eq!(first.as_ref(), again.as_ref().ok(), "{offset} is not answered the same twice");
        match again {
            Ok(bytes) => {
                let batch = Batches::new(bytes).next().map(Result::unwrap);
                batches.extend(batch.map(|b| (b.header().base_offset, b.bytes().clone())));
            }
            Err(StorageError::Corrupt { .. }) => refused.push(offset),
            Err(error) => panic!("{error}"),
        }
    }
    let mut producers: Vec<_> = log.producers.by_id.keys().copied().collect();
    producers.sort_unstable();
    let answers = Answers {
        start_and_end: (start, end),
        epochs: (start..end).map(|offset| view.epoch_at(offset)).collect(),
        times: (0..25).map(|time| offset_for(view, time * 10)).collect(),
        batches: batches.into_iter().collect(),
        producers,
    };
    (answers, refused)
}

fn offset_for(view: &LogView, timestamp: i64) -> Option<i64> {
    view.offset_for_timestamp(timestamp).unwrap().map(|found| found.offset)
}

#[test]
fn a_flipped_bit_anywhere_is_refused_or_harms_nothing() {
    let mut cases = 0;
    for is_closed in [true, false] {
        let files = directory(is_closed);
        let whole: BTreeMap<_, _> = recover(&files)
            .unwrap()
            .into_iter()
            .map(|(partition, log)| {
                let (answers, refused) = ask(&log);
                assert_eq!(refused, [0; 0]);
                assert!(log.view.closed.len() >= 3 && answers.batches.len() > 10, "{partition}");
                (partition, answers)
            })
            .collect();
        assert!(files.keys().any(|path| path.to_str().unwrap().contains(".kfsum")));
        for (path, contents) in &files {
            for at in (cases % stride()..contents.len()).step_by(stride()) {
                let mut flipped = files.clone();
                flipped.get_mut(path).unwrap()[at] ^= 1 << ((at * 5 + 3) % 8);
                let place = format!("closed {is_closed}, byte {at} of {}", path.display());
                check(path, at, &whole, &flipped, &place);
                cases += 1;
            }
        }
    }
    println!("{cases} flipped bits");
}

/// Whether a directory in which a bit of `path` has flipped answers as it did, but for the batch
/// that holds the byte.
fn check(
    path: &Path,
    at: usize,
    whole: &BTreeMap<PartitionId, Answers>,
    flipped: &Files,
    place: &str,
) {
    if path.ends_with("leader-epoch-checkpoint") && at == 0 {
        // Kafka's file has no checksum, and an unknown version is never guessed at.
        assert!(matches!(recover(flipped), Err(StorageError::UnknownVersion { .. })), "{place}");
        return;
    }
    let logs = recover(flipped).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert_eq!(logs.len(), whole.len(), "{place}");
    for (partition, expected) in whole {
        let (answers, refused) = ask(&logs[partition]);
        let is_here = path.parent() == Some(&Path::new(DATA).join(partition.to_string()));
        if !is_here || path.extension() != Some("log".as_ref()) {
            assert_eq!(refused, [0; 0], "{place}: {partition}");
            assert_eq!(answers.start_and_end, expected.start_and_end, "{place}: {partition}");
            assert_eq!(answers.epochs, expected.epochs, "{place}: {partition}");
            assert_eq!(answers.times, expected.times, "{place}: {partition}");
            assert_eq!(answers, *expected, "{place}: {partition}");
            continue;
        }
        assert_eq!(answers.start_and_end, expected.start_and_end, "{place}");
        assert_eq!(answers.epochs, expected.epochs, "{place}");
        let lost: Vec<_> =
            expected.batches.iter().filter(|batch| !answers.batches.contains(batch)).collect();
        let holds = |batch: &(i64, Bytes)| {
            let file = &flipped[path];
            let start = at.saturating_sub(batch.1.len() - 1);
            (start..=at).any(|start| {
                let found = file.get(start..start + batch.1.len());
                found.is_some_and(|found| differences(found, &batch.1) == 1)
            })
        };
        assert!(lost.len() <= 1 && lost.iter().all(|batch| holds(batch)), "{place}: {lost:?}");
        assert!(answers.batches.iter().all(|b| expected.batches.contains(b)), "{place}: made up");
        assert_eq!(refused.is_empty(), lost.is_empty(), "{place}: {refused:?}");
    }
}

fn differences(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

#[test]
fn a_log_cut_at_any_length_keeps_what_is_before_and_refuses_what_was_durable() {
    let files = directory(false);
    let partition = PartitionId::new("orders", 0).unwrap();
    let (whole, _) = ask(&recover(&files).unwrap()[&partition]);
    let directory = Path::new(DATA).join(partition.to_string());
    let is_log = |path: &&PathBuf| {
        path.parent() == Some(&directory) && path.extension() == Some("log".as_ref())
    };
    let logs: Vec<_> = files.keys().filter(is_log).collect();
    for path in &logs {
        let contents = &files[*path];
        for length in (0..=contents.len()).rev().step_by(stride()) {
            for filling in [&[][..], &[0; 90], &[0xa5; 90], &contents[..90]] {
                let mut cut = files.clone();
                let mut bytes = BytesMut::from(&contents[..length]);
                bytes.extend_from_slice(filling);
                cut.insert((*path).clone(), bytes.to_vec());
                let place = format!("{} cut at {length} + {}", path.display(), filling.len());
                let recovered = recover(&cut).unwrap_or_else(|error| panic!("{place}: {error}"));
                let (answers, refused) = ask(&recovered[&partition]);
                assert_eq!(answers.start_and_end, whole.start_and_end, "{place}");
                assert!(answers.batches.iter().all(|b| whole.batches.contains(b)), "{place}");
                let is_lost = |offset: &i64| {
                    let batch = whole.batches.iter().rfind(|(base, _)| base <= offset);
                    !batch.is_some_and(|batch| answers.batches.contains(batch))
                };
                let lost = (whole.start_and_end.0..whole.start_and_end.1).filter(is_lost);
                assert_eq!(refused, lost.collect::<Vec<_>>(), "{place}");
                let in_segment = |(base, bytes): &&(i64, Bytes)| {
                    contents.windows(bytes.len()).any(|found| found == bytes) && *base >= 0
                };
                let before = whole.batches.iter().filter(in_segment).filter(|(_, bytes)| {
                    let at = contents.windows(bytes.len()).position(|found| found == bytes);
                    at.is_some_and(|at| at + bytes.len() <= length)
                });
                let kept = before.clone().filter(|batch| answers.batches.contains(batch)).count();
                assert_eq!(kept, before.count(), "{place}: intact batches are refused");
            }
        }
    }
}

#[test]
fn what_kafka_has_changed_is_not_judged_by_what_was_written_before() {
    let files = directory(true);
    let whole: Vec<_> = recover(&files).unwrap().values().map(|log| ask(log).0).collect();
    let mut changed = files.clone();
    for (path, contents) in &mut changed {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".kfsum") {
            for entry in contents.chunks_exact_mut(12) {
                entry[7] ^= 1;
                let check = crc32c::crc32c(&entry[..8]);
                entry[8..].copy_from_slice(&check.to_be_bytes());
            }
        }
        if name == "recovery-point-offset-checkpoint" {
            let text = String::from_utf8(contents.clone()).unwrap();
            let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("__")).collect();
            *contents = format!("0\n{}\n{}\n", lines.len() - 2, lines[2..].join("\n")).into();
        }
    }
    let recovered: Vec<_> = recover(&changed).unwrap().values().map(ask).collect();
    assert!(recovered.iter().all(|(_, refused)| refused.is_empty()));
    assert!(recovered.into_iter().map(|(answers, _)| answers).eq(whole));
}
