//! `kf dump-log`: against what Kafka's own tool read out of the same files, and on damaged ones.

use std::fs;
use std::path::{Path, PathBuf};

use super::{kf, transcript};
use crate::harness::{TempDir, TestBroker};
use crate::random::Random;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/segments");

/// Runs `kf dump-log` in a directory.
fn dump(directory: &Path, arguments: &str) -> String {
    let arguments: Vec<&str> = ["dump-log"].into_iter().chain(arguments.split(' ')).collect();
    let mut command = kf(&arguments);
    command.current_dir(directory);
    transcript(command)
}

/// A copy of a golden partition, to be damaged.
fn copy_of(partition: &str) -> TempDir {
    let copy = TempDir::new();
    for file in fs::read_dir(Path::new(GOLDEN).join(partition)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

/// Writes bytes over those of a file.
fn overwrite(directory: &TempDir, file: &str, at: usize, bytes: &[u8]) {
    let path = directory.path().join(file);
    let mut content = fs::read(&path).unwrap();
    content[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, content).unwrap();
}

/// Cuts a file, or fills it up with zeros.
fn resize(directory: &TempDir, file: &str, length: u64) {
    let file = fs::File::options().write(true).open(directory.path().join(file)).unwrap();
    file.set_len(length).unwrap();
}

fn files_of(partition: &Path, extension: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(partition)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter(|path| path.metadata().unwrap().len() > 0)
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// What `capture` beside the golden files had Kafka's tool do.
fn dump_as_captured(partition: &Path) -> String {
    let decoder = match partition.file_name().unwrap().to_str().unwrap() {
        "__cluster_metadata-0" => "--cluster-metadata-decoder",
        "__consumer_offsets-0" => "--offsets-decoder",
        "__transaction_state-0" => "--transaction-log-decoder",
        _ => "--print-data-log",
    };
    let mut dumps = String::new();
    for extension in ["log", "index", "timeindex", "snapshot", "txnindex"] {
        for file in files_of(partition, extension) {
            let options = match extension {
                "log" => format!("--deep-iteration {decoder} --files {file}"),
                _ => format!("--files {file}"),
            };
            let transcript = dump(partition, &options);
            let text = transcript.strip_suffix("= 0\n");
            let text = text.unwrap_or_else(|| panic!("{file}: {transcript}"));
            dumps += &format!("# {file}\n{text}");
        }
    }
    dumps
}

#[test]
fn every_file_of_apache_kafka_is_shown_as_kafkas_own_tool_shows_it() {
    let partitions: Vec<PathBuf> = fs::read_dir(GOLDEN)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert_eq!(partitions.len(), 13);
    for partition in partitions {
        let expected = fs::read_to_string(partition.join("dump.txt")).unwrap();
        for (number, (ours, theirs)) in
            dump_as_captured(&partition).lines().zip(expected.lines()).enumerate()
        {
            assert_eq!(ours, theirs, "{} line {}", partition.display(), number + 1);
        }
        assert_eq!(dump_as_captured(&partition), expected, "{}", partition.display());
    }
}

#[test]
fn without_metadata_only_keys_and_values_are_shown() {
    let partition = Path::new(GOLDEN).join("transaction-0");
    let file = "00000000000000000000.log";
    let dump = dump(&partition, &format!("--print-data-log --skip-record-metadata --files {file}"));
    let records: Vec<&str> = dump.lines().filter(|line| !line.starts_with("baseOffset")).collect();
    assert_eq!(
        records,
        [
            "Dumping 00000000000000000000.log",
            "Log starting offset: 0",
            "| key: key payload: value 0",
            " payload: no key",
            "| key: no value",
            "",
            "| key: key payload: value 1",
            " payload: no key",
            "| key: no value",
            "",
            "| key: key payload: value 2",
            " payload: no key",
            "| key: no value",
            "= 0",
        ]
    );
}

#[test]
fn classes_show_keys_and_values_as_numbers_and_bytes() {
    let partition = Path::new(GOLDEN).join("none-0");
    let first_record = |options: &str| {
        let files = "--skip-record-metadata --files 00000000000000000000.log";
        dump(&partition, &format!("{options} {files}")).lines().nth(3).unwrap().to_owned()
    };
    let class = "--value-decoder-class=org.apache.kafka.tools.api";
    assert_eq!(
        first_record(&format!("{class}.IntegerDecoder")),
        format!("| key: key payload: {}", u32::from_be_bytes(*b"valu"))
    );
    assert_eq!(
        first_record(&format!("{class}.DefaultDecoder --key-decoder-class")),
        "| key: key payload: 76616c75652030"
    );
    assert_eq!(first_record(&format!("{class}.LongDecoder")), "| key: key");
    let unknown = dump(&partition, "--value-decoder-class my.Decoder --files a.log");
    assert!(unknown.contains("my.Decoder") && unknown.ends_with("= 2\n"), "{unknown}");
}

#[test]
fn what_is_not_offered_or_makes_no_sense_is_a_usage_error() {
    let partition = Path::new(GOLDEN).join("none-0");
    for arguments in [
        "--print-data-log",
        "--files a.log --remote-log-metadata-decoder",
        "--files a.log --offsets-decoder --cluster-metadata-decoder",
        "--files a.log --offsets-decoder --value-decoder-class StringDecoder",
        "--files a.log --max-bytes -1",
        "--files a.log --max-message-size 5000000000",
    ] {
        assert!(dump(&partition, arguments).ends_with("= 2\n"), "{arguments}");
    }
}

#[test]
fn the_first_bytes_of_a_log_are_enough() {
    let partition = Path::new(GOLDEN).join("indexed-0");
    let shown = dump(&partition, "--max-bytes 300 --files 00000000000000000000.log");
    assert_eq!(shown.matches("baseOffset").count(), 2);
    assert!(shown.ends_with("isvalid: true\n= 0\n"), "{shown}");
}

#[test]
fn a_flipped_bit_is_named_with_its_place_and_the_rest_is_shown() {
    let copy = copy_of("idempotent-0");
    overwrite(&copy, "00000000000000000000.log", 100, b"X");
    let shown = dump(copy.path(), "--files 00000000000000000000.log");
    assert!(shown.contains("! error: 00000000000000000000.log: position 0: batch checksum is"));
    assert_eq!(shown.matches("isvalid: false").count(), 1);
    assert_eq!(shown.matches("isvalid: true").count(), 1);
    assert!(shown.ends_with("= 1\n"), "{shown}");
}

#[test]
fn a_cut_log_is_shown_up_to_the_cut() {
    let copy = copy_of("idempotent-0");
    resize(&copy, "00000000000000000000.log", 200);
    let shown = dump(copy.path(), "--files 00000000000000000000.log");
    let (_, end) = shown.split_once("isvalid: true\n").unwrap();
    assert_eq!(
        end,
        "Found 71 invalid bytes at the end of 00000000000000000000.log\n\
         ! error: 00000000000000000000.log: position 129: the last batch is cut\n= 1\n"
    );
}

#[test]
fn an_impossible_length_ends_the_dump_of_the_file_only() {
    let copy = copy_of("idempotent-0");
    let file = "00000000000000000000.log";
    overwrite(&copy, file, 129 + 8, &[0, 0, 0, 3]);
    let shown = dump(copy.path(), &format!("--files {file},{file}"));
    let error = format!(
        "! error: {file}: position 129: batch length 3 is impossible; it and what follows are \
         129 bytes\n"
    );
    assert_eq!(shown.matches("isvalid: true").count(), 2);
    assert!(shown.ends_with(&format!("{error}{error}= 1\n")), "{shown}");
}

#[test]
fn a_length_that_the_file_does_not_have_costs_no_memory() {
    let copy = copy_of("none-0");
    let file = "00000000000000000000.log";
    overwrite(&copy, file, 8, &i32::MAX.to_be_bytes());
    let shown = dump(copy.path(), &format!("--files {file}"));
    assert!(shown.contains("position 0: the last batch is cut"), "{shown}");
    resize(&copy, file, 3 << 30);
    let shown = dump(copy.path(), &format!("--files {file}"));
    assert!(shown.contains("position 0: a batch of 2147483659 bytes is too large"), "{shown}");
    assert!(shown.ends_with("= 1\n"), "{shown}");
}

#[test]
fn an_index_that_does_not_fit_its_log_is_named() {
    let copy = copy_of("indexed-0");
    overwrite(&copy, "00000000000000000000.index", 4, &129i32.to_be_bytes());
    overwrite(&copy, "00000000000000000000.index", 12, &99_999i32.to_be_bytes());
    let shown = dump(copy.path(), "--verify-index-only --files 00000000000000000000.index");
    let index = copy.path().join("00000000000000000000.index");
    let index = index.display();
    assert_eq!(
        shown,
        format!(
            "Dumping 00000000000000000000.index\n\
             ! Mismatches in :{index}\n\
             !   Index offset: 8, log offset: 5\n\
             ! error: {index}: offset 14: the log has no batch at position 99999\n= 1\n"
        )
    );
}

#[test]
fn a_time_index_that_does_not_fit_its_log_is_named() {
    let copy = copy_of("indexed-0");
    let file = "00000000000000000000.timeindex";
    overwrite(&copy, file, 0, &1i64.to_be_bytes());
    overwrite(&copy, file, 12 + 8, &15i32.to_be_bytes());
    let shown = dump(copy.path(), &format!("--verify-index-only --files {file}"));
    assert_eq!(
        shown,
        format!(
            "Dumping {file}\n\
             ! Found timestamp mismatch in :{}\n\
             !   Index timestamp: 1, log timestamp: 1700000002002\n\
             ! The following indexed offsets are not found in the log.\n\
             ! Indexed offset: 15, found log offset: 17\n= 1\n",
            copy.path().join(file).display()
        )
    );
}

#[test]
fn indexes_are_checked_as_a_broker_does_at_its_start() {
    let copy = copy_of("indexed-0");
    let files = "00000000000000000000.index,00000000000000000000.timeindex";
    let shown = dump(copy.path(), &format!("--index-sanity-check --files {files}"));
    assert_eq!(shown.matches(" passed sanity check.\n").count(), 2);
    assert!(shown.ends_with("= 0\n"), "{shown}");
    resize(&copy, "00000000000000000000.index", 20);
    resize(&copy, "00000000000000000000.timeindex", 20);
    let shown = dump(copy.path(), &format!("--index-sanity-check --files {files}"));
    assert_eq!(shown.matches("the last entry is cut").count(), 2);
    assert!(shown.ends_with("= 1\n"), "{shown}");
}

#[test]
fn damaged_snapshots_and_transaction_indexes_are_refused() {
    let copy = copy_of("transaction-0");
    let (snapshot, index) = ("00000000000000000011.snapshot", "00000000000000000000.txnindex");
    overwrite(&copy, snapshot, 20, b"X");
    overwrite(&copy, index, 1, &[9]);
    let shown = dump(copy.path(), &format!("--files {snapshot},{index}"));
    assert!(shown.contains(&format!("! error: {snapshot}: its checksum is ")), "{shown}");
    assert!(shown.contains(&format!("! error: {index}: an entry has the unknown version 9")));
    assert!(shown.ends_with("= 1\n"), "{shown}");
}

#[test]
fn files_of_other_kinds_and_files_that_are_not_there_do_not_stop_the_others() {
    let partition = Path::new(GOLDEN).join("none-0");
    let files = "partition.metadata,1.log,00000000000000000000.timeindex";
    assert_eq!(
        dump(&partition, &format!("--files {files}")),
        "Dumping partition.metadata\nDumping 1.log\nLog starting offset: 1\n\
         Dumping 00000000000000000000.timeindex\ntimestamp: 1700000000002 offset: 2\n\
         ! Ignoring unknown file partition.metadata\n\
         ! error: 1.log: No such file or directory (os error 2)\n= 1\n"
    );
}

#[test]
fn any_damage_is_survived() {
    let mut random = Random::from_environment();
    let partitions = ["transaction-0", "gzip-0", "__consumer_offsets-0", "__cluster_metadata-0"];
    for round in 0..60 {
        let copy = copy_of(partitions[round % partitions.len()]);
        for extension in ["log", "index", "timeindex", "snapshot", "txnindex"] {
            for file in files_of(copy.path(), extension) {
                let length = fs::metadata(copy.path().join(&file)).unwrap().len();
                let at = random.below(length.min(2000) as usize);
                overwrite(&copy, &file, at, &[random.number() as u8]);
                let decoder = ["offsets", "cluster-metadata"][round / 4 % 2];
                let shown = dump(copy.path(), &format!("--{decoder}-decoder --files {file}"));
                let ended = shown.ends_with("= 0\n") || shown.ends_with("= 1\n");
                assert!(ended, "{file}, byte {at}: {shown}");
            }
        }
    }
}

#[test]
fn all_that_a_broker_leaves_behind_is_shown_and_nothing_is_wrong_with_it() {
    let mut broker = TestBroker::start();
    let create = ["topics", "--create", "--topic", "t", "--partitions", "1"];
    broker.kf(&[&create[..], &["--config", "index.interval.bytes=10"]].concat()).stdout();
    for value in ["first\n", "second\n", "third\n"] {
        broker.kf(&["produce", "--topic", "t"]).stdin(value).stdout();
    }
    let consume = ["consume", "--topic", "t", "--group", "g", "--from-beginning"];
    broker.kf(&[&consume[..], &["--max-messages", "3"]].concat()).stdout();
    broker.stop();
    let mut dumped = String::new();
    for partition in fs::read_dir(broker.data_dir()).unwrap().map(|entry| entry.unwrap().path()) {
        let decoder = match partition.file_name().unwrap().to_str().unwrap() {
            name if name.starts_with("__consumer_offsets") => "--offsets-decoder",
            name if name.starts_with("__cluster_metadata") => "--cluster-metadata-decoder",
            _ => "--print-data-log",
        };
        for extension in ["log", "index", "timeindex", "snapshot"] {
            if partition.is_dir() {
                for file in files_of(&partition, extension) {
                    let shown = dump(&partition, &format!("{decoder} --files {file}"));
                    assert!(shown.ends_with("= 0\n") && !shown.contains("\n!"), "{file}: {shown}");
                    dumped += &shown;
                }
            }
        }
    }
    for promised in [
        "payload: third",
        r#"key: {"type":"1","data":{"group":"g","topic":"t","partition":0}}"#,
        r#"payload: {"type":"TOPIC_RECORD","version":0,"data":{"name":"t""#,
        "\noffset: ",
        "\ntimestamp: ",
    ] {
        assert!(dumped.contains(promised), "{promised} is not in {dumped}");
    }
}
