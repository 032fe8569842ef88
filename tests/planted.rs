//! The checker of `tests/torture`: each anomaly is planted into a reading that was right, and must
//! be found.

use crate::checker::anomaly::Anomaly;
use crate::checker::bounds::Bounds;
use crate::checker::history::{Content, History, Outcome, Promise, RecordId};
use crate::checker::partition::{Found, Keeps, Reading, check, compare};
use crate::checker::register::Register;

const LIMIT: usize = 10;

fn id(sequence: u32) -> RecordId {
    RecordId { producer: 1, sequence }
}

/// Records have one of two keys.
fn content(sequence: u32) -> Content {
    Content { key: u64::from(sequence % 2), all: u64::from(sequence) + 100 }
}

fn found(offset: i64, sequence: u32) -> Found {
    Found { offset, id: Some(id(sequence)), content: content(sequence), bytes: 10 }
}

/// Ten records were sent and acknowledged, each at the offset of its number.
fn history() -> History {
    let mut history = History::default();
    for sequence in 0..10 {
        history.invoke(id(sequence), content(sequence), Promise::KeptAndShown);
        history.answer(id(sequence), Outcome::Acked { offset: Some(i64::from(sequence)) });
    }
    history
}

/// All ten were found.
fn reading() -> Reading {
    let records = (0..10).map(|sequence| found(i64::from(sequence), sequence)).collect();
    Reading { log_start: 0, high_watermark: 10, records }
}

fn judge(history: &History, reading: &Reading) -> Vec<Anomaly> {
    check(history, Keeps::Everything, reading, LIMIT)
}

#[test]
fn a_reading_of_all_that_was_acked_is_right() {
    assert_eq!(history().acked(), 10);
    assert_eq!(history().acked_end, 10);
    assert_eq!(judge(&history(), &reading()), []);
    assert_eq!(compare(Keeps::Everything, &reading(), &reading()), None);
}

#[test]
fn a_lost_record_is_found_at_the_end_and_in_the_middle() {
    let mut cut = reading();
    cut.records.pop();
    cut.high_watermark = 9;
    assert_eq!(judge(&history(), &cut), [Anomaly::Lost { id: id(9), offset: Some(9) }]);

    let mut hole = reading();
    hole.records.remove(4);
    let expected = [Anomaly::Gap { from: 4, to: 5 }, Anomaly::Lost { id: id(4), offset: Some(4) }];
    assert_eq!(judge(&history(), &hole), expected);
}

#[test]
fn what_was_not_acked_or_not_durable_may_be_missing() {
    let mut history = history();
    history.invoke(id(10), content(10), Promise::KeptAndShown);
    history.invoke(id(11), content(11), Promise::Nothing);
    history.answer(id(11), Outcome::Acked { offset: Some(11) });
    assert_eq!(judge(&history, &reading()), []);
    assert_eq!(history.acked_end, 10);
}

#[test]
fn what_was_kept_need_not_be_shown_yet() {
    let mut history = history();
    history.invoke(id(10), content(10), Promise::Kept);
    history.answer(id(10), Outcome::Acked { offset: Some(10) });
    assert_eq!(history.acked_end, 10);
    assert_eq!(judge(&history, &reading()), [Anomaly::Lost { id: id(10), offset: Some(10) }]);
}

#[test]
fn a_record_without_an_answer_may_be_there() {
    let mut history = history();
    history.invoke(id(10), content(10), Promise::KeptAndShown);
    let mut reading = reading();
    reading.records.push(found(10, 10));
    reading.high_watermark = 11;
    assert_eq!(judge(&history, &reading), []);
}

#[test]
fn a_refused_record_must_not_be_there() {
    let mut history = history();
    history.answer(id(9), Outcome::Refused);
    let expected = [Anomaly::Unsent { id: Some(id(9)), offset: 9 }];
    assert_eq!(judge(&history, &reading()), expected);
}

#[test]
fn a_record_that_nobody_sent_is_found() {
    let mut reading = reading();
    reading.high_watermark = 12;
    reading.records.push(found(10, 10));
    reading.records.push(Found { id: None, ..found(11, 11) });
    let expected = [
        Anomaly::Unsent { id: Some(id(10)), offset: 10 },
        Anomaly::Unsent { id: None, offset: 11 },
    ];
    assert_eq!(judge(&history(), &reading), expected);
}

#[test]
fn a_record_that_is_there_twice_is_found() {
    let mut reading = reading();
    reading.records.push(found(10, 9));
    reading.high_watermark = 11;
    let duplicate = Anomaly::Duplicate { id: id(9), first: 9, second: 10 };
    assert!(judge(&history(), &reading).contains(&duplicate));
}

#[test]
fn records_in_another_order_are_found() {
    let mut reading = reading();
    reading.records[3] = found(3, 4);
    reading.records[4] = found(4, 3);
    let anomalies = judge(&history(), &reading);
    let reordered = Anomaly::Reordered { id: id(3), after: id(4), offset: 4 };
    assert!(anomalies.contains(&reordered), "{anomalies:?}");
    assert!(anomalies.contains(&Anomaly::Moved { id: id(3), acked: 3, found: 4 }));
}

#[test]
fn records_of_two_producers_may_be_in_any_order() {
    let mut history = history();
    let other = RecordId { producer: 2, sequence: 0 };
    history.invoke(other, content(0), Promise::KeptAndShown);
    history.answer(other, Outcome::Acked { offset: Some(10) });
    let mut reading = reading();
    reading.records.push(Found { id: Some(other), ..found(10, 0) });
    reading.high_watermark = 11;
    assert_eq!(judge(&history, &reading), []);
}

