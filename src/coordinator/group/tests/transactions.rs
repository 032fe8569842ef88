use super::*;
use crate::wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};

const PRODUCER: i64 = 1000;

fn request(member_id: &str, generation_id: i32, offset: i64) -> TxnOffsetCommitRequest {
    let partition = TxnOffsetCommitRequestPartition {
        committed_offset: offset,
        committed_metadata: None,
        ..Default::default()
    };
    TxnOffsetCommitRequest {
        transactional_id: "tx".into(),
        group_id: "g".into(),
        producer_id: PRODUCER,
        producer_epoch: 3,
        generation_id,
        member_id: member_id.into(),
        topics: vec![TxnOffsetCommitRequestTopic { name: "t".into(), partitions: vec![partition] }],
        ..Default::default()
    }
}

fn commit(driver: &mut Driver, request: &TxnOffsetCommitRequest) -> ErrorCode {
    let ticket = driver.ticket();
    let effects = driver.machine.commit_transactional_offsets(ticket, request, driver.now);
    driver.absorb(effects);
    match driver.answer(ticket) {
        Some(Reply::TxnOffsetCommit(response)) => response.topics[0].partitions[0].error_code,
        other => panic!("no answer to TxnOffsetCommit: {other:?}"),
    }
}

fn end(driver: &mut Driver, is_committed: bool) {
    driver.machine.transaction_ended(partition_for("g", 50), PRODUCER, is_committed);
}

/// Whether partition 0 of "t" waits for a transaction to end.
fn is_unstable(driver: &Driver) -> bool {
    let topic = OffsetFetchRequestTopics {
        name: "t".into(),
        partition_indexes: vec![0],
        ..Default::default()
    };
    let group = OffsetFetchRequestGroup {
        group_id: "g".into(),
        topics: Some(vec![topic]),
        ..Default::default()
    };
    let partition = &driver.machine.fetch_offsets(&group, true).topics[0].partitions[0];
    match partition.error_code {
        ErrorCode::NONE => false,
        ErrorCode::UNSTABLE_OFFSET_COMMIT => {
            assert_eq!(partition.committed_offset, -1);
            true
        }
        other => panic!("unexpected {other}"),
    }
}

#[test]
fn offsets_of_a_transaction_count_once_it_commits() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    assert_eq!(commit(&mut driver, &request("", -1, 2)), ErrorCode::NONE);
    assert_eq!((driver.offset(), is_unstable(&driver)), (1, true));
    end(&mut driver, true);
    assert_eq!((driver.offset(), is_unstable(&driver)), (2, false));
}

#[test]
fn offsets_of_a_transaction_that_aborts_never_count() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    commit(&mut driver, &request("", -1, 2));
    end(&mut driver, false);
    assert_eq!((driver.offset(), is_unstable(&driver)), (1, false));
}

#[test]
fn the_end_of_a_transaction_concerns_the_groups_of_its_partition_alone() {
    let mut driver = Driver::new();
    commit(&mut driver, &request("", -1, 2));
    driver.machine.transaction_ended((partition_for("g", 50) + 1) % 50, PRODUCER, true);
    assert_eq!((driver.offset(), is_unstable(&driver)), (-1, true));
}

#[test]
fn the_append_names_the_producer() {
    let mut driver = Driver::new();
    commit(&mut driver, &request("", -1, 2));
    let transaction = Transaction { producer_id: PRODUCER, producer_epoch: 3 };
    assert_eq!(driver.log[0].transaction, Some(transaction));
}

#[test]
fn an_offset_committed_during_the_transaction_is_newer_and_stays() {
    let mut driver = Driver::new();
    commit(&mut driver, &request("", -1, 2));
    driver.commit_now(&commit_standalone(3));
    end(&mut driver, true);
    assert_eq!(driver.offset(), 3);
}

#[test]
fn members_of_other_generations_are_fenced_and_old_producers_name_no_member() {
    let mut driver = Driver::new();
    assert_eq!(commit(&mut driver, &request("m", 1, 2)), ErrorCode::ILLEGAL_GENERATION);
    let ids = driver.stable_group(1);
    assert_eq!(commit(&mut driver, &request(&ids[0], 2, 2)), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(commit(&mut driver, &request("m", 1, 2)), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(commit(&mut driver, &request(&ids[0], 1, 2)), ErrorCode::NONE);
    assert_eq!(commit(&mut driver, &request("", -1, 2)), ErrorCode::NONE);
}

#[test]
fn a_transaction_is_not_held_up_while_the_leader_assigns() {
    let mut driver = Driver::new();
    let ticket = driver.join(&join_as(""), 3);
    driver.advance(DELAY_MS);
    let id = driver.joined(ticket).member_id;
    assert_eq!(driver.state(), "CompletingRebalance");
    assert_eq!(commit(&mut driver, &request(&id, 1, 2)), ErrorCode::NONE);
}

#[test]
fn an_open_transaction_survives_a_restart() {
    let mut driver = Driver::new();
    commit(&mut driver, &request("", -1, 2));
    let mut restarted = Driver::new();
    restarted.load(&driver.log);
    assert!(is_unstable(&restarted));
    end(&mut restarted, true);
    assert_eq!(restarted.offset(), 2);
}

#[test]
fn an_open_transaction_keeps_its_group_from_expiring() {
    let mut driver = Driver::new();
    commit(&mut driver, &request("", -1, 2));
    driver.advance(365 * 24 * 60 * 60 * 1000);
    driver.expire();
    assert_eq!(driver.state(), "Empty");
    assert!(is_unstable(&driver));
}

#[test]
fn a_group_that_is_deleted_takes_open_transactions_along() {
    let mut driver = Driver::new();
    commit(&mut driver, &request("", -1, 2));
    assert_eq!(driver.delete_group("g"), ErrorCode::NONE);
    end(&mut driver, true);
    assert_eq!((driver.offset(), driver.state().as_str()), (-1, "Dead"));
}
