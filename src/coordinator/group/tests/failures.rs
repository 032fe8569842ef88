//! What happens when the log cannot take what a decision asks for.

use super::*;

const FAILED: Result<(), ErrorCode> = Err(ErrorCode::KAFKA_STORAGE_ERROR);

/// A group of two whose next append does not succeed by itself.
fn slow_group() -> (Driver, Vec<String>) {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    driver.is_disk_fast = false;
    (driver, ids)
}

#[test]
fn a_commit_that_cannot_be_written_changes_nothing() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    driver.is_disk_fast = false;
    let ticket = driver.commit(&commit_standalone(2), 8);
    driver.complete_append(FAILED);
    assert_eq!(driver.committed(ticket), ErrorCode::NOT_COORDINATOR);
    assert_eq!(driver.offset(), 1);
}

#[test]
fn the_first_commit_of_a_group_that_cannot_be_written_leaves_no_group() {
    let mut driver = Driver::new();
    driver.is_disk_fast = false;
    driver.commit(&commit_standalone(2), 8);
    driver.complete_append(FAILED);
    assert_eq!(driver.state(), "Dead");
}

#[test]
fn an_assignment_that_cannot_be_written_is_not_handed_out_and_the_group_rebalances() {
    let (mut driver, ids) = slow_group();
    let tickets: Vec<Ticket> =
        ids.iter().zip(["i", "j"]).map(|(id, i)| driver.join(&join_static(id, i), 9)).collect();
    assert_eq!(driver.joined(tickets[0]).generation_id, 2);
    let follower = driver.sync(&sync_as(&ids[1], 2));
    let leader = driver.sync(&assign(&ids[0], 2, &ids));
    driver.complete_append(FAILED);
    for ticket in [leader, follower] {
        let response = driver.synced(ticket);
        assert_eq!(response.error_code, ErrorCode::NOT_COORDINATOR);
        assert_eq!(response.assignment, Bytes::new());
    }
    assert_eq!(driver.heartbeat(&ids[0], 2), ErrorCode::REBALANCE_IN_PROGRESS);
}

#[test]
fn a_returning_instance_that_cannot_be_written_gives_its_place_back() {
    let (mut driver, ids) = slow_group();
    let changed = JoinGroupRequest { session_timeout_ms: 6_000, ..join_static("", "j") };
    let ticket = driver.join(&changed, LATEST);
    driver.complete_append(FAILED);
    let response = driver.joined(ticket);
    assert_eq!(response.error_code, ErrorCode::NOT_COORDINATOR);
    assert_eq!(response.member_id, "");
    assert_eq!(driver.sync_now(&sync_as(&ids[1], 1)).assignment, ids[1].as_bytes());
    driver.advance(SESSION_MS as u64 - 1);
    assert_eq!(driver.heartbeat(&ids[1], 1), ErrorCode::NONE, "with its old session timeout");
}

#[test]
fn a_leader_that_could_not_be_replaced_still_leads() {
    let (mut driver, ids) = slow_group();
    driver.join(&join_static("", "i"), LATEST);
    driver.complete_append(FAILED);
    assert_eq!(driver.join_now(&join_static(&ids[1], "j"), LATEST).leader, ids[0]);
}

#[test]
fn a_returning_instance_that_a_rebalance_overtook_goes_on_whatever_the_log_says() {
    let (mut driver, ids) = slow_group();
    let returning = driver.join(&join_static("", "j"), LATEST);
    let leader = driver.join(&join_static(&ids[0], "i"), LATEST);
    driver.complete_append(FAILED);
    assert_eq!(driver.joined(returning).generation_id, 2);
    assert_eq!(driver.joined(leader).generation_id, 2);
}

#[test]
fn a_group_that_cannot_be_deleted_lives_on() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    driver.is_disk_fast = false;
    let ticket = driver.ticket();
    let effects = driver.machine.delete_group(ticket, "g", driver.now);
    driver.absorb(effects);
    assert_eq!(driver.state(), "Dead");
    driver.complete_append(FAILED);
    let Some(Reply::DeleteGroup(result)) = driver.answer(ticket) else { panic!("no answer") };
    assert_eq!(result.error_code, ErrorCode::NOT_COORDINATOR);
    assert_eq!((driver.state().as_str(), driver.offset()), ("Empty", 1));
}

#[test]
fn a_leave_whose_record_cannot_be_written_fails_but_the_member_is_out() {
    let (mut driver, ids) = slow_group();
    driver.leave(
        &LeaveGroupRequest {
            group_id: "g".into(),
            members: vec![MemberIdentity { member_id: ids[0].clone(), ..Default::default() }],
            ..LeaveGroupRequest::default()
        },
        5,
    );
    let ticket = driver.ticket();
    let last = LeaveGroupRequest {
        group_id: "g".into(),
        member_id: ids[1].clone(),
        ..LeaveGroupRequest::default()
    };
    let effects = driver.machine.leave(ticket, &last, 2, driver.now);
    driver.absorb(effects);
    assert!(driver.is_waiting(ticket), "that the group is empty must be durable");
    driver.complete_append(FAILED);
    let Some(Reply::Leave(response)) = driver.answer(ticket) else { panic!("no answer") };
    assert_eq!(response.error_code, ErrorCode::NOT_COORDINATOR);
    assert_eq!(driver.state(), "Empty");
}

#[test]
fn a_deletion_of_offsets_that_cannot_be_written_fails_as_a_whole() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    driver.is_disk_fast = false;
    let ticket = driver.ticket();
    let effects = driver.machine.delete_offsets(ticket, &offset_delete::request("t"), driver.now);
    driver.absorb(effects);
    driver.complete_append(FAILED);
    let Some(Reply::OffsetDelete(response)) = driver.answer(ticket) else { panic!("no answer") };
    assert_eq!((response.error_code, response.topics), (ErrorCode::NOT_COORDINATOR, Vec::new()));
    assert_eq!(driver.offset(), 1);
}

#[test]
fn the_outcome_of_an_append_counts_once() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    let id = driver.log[0].id;
    let effects = driver.machine.append_completed(id, FAILED, driver.now);
    assert_eq!(effects, Effects::default());
}
