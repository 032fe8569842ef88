use super::*;

fn request(members: &[(&str, Option<&str>)]) -> LeaveGroupRequest {
    let member = |(member_id, instance_id): &(&str, Option<&str>)| MemberIdentity {
        member_id: (*member_id).into(),
        group_instance_id: instance_id.map(str::to_owned),
        reason: None,
    };
    LeaveGroupRequest {
        group_id: "g".into(),
        members: members.iter().map(member).collect(),
        ..LeaveGroupRequest::default()
    }
}

fn codes(response: &LeaveGroupResponse) -> Vec<ErrorCode> {
    assert_eq!(response.error_code, ErrorCode::NONE);
    response.members.iter().map(|member| member.error_code).collect()
}

#[test]
fn before_version_3_one_member_leaves_and_the_error_is_that_of_the_whole() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    let leaving = |member_id: &str| LeaveGroupRequest {
        group_id: "g".into(),
        member_id: member_id.into(),
        ..LeaveGroupRequest::default()
    };
    let response = driver.leave(&leaving("who"), 2);
    assert_eq!(response.error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    let response = driver.leave(&leaving(&ids[0]), 2);
    assert_eq!(response, LeaveGroupResponse::default());
    assert_eq!(driver.state(), "Empty");
}

#[test]
fn from_version_3_on_several_leave_and_each_has_an_outcome() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(3);
    let response = driver.leave(&request(&[(&ids[0], None), ("who", None), (&ids[2], None)]), 3);
    assert_eq!(codes(&response), [ErrorCode::NONE, ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::NONE]);
    assert_eq!(response.members[1].member_id, "who");
    let response = driver.join_now(&join_as(&ids[1]), LATEST);
    assert_eq!(response.generation_id, 2, "one rebalance for both");
}

#[test]
fn of_a_group_that_does_not_exist_every_member_is_unknown() {
    let mut driver = Driver::new();
    let response = driver.leave(&request(&[("a", None), ("b", None)]), 5);
    assert_eq!(codes(&response), [ErrorCode::UNKNOWN_MEMBER_ID; 2]);
    let unnamed = LeaveGroupRequest { group_id: String::new(), ..request(&[("a", None)]) };
    assert_eq!(driver.leave(&unnamed, 5).error_code, ErrorCode::INVALID_GROUP_ID);
}

#[test]
fn an_administrator_takes_a_static_member_out_by_its_instance() {
    let mut driver = Driver::new();
    driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    let response = driver.leave(&request(&[("", Some("i")), ("", Some("k")), ("", None)]), 3);
    let unknown = ErrorCode::UNKNOWN_MEMBER_ID;
    assert_eq!(codes(&response), [ErrorCode::NONE, unknown, unknown]);
    assert_eq!(driver.machine.describe("g", 5).members.len(), 1);
}

#[test]
fn who_leaves_under_the_instance_of_another_is_fenced() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_static("", "j")]);
    let response = driver.leave(&request(&[(&ids[0], Some("j"))]), 3);
    assert_eq!(codes(&response), [ErrorCode::FENCED_INSTANCE_ID]);
}

#[test]
fn a_pending_member_leaves_without_a_rebalance() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    let pending = driver.join_now(&join_as(""), LATEST).member_id;
    assert_eq!(driver.leave_one(&pending), ErrorCode::NONE);
    assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::NONE);
    assert_eq!(driver.leave_one(&pending), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn the_last_one_to_be_waited_for_leaves_and_the_join_phase_ends() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    let waiting = driver.join(&join_as(&ids[0]), LATEST);
    driver.leave_one(&ids[1]);
    assert_eq!(driver.joined(waiting).members.len(), 1);
}

#[test]
fn who_leaves_while_waiting_for_the_leader_is_answered() {
    let mut driver = Driver::new();
    let tickets = [driver.join(&join_as(""), 3), driver.join(&join_as(""), 3)];
    driver.advance(2 * DELAY_MS);
    let follower = driver.joined(tickets[1]).member_id;
    let waiting = driver.sync(&sync_as(&follower, 1));
    driver.leave_one(&follower);
    assert_eq!(driver.synced(waiting).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
}
