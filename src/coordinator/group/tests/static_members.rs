use super::*;

#[test]
fn an_instance_that_comes_back_keeps_its_assignment_and_nobody_rebalances() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    let response = driver.join_now(&join_static("", "j"), LATEST);
    assert_eq!(response.error_code, ErrorCode::NONE);
    assert_ne!(response.member_id, ids[1]);
    assert_eq!((response.generation_id, response.leader), (1, ids[0].clone()));
    assert!(!response.skip_assignment, "followers have nothing to skip");
    let sync = driver.sync_now(&sync_as(&response.member_id, 1));
    assert_eq!(sync.assignment, ids[1].as_bytes());
    assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::NONE);
}

#[test]
fn the_new_id_is_answered_when_it_is_durable() {
    let mut driver = Driver::new();
    driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    driver.is_disk_fast = false;
    let ticket = driver.join(&join_static("", "j"), LATEST);
    assert!(driver.is_waiting(ticket));
    driver.complete_append(Ok(()));
    let new_id = driver.joined(ticket).member_id;
    let Some(GroupRecord::Group { value: Some(value), .. }) =
        driver.log.last().map(|append| append.records[0].clone())
    else {
        panic!("the group is not in the log")
    };
    assert!(value.members.iter().any(|member| member.member_id == new_id));
}

#[test]
fn the_id_of_before_is_fenced() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    driver.join_now(&join_static("", "j"), LATEST);
    let response = driver.join_now(&join_static(&ids[1], "j"), LATEST);
    assert_eq!(response.error_code, ErrorCode::FENCED_INSTANCE_ID);
    let sync = SyncGroupRequest { group_instance_id: Some("j".into()), ..sync_as(&ids[1], 1) };
    assert_eq!(driver.sync_now(&sync).error_code, ErrorCode::FENCED_INSTANCE_ID);
    let heartbeat = HeartbeatRequest {
        group_id: "g".into(),
        generation_id: 1,
        member_id: ids[1].clone(),
        group_instance_id: Some("j".into()),
    };
    let response = driver.machine.heartbeat(&heartbeat, driver.now);
    assert_eq!(response.error_code, ErrorCode::FENCED_INSTANCE_ID);
    let commit =
        OffsetCommitRequest { group_instance_id: Some("j".into()), ..commit_as(&ids[1], 1, 5) };
    assert_eq!(driver.commit_now(&commit), ErrorCode::FENCED_INSTANCE_ID);
}

#[test]
fn an_unknown_instance_is_an_unknown_member() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    let response = driver.join_now(&join_static(&ids[0], "i"), LATEST);
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_leader_that_comes_back_is_told_to_skip_the_assignment() {
    let mut driver = Driver::new();
    driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    let response = driver.join_now(&join_static("", "i"), 9);
    assert!(response.skip_assignment);
    assert_eq!(response.leader, response.member_id);
    assert_eq!(response.members.len(), 2);
}

#[test]
fn before_version_9_a_leader_that_comes_back_does_not_learn_that_it_leads() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    let response = driver.join_now(&join_static("", "i"), 8);
    assert!(!response.skip_assignment);
    assert_eq!(response.leader, ids[0]);
    assert_eq!(response.members, []);
}

#[test]
fn an_instance_that_comes_back_with_a_vote_that_changes_the_protocol_causes_a_rebalance() {
    let mut driver = Driver::new();
    let names = |names: &[&str], instance| JoinGroupRequest {
        protocols: protocols(names),
        ..join_static("", instance)
    };
    driver.stable_group_of(&[
        names(&["a", "b"], "i"),
        names(&["b", "a"], "j"),
        names(&["a", "b"], "k"),
    ]);
    let ticket = driver.join(&names(&["b", "a"], "k"), LATEST);
    assert!(driver.is_waiting(ticket));
    assert_eq!(driver.state(), "PreparingRebalance");
}

#[test]
fn an_instance_that_comes_back_while_the_leader_assigns_causes_a_rebalance() {
    let mut driver = Driver::new();
    let tickets =
        [driver.join(&join_static("", "i"), LATEST), driver.join(&join_static("", "j"), LATEST)];
    driver.advance(2 * DELAY_MS);
    let old_id = driver.joined(tickets[1]).member_id;
    let waiting = driver.sync(&sync_as(&old_id, 1));
    driver.join(&join_static("", "j"), LATEST);
    assert_eq!(driver.synced(waiting).error_code, ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(driver.state(), "PreparingRebalance");
}

#[test]
fn whoever_waits_under_the_old_id_is_fenced_at_once() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    let waiting = driver.join(&join_static(&ids[0], "i"), LATEST);
    let again = driver.join(&join_static("", "i"), LATEST);
    let response = driver.joined(waiting);
    assert_eq!(response.error_code, ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(response.member_id, ids[0]);
    assert!(driver.is_waiting(again));
}

#[test]
fn a_static_member_that_misses_a_rebalance_stays_until_its_session_ends() {
    let mut driver = Driver::new();
    let long = JoinGroupRequest { session_timeout_ms: 2 * REBALANCE_MS, ..join_static("", "j") };
    let ids = driver.stable_group_of(&[join_static("", "i"), long]);
    let ticket = driver.join(&join_static(&ids[0], "i"), LATEST);
    driver.advance(REBALANCE_MS as u64);
    let response = driver.joined(ticket);
    assert_eq!(response.members.len(), 2);
    driver.sync_now(&assign(&ids[0], 2, &ids));
    assert_eq!(driver.sync_now(&sync_as(&ids[1], 2)).assignment, ids[1].as_bytes());
}

#[test]
fn when_no_static_member_comes_back_their_sessions_decide() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    // Only a passer-by starts a rebalance, and leaves again.
    let passer_by = driver.join_now(&join_as(""), LATEST).member_id;
    driver.join(&join_as(&passer_by), LATEST);
    driver.leave_one(&passer_by);
    for _ in 0..2 * REBALANCE_MS / SESSION_MS {
        driver.advance(SESSION_MS as u64 / 2);
        for id in &ids {
            assert_eq!(driver.heartbeat(id, 1), ErrorCode::REBALANCE_IN_PROGRESS);
        }
    }
    driver.advance(REBALANCE_MS as u64);
    assert_eq!(driver.state(), "Empty");
}

#[test]
fn an_instance_that_comes_back_twice_has_the_later_id() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    driver.is_disk_fast = false;
    let first = driver.join(&join_static("", "j"), LATEST);
    let second = driver.join(&join_static("", "j"), LATEST);
    assert_eq!(driver.joined(first).error_code, ErrorCode::FENCED_INSTANCE_ID);
    driver.complete_append(Ok(()));
    driver.complete_append(Ok(()));
    let new_id = driver.joined(second).member_id;
    assert_eq!(driver.sync_now(&sync_as(&new_id, 1)).assignment, ids[1].as_bytes());
}
