use super::*;

#[test]
fn a_group_needs_a_name() {
    let mut driver = Driver::new();
    let request = JoinGroupRequest { group_id: String::new(), ..join_as("") };
    let response = driver.join_now(&request, LATEST);
    assert_eq!(response.error_code, ErrorCode::INVALID_GROUP_ID);
}

#[test]
fn sessions_shorter_or_longer_than_allowed_are_refused() {
    let mut driver = Driver::new();
    for session_timeout_ms in [5_999, 30 * 60 * 1000 + 1, -1] {
        let request = JoinGroupRequest { session_timeout_ms, ..join_as("") };
        let response = driver.join_now(&request, LATEST);
        assert_eq!(response.error_code, ErrorCode::INVALID_SESSION_TIMEOUT);
    }
}

#[test]
fn an_id_of_a_group_that_does_not_exist_is_unknown() {
    let mut driver = Driver::new();
    let response = driver.join_now(&join_as("who"), LATEST);
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(response.member_id, "who");
    assert_eq!(driver.state(), "Dead");
}

#[test]
fn an_id_that_the_group_does_not_know_is_unknown() {
    let mut driver = Driver::new();
    driver.stable_group(1);
    let response = driver.join_now(&join_as("who"), LATEST);
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn from_version_4_on_a_dynamic_member_must_come_back_with_the_id_it_is_given() {
    let mut driver = Driver::new();
    for version in [4, LATEST] {
        let response = driver.join_now(&join_as(""), version);
        assert_eq!(response.error_code, ErrorCode::MEMBER_ID_REQUIRED);
        let again = driver.join(&join_as(&response.member_id), version);
        assert!(driver.is_waiting(again));
    }
}

#[test]
fn before_version_4_and_for_static_members_no_second_join_is_asked_for() {
    let mut driver = Driver::new();
    let old = driver.join(&join_as(""), 3);
    let with_instance = driver.join(&join_static("", "i"), LATEST);
    driver.advance(2 * DELAY_MS);
    assert_eq!(driver.joined(old).error_code, ErrorCode::NONE);
    assert_eq!(driver.joined(with_instance).error_code, ErrorCode::NONE);
}

#[test]
fn member_ids_start_with_the_client_id_or_the_instance_id_and_end_in_a_java_uuid() {
    let mut driver = Driver::new();
    let dynamic = driver.join_now(&join_as(""), LATEST);
    assert_eq!(dynamic.member_id, "client-01010101-0101-0101-0101-010101010101");
    let with_instance = driver.join(&join_static("", "i"), LATEST);
    driver.advance(DELAY_MS);
    assert_eq!(driver.joined(with_instance).member_id, "i-02020202-0202-0202-0202-020202020202");
}

#[test]
fn a_pending_member_that_does_not_come_back_is_forgotten_with_its_session() {
    let mut driver = Driver::new();
    let pending = driver.join_now(&join_as(""), LATEST).member_id;
    driver.advance(SESSION_MS as u64 - 1);
    assert_eq!(driver.state(), "Empty");
    driver.advance(1);
    assert_eq!(driver.state(), "Dead", "nothing is left of the group");
    let response = driver.join_now(&join_as(&pending), LATEST);
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_pending_member_holds_up_a_rebalance_until_its_session_ends() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.join_now(&join_as(""), LATEST);
    let leader = driver.join(&join_as(&ids[0]), LATEST);
    assert!(driver.is_waiting(leader));
    driver.advance(SESSION_MS as u64);
    assert_eq!(driver.joined(leader).generation_id, 2);
}

#[test]
fn without_protocol_type_or_protocols_there_is_no_group() {
    let mut driver = Driver::new();
    let no_type = JoinGroupRequest { protocol_type: String::new(), ..join_as("") };
    let no_protocols = JoinGroupRequest { protocols: Vec::new(), ..join_as("") };
    for request in [no_type, no_protocols] {
        let response = driver.join_now(&request, LATEST);
        assert_eq!(response.error_code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        assert_eq!(driver.state(), "Dead");
    }
}

#[test]
fn who_shares_no_protocol_with_all_members_is_refused() {
    let mut driver = Driver::new();
    let shared = |names| JoinGroupRequest { protocols: protocols(names), ..join_as("") };
    driver.stable_group_of(&[shared(&["range", "sticky"]), shared(&["sticky", "other"])]);
    for names in [&["range"][..], &["other"], &["unheard-of"]] {
        let response = driver.join_now(&shared(names), LATEST);
        assert_eq!(response.error_code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    }
    let other_type = JoinGroupRequest { protocol_type: "connect".into(), ..join_as("") };
    let response = driver.join_now(&other_type, LATEST);
    assert_eq!(response.error_code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(driver.state(), "Stable");
}

#[test]
fn the_protocol_is_voted_for_among_those_that_all_support() {
    let mut driver = Driver::new();
    let votes = [&["a", "b", "c"][..], &["c", "b"], &["b", "c"], &["x", "c", "b"]];
    let tickets: Vec<Ticket> = votes
        .iter()
        .map(|names| {
            driver.join(&JoinGroupRequest { protocols: protocols(names), ..join_as("") }, 3)
        })
        .collect();
    driver.advance(REBALANCE_MS as u64);
    // Nobody but the first supports "a". Two vote for "b", two for "c": the leader prefers "b".
    for ticket in tickets {
        assert_eq!(driver.joined(ticket).protocol_name.as_deref(), Some("b"));
    }
}

#[test]
fn only_the_leader_learns_of_the_members() {
    let mut driver = Driver::new();
    let first = driver.join(&join_as(""), 3);
    let second = driver.join(&join_static("", "i"), 5);
    driver.advance(2 * DELAY_MS);
    let (leader, follower) = (driver.joined(first), driver.joined(second));
    assert_eq!(leader.leader, leader.member_id);
    assert_eq!(follower.leader, leader.member_id);
    assert_eq!(follower.members, []);
    assert_eq!(leader.members.len(), 2);
    let seen = leader.members.iter().find(|member| member.member_id == follower.member_id);
    let seen = seen.expect("the leader sees the follower");
    assert_eq!(seen.group_instance_id.as_deref(), Some("i"));
    assert_eq!(seen.metadata, protocols(&["range"])[0].metadata);
}

#[test]
fn a_follower_that_rejoins_with_the_same_metadata_causes_no_rebalance() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let response = driver.join_now(&join_as(&ids[1]), LATEST);
    assert_eq!(response.error_code, ErrorCode::NONE);
    assert_eq!(response.generation_id, 1);
    assert_eq!(response.leader, ids[0]);
    assert_eq!(response.members, []);
    assert_eq!(driver.state(), "Stable");
    assert_eq!(driver.sync_now(&sync_as(&ids[1], 1)).assignment, ids[1].as_bytes());
}

#[test]
fn a_follower_that_rejoins_with_other_metadata_causes_a_rebalance() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let changed = JoinGroupRequest { protocols: protocols(&["range", "x"]), ..join_as(&ids[1]) };
    let follower = driver.join(&changed, LATEST);
    assert!(driver.is_waiting(follower));
    assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::REBALANCE_IN_PROGRESS);
    let leader = driver.join(&join_as(&ids[0]), LATEST);
    assert_eq!(driver.joined(follower).generation_id, 2);
    assert_eq!(driver.joined(leader).members.len(), 2);
}

#[test]
fn a_leader_that_rejoins_causes_a_rebalance() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let leader = driver.join(&join_as(&ids[0]), LATEST);
    assert!(driver.is_waiting(leader));
    assert_eq!(driver.state(), "PreparingRebalance");
}

