//! `kf log`: on copies of what Apache Kafka wrote, right and damaged.

use std::fs;
use std::path::Path;

use super::{kf, transcript};
use crate::harness::TempDir;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/segments");

/// A data directory with copies of two golden partitions.
fn data_dir() -> TempDir {
    let data = TempDir::new();
    for partition in ["rolled-0", "indexed-0"] {
        let directory = data.path().join(partition);
        fs::create_dir(&directory).unwrap();
        for file in fs::read_dir(Path::new(GOLDEN).join(partition)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), directory.join(file.file_name())).unwrap();
        }
    }
    let recovery_points = "0\n2\nindexed 0 36\nrolled 0 9\n";
    fs::write(data.path().join("recovery-point-offset-checkpoint"), recovery_points).unwrap();
    data
}

fn run(data: &TempDir, arguments: &[&str]) -> String {
    let mut command = kf(&["log"]);
    command.args(arguments).arg("--data-dir").arg(data.path());
    transcript(command)
}

fn flip(data: &TempDir, file: &str, at: usize) {
    let path = data.path().join(file);
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

const RIGHT: &str = "\
TOPIC    PARTITION  SEGMENTS  BYTES  LOG-START-OFFSET  LOG-END-OFFSET  BATCHES  RECORDS  STATE
indexed  0          1         1550   0                 36              12       36       ok
rolled   0          3         389    0                 9               3        9        ok
! 2 partitions, 4 segments, 1939 bytes, 45 records
= 0
";

#[test]
fn what_is_right_is_one_row_for_each_partition() {
    assert_eq!(run(&data_dir(), &["--verify"]), RIGHT);
}

#[test]
fn damage_is_named_with_its_place_and_ends_with_1() {
    let data = data_dir();
    flip(&data, "rolled-0/00000000000000000003.log", 100);
    let tail = data.path().join("indexed-0/00000000000000000000.log");
    let mut bytes = fs::read(&tail).unwrap();
    bytes.extend([0; 50]);
    fs::write(&tail, bytes).unwrap();
    let expected = "\
TOPIC    PARTITION  SEGMENTS  BYTES  LOG-START-OFFSET  LOG-END-OFFSET  BATCHES  RECORDS  STATE
indexed  0          1         1600   0                 36              12       36       torn tail of 50 bytes
rolled   0          3         389    0                 9               2        6        3 offsets damaged

FINDING    FILE                                POSITION  BYTES  FIRST-OFFSET  LAST-OFFSET  REASON
torn tail  indexed-0/00000000000000000000.log  1550      50     -             -            record format version 0 is not supported (only 2 is)
damage     rolled-0/00000000000000000003.log   0         130    3             5            batch checksum is 0x6cfebbff, the header says 0x7945faf6
! 2 partitions, 4 segments, 1989 bytes, 42 records, 3 offsets damaged, 50 bytes that nobody was promised
= 1
";
    assert_eq!(run(&data, &["--verify"]), expected);
}

#[test]
fn only_what_is_asked_for_is_proved() {
    let data = data_dir();
    flip(&data, "rolled-0/00000000000000000003.log", 100);
    let proved = run(&data, &["--verify", "--topic", "indexed", "--partition", "0", "-o", "name"]);
    assert_eq!(proved, "indexed\n! 1 partition, 1 segment, 1550 bytes, 36 records\n= 0\n");
}

#[test]
fn json_has_the_findings_in_the_partition() {
    let data = data_dir();
    flip(&data, "rolled-0/00000000000000000003.log", 100);
    let found = run(&data, &["--verify", "--topic", "rolled", "-o", "ndjson"]);
    let expected = concat!(
        r#"{"topic":"rolled","partition":0,"segments":3,"bytes":389,"log_start_offset":0,"#,
        r#""log_end_offset":9,"batches":2,"records":6,"offsets_damaged":3,"torn_bytes":0,"#,
        r#""state":"3 offsets damaged","findings":[{"finding":"damage","#,
        r#""file":"rolled-0/00000000000000000003.log","position":0,"bytes":130,"first_offset":3,"#,
        r#""last_offset":5,"reason":"batch checksum is 0x6cfebbff, the header says 0x7945faf6"}]}"#,
        "\n! 1 partition, 3 segments, 389 bytes, 6 records, 3 offsets damaged\n= 1\n",
    );
    assert_eq!(found, expected);
}

const PLAN: &str = "\
ACTION      FILE                                     POSITION  BYTES  FIRST-OFFSET  LAST-OFFSET
lose        rolled-0/00000000000000000003.log        0         130    3             5
make again  rolled-0/00000000000000000000.timeindex  -         -      -             -
! 3 offsets will be lost (130 bytes, kept in .damaged files), 1 file will be made again, all else stays as it is
";

#[test]
fn a_repair_says_what_is_lost_and_does_nothing_until_it_is_told_to() {
    let data = data_dir();
    flip(&data, "rolled-0/00000000000000000003.log", 100);
    flip(&data, "rolled-0/00000000000000000000.timeindex", 0);
    let before = run(&data, &["--verify"]);
    assert_eq!(run(&data, &["--repair", "--dry-run"]), format!("{PLAN}= 0\n"));
    let refused = "\
        ! error: nothing was changed: nobody can be asked whether that is wanted\n\
        ! hint: --yes says that it is\n= 2\n";
    assert_eq!(run(&data, &["--repair"]), format!("{PLAN}{refused}"));
    assert_eq!(run(&data, &["--verify"]), before);
}

#[test]
fn after_a_repair_nothing_is_damaged_and_the_rest_is_there() {
    let data = data_dir();
    flip(&data, "rolled-0/00000000000000000003.log", 100);
    flip(&data, "rolled-0/00000000000000000000.timeindex", 0);
    let repaired = run(&data, &["--repair", "--yes"]);
    assert_eq!(repaired, format!("{PLAN}! repaired 1 partition\n= 0\n"));
    let expected = "\
TOPIC   PARTITION  SEGMENTS  BYTES  LOG-START-OFFSET  LOG-END-OFFSET  BATCHES  RECORDS  STATE
rolled  0          3         259    0                 9               2        6        ok

FINDING   FILE                               POSITION  BYTES  FIRST-OFFSET  LAST-OFFSET  REASON
leftover  rolled-0/*.damaged                 -         -      -             -            1 file of damaged bytes that a repair took out
gap       rolled-0/00000000000000000003.log  -         -      3             5            no records, as compaction leaves it
! 1 partition, 3 segments, 259 bytes, 6 records
= 0
";
    assert_eq!(run(&data, &["--verify", "--topic", "rolled"]), expected);
    assert_eq!(run(&data, &["--repair", "--yes"]), "! nothing to repair\n= 0\n");
}

#[test]
fn a_directory_that_a_broker_has_is_left_alone() {
    let data = data_dir();
    let lock = fs::File::create(data.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let path = data.path().display();
    let refused = format!(
        "! error: the data directory {path} is in use\n! hint: stop the broker that has it\n= 1\n"
    );
    assert_eq!(run(&data, &["--verify"]), refused);
    lock.unlock().unwrap();
    assert_eq!(run(&data, &["--verify"]), RIGHT);
}

#[test]
fn what_is_not_there_is_an_error() {
    let data = data_dir();
    let missing = run(&data, &["--verify", "--topic", "missing"]);
    let expected = format!(
        "! error: there is no partition of topic missing in {}\n= 1\n",
        data.path().display()
    );
    assert_eq!(missing, expected);
    for usage in [&[][..], &["--verify", "--partition", "1"], &["--verify", "--yes"]] {
        assert!(run(&data, usage).ends_with("= 2\n"));
    }
}
