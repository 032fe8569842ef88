use super::*;
use crate::wire::messages::list_groups::ListGroupsRequest;

fn listed(driver: &Driver, states: &[&str], types: &[&str]) -> Vec<String> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let request = ListGroupsRequest { states_filter: owned(states), types_filter: owned(types) };
    let response = driver.machine.list(&request);
    response.groups.into_iter().map(|group| group.group_id).collect()
}

#[test]
fn an_unknown_group_is_dead_and_from_version_6_on_not_found() {
    let driver = Driver::new();
    let group = driver.machine.describe("g", 5);
    assert_eq!((group.group_state.as_str(), group.error_code), ("Dead", ErrorCode::NONE));
    let group = driver.machine.describe("g", 6);
    assert_eq!(group.group_state, "Dead");
    assert_eq!(group.error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(group.error_message.as_deref(), Some("Group g not found."));
}

#[test]
fn a_stable_group_is_described_with_all_that_its_members_have() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_as("")]);
    let group = driver.machine.describe("g", 6);
    assert_eq!((group.group_id.as_str(), group.group_state.as_str()), ("g", "Stable"));
    assert_eq!((group.protocol_type.as_str(), group.protocol_data.as_str()), ("consumer", "range"));
    let member = group.members.iter().find(|member| member.member_id == ids[0]).expect("is there");
    assert_eq!(member.group_instance_id.as_deref(), Some("i"));
    assert_eq!((member.client_id.as_str(), member.client_host.as_str()), ("client", "/127.0.0.1"));
    assert_eq!(member.member_metadata, protocols(&["range"])[0].metadata);
    assert_eq!(member.member_assignment, ids[0].as_bytes());
}

#[test]
fn a_rebalancing_group_is_described_without_protocol_and_assignments() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    driver.join(&join_as(&ids[0]), LATEST);
    let group = driver.machine.describe("g", 6);
    assert_eq!(group.group_state, "PreparingRebalance");
    assert_eq!(group.protocol_data, "");
    assert_eq!(group.members.len(), 2);
    assert_eq!(group.members[0].member_assignment, Bytes::new());
}

#[test]
fn groups_are_listed_by_state_and_type_whatever_their_case() {
    let mut driver = Driver::new();
    driver.stable_group(1);
    driver.commit_now(&OffsetCommitRequest { group_id: "e".into(), ..commit_standalone(1) });
    assert_eq!(listed(&driver, &[], &[]), ["e", "g"]);
    assert_eq!(listed(&driver, &["stable"], &[]), ["g"]);
    assert_eq!(listed(&driver, &["Empty", "Stable"], &["Classic"]), ["e", "g"]);
    assert_eq!(listed(&driver, &[], &["consumer"]), [""; 0]);
    assert_eq!(listed(&driver, &["Assigning"], &[]), [""; 0]);
    let group = &driver.machine.list(&ListGroupsRequest::default()).groups[1];
    assert_eq!((group.protocol_type.as_str(), group.group_type.as_str()), ("consumer", "classic"));
}

#[test]
fn an_empty_group_is_deleted_with_its_offsets() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    assert_eq!(driver.delete_group("g"), ErrorCode::NONE);
    assert_eq!(driver.state(), "Dead");
    let mut restarted = Driver::new();
    restarted.load(&driver.log);
    assert_eq!((restarted.state().as_str(), restarted.offset()), ("Dead", -1));
}

#[test]
fn a_group_with_members_and_a_group_that_does_not_exist_are_not_deleted() {
    let mut driver = Driver::new();
    assert_eq!(driver.delete_group("g"), ErrorCode::GROUP_ID_NOT_FOUND);
    driver.stable_group(1);
    assert_eq!(driver.delete_group("g"), ErrorCode::NON_EMPTY_GROUP);
}

#[test]
fn while_a_group_is_being_deleted_nobody_joins_or_commits() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    driver.is_disk_fast = false;
    let ticket = driver.ticket();
    let effects = driver.machine.delete_group(ticket, "g", driver.now);
    driver.absorb(effects);
    assert!(driver.is_waiting(ticket));
    let busy = ErrorCode::COORDINATOR_NOT_AVAILABLE;
    assert_eq!(driver.join_now(&join_as(""), LATEST).error_code, busy);
    assert_eq!(driver.commit_now(&commit_standalone(2)), busy);
    assert_eq!(driver.sync_now(&sync_as("m", 1)).error_code, busy);
    assert_eq!(driver.heartbeat("m", 1), busy);
    assert_eq!(driver.delete_group("g"), ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(driver.delete_offset("t").error_code, ErrorCode::GROUP_ID_NOT_FOUND);
    driver.complete_append(Ok(()));
    assert!(!driver.is_waiting(ticket));
    assert_eq!(driver.join_now(&join_as(""), LATEST).error_code, ErrorCode::MEMBER_ID_REQUIRED);
}

#[test]
fn an_offset_on_its_way_to_the_log_is_deleted_with_its_group() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    driver.is_disk_fast = false;
    let mut other = commit_standalone(2);
    other.topics[0].name = "other".into();
    driver.commit(&other, 8);
    let ticket = driver.ticket();
    let effects = driver.machine.delete_group(ticket, "g", driver.now);
    driver.absorb(effects);
    driver.complete_append(Ok(()));
    driver.complete_append(Ok(()));
    let mut restarted = Driver::new();
    restarted.load(&driver.log);
    assert_eq!((driver.state(), restarted.state()), ("Dead".into(), "Dead".into()));
}
