use super::*;

/// Two members that have been told generation 1; the leader comes first.
fn assigning(driver: &mut Driver) -> Vec<String> {
    let tickets = [driver.join(&join_as(""), 3), driver.join(&join_as(""), 3)];
    driver.advance(2 * DELAY_MS);
    tickets.iter().map(|ticket| driver.joined(*ticket).member_id).collect()
}

#[test]
fn everyone_gets_their_assignment_when_the_leaders_is_durable() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    driver.is_disk_fast = false;
    let follower = driver.sync(&sync_as(&ids[1], 1));
    let leader = driver.sync(&assign(&ids[0], 1, &ids));
    assert!(driver.is_waiting(leader) && driver.is_waiting(follower));
    assert_eq!(driver.state(), "CompletingRebalance");
    driver.complete_append(Ok(()));
    assert_eq!(driver.state(), "Stable");
    for (ticket, id) in [(leader, &ids[0]), (follower, &ids[1])] {
        let response = driver.synced(ticket);
        assert_eq!(response.error_code, ErrorCode::NONE);
        assert_eq!(response.assignment, id.as_bytes());
        assert_eq!(response.protocol_type.as_deref(), Some("consumer"));
        assert_eq!(response.protocol_name.as_deref(), Some("range"));
    }
}

#[test]
fn who_syncs_late_gets_the_assignment_of_the_stable_group() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    driver.sync_now(&assign(&ids[0], 1, &ids));
    assert_eq!(driver.sync_now(&sync_as(&ids[1], 1)).assignment, ids[1].as_bytes());
}

#[test]
fn whom_the_leader_forgets_gets_an_empty_assignment() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    driver.sync_now(&assign(&ids[0], 1, &ids[..1]));
    let response = driver.sync_now(&sync_as(&ids[1], 1));
    assert_eq!(response.error_code, ErrorCode::NONE);
    assert_eq!(response.assignment, Bytes::new());
}

#[test]
fn a_sync_is_refused_unless_group_member_and_generation_are_right() {
    let mut driver = Driver::new();
    let unnamed = SyncGroupRequest { group_id: String::new(), ..sync_as("m", 1) };
    assert_eq!(driver.sync_now(&unnamed).error_code, ErrorCode::INVALID_GROUP_ID);
    let response = driver.sync_now(&sync_as("m", 1));
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    let ids = assigning(&mut driver);
    let response = driver.sync_now(&sync_as("m", 1));
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    let response = driver.sync_now(&sync_as(&ids[0], 2));
    assert_eq!(response.error_code, ErrorCode::ILLEGAL_GENERATION);
}

#[test]
fn a_sync_that_names_another_protocol_is_refused() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    let request = sync_as(&ids[0], 1);
    let wrong_type = SyncGroupRequest { protocol_type: Some("x".into()), ..request.clone() };
    let wrong_name = SyncGroupRequest { protocol_name: Some("x".into()), ..request };
    for request in [wrong_type, wrong_name] {
        let response = driver.sync_now(&request);
        assert_eq!(response.error_code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    }
}

#[test]
fn in_a_rebalance_a_sync_is_sent_back_to_join() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    driver.join(&join_as(&ids[0]), LATEST);
    let response = driver.sync_now(&sync_as(&ids[1], 1));
    assert_eq!(response.error_code, ErrorCode::REBALANCE_IN_PROGRESS);
}

#[test]
fn a_rebalance_sends_those_who_wait_for_the_leader_back_to_join() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    let waiting = driver.sync(&sync_as(&ids[1], 1));
    driver.join(&join_as(""), 3);
    assert_eq!(driver.synced(waiting).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
}

#[test]
fn an_assignment_that_a_rebalance_overtook_on_its_way_to_the_log_is_not_handed_out() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    driver.is_disk_fast = false;
    let leader = driver.sync(&assign(&ids[0], 1, &ids));
    driver.join(&join_as(""), 3);
    assert_eq!(driver.synced(leader).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
    driver.complete_append(Ok(()));
    assert_eq!(driver.state(), "PreparingRebalance");
}

#[test]
fn a_second_sync_of_the_leader_does_not_change_the_assignment_on_its_way_to_the_log() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    driver.is_disk_fast = false;
    let first = driver.sync(&assign(&ids[0], 1, &ids));
    let second = driver.sync(&assign(&ids[0], 1, &[]));
    assert_eq!(driver.synced(first).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
    driver.complete_append(Ok(()));
    assert_eq!(driver.synced(second).assignment, ids[0].as_bytes());
    assert_eq!(driver.in_flight.len(), 0);
}

#[test]
fn members_that_never_sync_are_out_at_the_rebalance_timeout() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    driver.sync_now(&assign(&ids[0], 1, &ids));
    for _ in 0..REBALANCE_MS / SESSION_MS * 2 {
        // Both live; the second does not ask for its assignment.
        assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::NONE);
        assert_eq!(driver.heartbeat(&ids[1], 1), ErrorCode::NONE);
        driver.advance(SESSION_MS as u64 / 2);
    }
    assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(driver.heartbeat(&ids[1], 1), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_leader_that_never_syncs_is_out_and_the_followers_rebalance() {
    let mut driver = Driver::new();
    let ids = assigning(&mut driver);
    let follower = driver.sync(&sync_as(&ids[1], 1));
    driver.advance(SESSION_MS as u64);
    assert_eq!(driver.synced(follower).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
    let response = driver.join_now(&join_as(&ids[1]), LATEST);
    assert_eq!(response.leader, ids[1]);
}

#[test]
fn when_everyone_has_synced_the_sync_timeout_is_off() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    for _ in 0..20 {
        driver.advance(SESSION_MS as u64 / 2);
        for id in &ids {
            assert_eq!(driver.heartbeat(id, 1), ErrorCode::NONE);
        }
    }
}