#[test]
fn who_rejoins_unchanged_while_the_leader_assigns_is_told_the_same_generation() {
    let mut driver = Driver::new();
    let first = driver.join(&join_as(""), 3);
    driver.join(&join_as(""), 3);
    driver.advance(2 * DELAY_MS);
    let told = driver.joined(first);
    let again = driver.join_now(&join_as(&told.member_id), 3);
    assert_eq!(again, told, "the leader gets the members again");
    assert_eq!(driver.state(), "CompletingRebalance");
}

#[test]
fn who_rejoins_changed_while_the_leader_assigns_causes_a_rebalance() {
    let mut driver = Driver::new();
    let first = driver.join(&join_as(""), 3);
    driver.join(&join_as(""), 3);
    driver.advance(2 * DELAY_MS);
    let leader = driver.joined(first).member_id;
    let waiting = driver.sync(&sync_as(&leader, 1));
    let changed = JoinGroupRequest { protocols: protocols(&["range", "x"]), ..join_as(&leader) };
    driver.join(&changed, 3);
    assert_eq!(driver.state(), "PreparingRebalance");
    assert_eq!(driver.synced(waiting).error_code, ErrorCode::NONE);
}

#[test]
fn the_join_phase_ends_when_all_members_have_joined_again() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(3);
    let tickets: Vec<Ticket> = ids.iter().map(|id| driver.join(&join_as(id), LATEST)).collect();
    for ticket in tickets {
        assert_eq!(driver.joined(ticket).generation_id, 2);
    }
    assert_eq!(driver.state(), "CompletingRebalance");
}

