use super::*;

#[test]
fn a_heartbeat_needs_group_member_and_generation() {
    let mut driver = Driver::new();
    assert_eq!(driver.heartbeat("m", 1), ErrorCode::UNKNOWN_MEMBER_ID);
    let unnamed = HeartbeatRequest::default();
    let response = driver.machine.heartbeat(&unnamed, driver.now);
    assert_eq!(response.error_code, ErrorCode::INVALID_GROUP_ID);
    let ids = driver.stable_group(1);
    assert_eq!(driver.heartbeat("m", 1), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(driver.heartbeat(&ids[0], 2), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::NONE);
}

#[test]
fn a_heartbeat_in_an_empty_group_comes_from_nobody_known() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.leave_one(&ids[0]);
    assert_eq!(driver.heartbeat(&ids[0], 2), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn while_the_leader_assigns_heartbeats_are_fine() {
    let mut driver = Driver::new();
    let ticket = driver.join(&join_as(""), 3);
    driver.advance(DELAY_MS);
    let id = driver.joined(ticket).member_id;
    assert_eq!(driver.state(), "CompletingRebalance");
    assert_eq!(driver.heartbeat(&id, 1), ErrorCode::NONE);
}

#[test]
fn a_member_without_heartbeats_is_out_after_its_session_and_the_others_rebalance() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    driver.advance(SESSION_MS as u64 / 2);
    assert_eq!(driver.heartbeat(&ids[1], 1), ErrorCode::NONE);
    driver.advance(SESSION_MS as u64 / 2);
    assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(driver.heartbeat(&ids[1], 1), ErrorCode::REBALANCE_IN_PROGRESS);
    let response = driver.join_now(&join_as(&ids[1]), LATEST);
    assert_eq!((response.generation_id, response.leader), (2, ids[1].clone()));
}

#[test]
fn a_group_whose_members_all_vanish_is_empty_and_the_log_says_so() {
    let mut driver = Driver::new();
    driver.stable_group(3);
    driver.advance((SESSION_MS + REBALANCE_MS) as u64);
    assert_eq!(driver.state(), "Empty");
    let last = driver.log.last().and_then(|append| append.records.last().cloned());
    let Some(GroupRecord::Group { value: Some(value), .. }) = last else {
        panic!("{last:?} is not about the group")
    };
    assert_eq!((value.members.len(), value.generation), (0, 2));
    assert_eq!((value.leader, value.protocol), (None, None));
    assert_eq!(value.protocol_type, "consumer");
}

#[test]
fn who_waits_for_the_others_to_join_needs_no_heartbeats() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let leader = driver.join(&join_as(&ids[0]), LATEST);
    for _ in 0..4 {
        driver.heartbeat(&ids[1], 1);
        driver.advance(SESSION_MS as u64 / 2);
    }
    driver.join(&join_as(&ids[1]), LATEST);
    assert_eq!(driver.joined(leader).members.len(), 2);
}

#[test]
fn who_waits_for_the_leader_needs_no_heartbeats_and_has_a_full_session_after() {
    let mut driver = Driver::new();
    let tickets = [driver.join(&join_as(""), 3), driver.join(&join_as(""), 3)];
    driver.advance(2 * DELAY_MS);
    let ids: Vec<String> = tickets.iter().map(|t| driver.joined(*t).member_id).collect();
    let follower = driver.sync(&sync_as(&ids[1], 1));
    for _ in 0..4 {
        driver.heartbeat(&ids[0], 1);
        driver.advance(SESSION_MS as u64 / 2);
    }
    driver.sync_now(&assign(&ids[0], 1, &ids));
    assert_eq!(driver.synced(follower).assignment, ids[1].as_bytes());
    driver.advance(SESSION_MS as u64 - 1);
    assert_eq!(driver.heartbeat(&ids[1], 1), ErrorCode::NONE);
}

#[test]
fn a_new_member_waits_five_minutes_for_its_first_join_to_be_answered() {
    let mut driver = Driver::new();
    let hour_ms = 60 * 60 * 1000;
    let patient = JoinGroupRequest { rebalance_timeout_ms: hour_ms, ..join_as("") };
    let ids = driver.stable_group_of(std::slice::from_ref(&patient));
    let ticket = driver.join(&patient, 3);
    for _ in 0..59 {
        driver.advance(5_000);
        driver.heartbeat(&ids[0], 1);
    }
    assert!(driver.is_waiting(ticket));
    driver.advance(5_000);
    let response = driver.joined(ticket);
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(response.member_id, "", "the client joins as somebody new");
}

#[test]
fn committing_offsets_keeps_the_session() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    for offset in 0..4 {
        driver.advance(SESSION_MS as u64 - 1);
        assert_eq!(driver.commit_now(&commit_as(&ids[0], 1, offset)), ErrorCode::NONE);
    }
}

#[test]
fn after_loading_members_have_a_full_session_to_come_back_in() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    let mut restarted = Driver::new();
    restarted.set_time(Duration::from_secs(1000));
    restarted.load(&driver.log);
    restarted.advance(SESSION_MS as u64 - 1);
    assert_eq!(restarted.heartbeat(&ids[0], 1), ErrorCode::NONE);
    restarted.advance(SESSION_MS as u64);
    assert_eq!(restarted.state(), "Empty");
}