#[test]
fn an_altered_record_is_found() {
    let mut reading = reading();
    reading.records[5].content.all += 1;
    assert_eq!(judge(&history(), &reading), [Anomaly::Altered { id: id(5), offset: 5 }]);
}

#[test]
fn offsets_that_go_back_are_found() {
    let mut reading = reading();
    reading.records[5].offset = 3;
    let anomalies = judge(&history(), &reading);
    assert!(anomalies.contains(&Anomaly::Backwards { offset: 3, after: 4 }), "{anomalies:?}");
}

#[test]
fn an_acked_deletion_that_is_undone_is_found() {
    let mut history = history();
    history.deleted.ask(4);
    assert_eq!(judge(&history, &reading()), []);
    history.deleted.ack();
    let expected = [Anomaly::Undeleted { log_start: 0, deleted_before: 4 }];
    assert_eq!(judge(&history, &reading()), expected);
}

#[test]
fn a_deletion_that_nobody_asked_for_is_found() {
    let mut history = history();
    let mut reading = reading();
    reading.log_start = 4;
    reading.records.drain(..4);
    let expected = [Anomaly::Overdeleted { log_start: 4, asked: 0 }];
    assert_eq!(judge(&history, &reading), expected);
    history.deleted.ask(4);
    assert_eq!(judge(&history, &reading), []);
}

#[test]
fn retention_leaves_the_bytes_that_it_must() {
    let mut reading = reading();
    reading.log_start = 4;
    reading.records.drain(..4);
    let judge = |at_least| check(&history(), Keeps::LastBytes(at_least), &reading, LIMIT);
    assert_eq!(judge(60), []);
    assert_eq!(judge(61), [Anomaly::Overretained { bytes: 60, at_least: 61 }]);
}

#[test]
fn compaction_leaves_the_last_record_of_each_key() {
    let judge = |kept: &[u32]| {
        let records = kept.iter().map(|sequence| found(i64::from(*sequence), *sequence)).collect();
        let reading = Reading { records, ..reading() };
        check(&history(), Keeps::LastOfKey, &reading, LIMIT)
    };
    assert_eq!(judge(&[8, 9]), []);
    assert_eq!(judge(&[0, 3, 8, 9]), []);
    assert_eq!(judge(&[6, 9]), [Anomaly::Lost { id: id(8), offset: Some(8) }]);
}

#[test]
fn readings_that_differ_are_found() {
    let differs = |other: &Reading| compare(Keeps::Everything, &reading(), other);
    let mut other = reading();
    other.records[5].content.all += 1;
    assert_eq!(differs(&other), Some(Anomaly::Unstable { offset: 5 }));
    let mut shorter = reading();
    shorter.records.pop();
    assert_eq!(differs(&shorter), Some(Anomaly::Unstable { offset: 9 }));
    shorter.high_watermark = 9;
    assert_eq!(differs(&shorter), None);
}

#[test]
fn compaction_between_two_readings_removes_records_and_brings_none_back() {
    let mut later = reading();
    later.records.remove(4);
    assert_eq!(compare(Keeps::LastOfKey, &reading(), &later), None);
    let back = compare(Keeps::LastOfKey, &later, &reading());
    assert_eq!(back, Some(Anomaly::Unstable { offset: 4 }));
    later.records[4].content.all += 1;
    let altered = compare(Keeps::LastOfKey, &reading(), &later);
    assert_eq!(altered, Some(Anomaly::Unstable { offset: 5 }));
}

#[test]
fn a_fact_neither_goes_back_nor_ahead() {
    let mut register = Register::default();
    register.ask(5);
    register.ack();
    register.ask(7);
    assert_eq!(register.check(4), Some(Anomaly::Forgotten { found: 4, promised: 5 }));
    assert_eq!(register.check(5), None);
    assert_eq!(register.check(7), None);
    assert_eq!(register.check(5), Some(Anomaly::Forgotten { found: 5, promised: 7 }));
    assert_eq!(register.check(8), Some(Anomaly::Invented { found: 8, asked: 7 }));
}

#[test]
fn something_exists_only_as_its_last_steps_explain() {
    let mut register = Register::default();
    assert_eq!(register.check_existence(false), None);
    register.ask(1);
    assert_eq!(register.check_existence(false), None);
    assert_eq!(register.check_existence(true), None);
    register.ack();
    let gone = Anomaly::Neither { exists: false, acked: 1, asked: 1 };
    assert_eq!(register.check_existence(false), Some(gone));
    register.ask(2);
    register.ack();
    let back = Anomaly::Neither { exists: true, acked: 2, asked: 2 };
    assert_eq!(register.check_existence(true), Some(back));
    assert_eq!(back.to_string().split(" after").next(), Some("exists"));
}

#[test]
fn bounds_that_go_back_are_found() {
    let seen = Bounds { log_start: 3, high_watermark: 9 };
    assert_eq!(seen.check(seen), []);
    assert_eq!(seen.check(Bounds { log_start: 4, high_watermark: 12 }), []);
    let back = |what, now, seen| Anomaly::Regressed { what, now, seen };
    let found = Bounds { log_start: 2, high_watermark: 8 };
    assert_eq!(seen.check(found), [back("log start", 2, 3), back("high watermark", 8, 9)]);
    assert_eq!(seen.max(found), seen);
}

#[test]
fn a_record_that_was_not_sent_after_all_is_forgotten() {
    let mut history = history();
    history.invoke(id(10), content(10), Promise::KeptAndShown);
    history.withdraw(id(10));
    let mut reading = reading();
    reading.records.push(found(10, 10));
    reading.high_watermark = 11;
    let expected = [Anomaly::Unsent { id: Some(id(10)), offset: 10 }];
    assert_eq!(judge(&history, &reading), expected);
}