#[test]
fn dynamic_members_that_miss_the_rebalance_timeout_are_out() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(3);
    let leader = driver.join(&join_as(&ids[0]), LATEST);
    let follower = driver.join(&join_as(&ids[1]), LATEST);
    // The third lives, but does not join.
    for _ in 0..REBALANCE_MS / SESSION_MS * 2 {
        assert!(driver.is_waiting(leader));
        assert_eq!(driver.heartbeat(&ids[2], 1), ErrorCode::REBALANCE_IN_PROGRESS);
        driver.advance(SESSION_MS as u64 / 2);
    }
    assert_eq!(driver.joined(leader).members.len(), 2);
    assert_eq!(driver.joined(follower).generation_id, 2);
    assert_eq!(driver.heartbeat(&ids[2], 1), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_leader_that_misses_the_rebalance_is_replaced() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let changed = JoinGroupRequest { protocols: protocols(&["range", "x"]), ..join_as(&ids[1]) };
    let follower = driver.join(&changed, LATEST);
    driver.advance(REBALANCE_MS as u64);
    let response = driver.joined(follower);
    assert_eq!(response.leader, ids[1]);
    assert_eq!(response.members.len(), 1);
}

#[test]
fn a_full_group_turns_new_members_away() {
    let settings = GroupSettings { max_size: 2, ..GroupSettings::default() };
    let mut driver = Driver::with(GroupSettings { initial_rebalance_delay_ms: 1, ..settings });
    let ids = driver.stable_group(2);
    let response = driver.join_now(&join_as(""), 3);
    assert_eq!(response.error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    assert_eq!(driver.state(), "Stable");
    let again = driver.join_now(&join_as(&ids[1]), LATEST);
    assert_eq!(again.error_code, ErrorCode::NONE);
}

#[test]
fn in_version_0_the_session_timeout_is_the_rebalance_timeout_too() {
    let mut driver = Driver::new();
    let old = JoinGroupRequest { rebalance_timeout_ms: -1, ..join_as("") };
    let first = driver.join(&old, 0);
    let second = driver.join(&old, 0);
    driver.advance(2 * DELAY_MS);
    let leader = driver.joined(first).member_id;
    driver.joined(second);
    let again = driver.join(&JoinGroupRequest { member_id: leader, ..old }, 0);
    driver.advance(SESSION_MS as u64);
    driver.joined(again);
}

#[test]
fn before_version_7_the_protocol_name_is_never_null() {
    let mut driver = Driver::new();
    for (version, name) in [(6, Some("")), (7, None)] {
        let response = driver.join_now(&join_as("who"), version);
        assert_eq!(response.protocol_name.as_deref(), name);
    }
}

#[test]
fn a_second_join_of_a_waiting_member_supersedes_the_first() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let first = driver.join(&join_as(&ids[0]), LATEST);
    let second = driver.join(&join_as(&ids[0]), LATEST);
    assert_eq!(driver.joined(first).error_code, ErrorCode::REBALANCE_IN_PROGRESS);
    driver.join(&join_as(&ids[1]), LATEST);
    assert_eq!(driver.joined(second).error_code, ErrorCode::NONE);
}

#[test]
fn after_the_highest_generation_comes_1() {
    let mut driver = Driver::new();
    let value = crate::wire::messages::group_log::GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: i32::MAX,
        ..Default::default()
    };
    let record = GroupRecord::Group { group_id: "g".into(), value: Some(value) };
    let (key, value) = record.to_bytes().unwrap();
    driver.machine.replay(key, value, None).unwrap();
    let ticket = driver.join(&join_as(""), 3);
    driver.advance(DELAY_MS);
    assert_eq!(driver.joined(ticket).generation_id, 1);
}
