use super::*;
use crate::wire::messages::group_log::{GroupMetadataValue, MemberMetadata};

fn replay(driver: &mut Driver, record: &GroupRecord) {
    let (key, value) = record.to_bytes().unwrap();
    driver.machine.replay(key, value, None).unwrap();
}

#[test]
fn a_stable_group_is_the_same_after_a_restart() {
    let mut driver = Driver::new();
    let ids = driver.stable_group_of(&[join_static("", "i"), join_as("")]);
    driver.commit_now(&commit_as(&ids[0], 1, 42));
    let mut restarted = Driver::new();
    restarted.load(&driver.log);
    assert_eq!(restarted.machine.describe("g", 6), driver.machine.describe("g", 6));
    assert_eq!(restarted.offset(), 42);
    assert_eq!(restarted.sync_now(&sync_as(&ids[1], 1)).assignment, ids[1].as_bytes());
    let again = restarted.join_now(&join_as(&ids[1]), LATEST);
    assert_eq!((again.generation_id, again.leader), (1, ids[0].clone()));
}

#[test]
fn the_generation_goes_on_after_a_restart() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.leave_one(&ids[0]);
    let mut restarted = Driver::new();
    restarted.load(&driver.log);
    let ticket = restarted.join(&join_as(""), 3);
    restarted.advance(DELAY_MS);
    assert_eq!(restarted.joined(ticket).generation_id, 3);
}

#[test]
fn a_loaded_group_that_is_too_large_rebalances() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(3);
    let mut restarted = Driver::with(GroupSettings { max_size: 2, ..GroupSettings::default() });
    restarted.load(&driver.log);
    assert_eq!(restarted.heartbeat(&ids[0], 1), ErrorCode::REBALANCE_IN_PROGRESS);
    let first = restarted.join(&join_as(&ids[0]), LATEST);
    let second = restarted.join(&join_as(&ids[1]), LATEST);
    let third = restarted.join_now(&join_as(&ids[2]), LATEST);
    assert_eq!(third.error_code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    assert_eq!(restarted.joined(first).members.len(), 2);
    assert_eq!(restarted.joined(second).error_code, ErrorCode::NONE);
}

#[test]
fn a_record_of_old_kafka_without_rebalance_timeout_uses_the_session_timeout() {
    let mut driver = Driver::new();
    let member = MemberMetadata {
        member_id: "m".into(),
        session_timeout: SESSION_MS,
        rebalance_timeout: -1,
        subscription: protocols(&["range"])[0].metadata.clone(),
        ..MemberMetadata::default()
    };
    let value = GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: 4,
        protocol: Some("range".into()),
        leader: Some("m".into()),
        members: vec![member],
        ..GroupMetadataValue::default()
    };
    replay(&mut driver, &GroupRecord::Group { group_id: "g".into(), value: Some(value) });
    let effects = driver.machine.loaded(driver.now);
    driver.absorb(effects);
    assert_eq!(driver.state(), "Stable");
    driver.join_now(&join_as(""), LATEST);
    let leader = driver.join(&join_as("m"), LATEST);
    driver.advance(SESSION_MS as u64);
    assert_eq!(driver.joined(leader).generation_id, 5);
}

#[test]
fn a_record_that_contradicts_itself_is_survived() {
    let mut driver = Driver::new();
    let member = MemberMetadata { member_id: "m".into(), ..MemberMetadata::default() };
    let value = GroupMetadataValue {
        generation: -5,
        protocol: None,
        leader: Some("somebody else".into()),
        members: vec![member.clone(), member],
        ..GroupMetadataValue::default()
    };
    replay(&mut driver, &GroupRecord::Group { group_id: "g".into(), value: Some(value) });
    let effects = driver.machine.loaded(driver.now);
    driver.absorb(effects);
    driver.advance(SESSION_MS as u64);
    assert_eq!(driver.state(), "Empty");
}

#[test]
fn a_group_whose_record_is_deleted_keeps_the_offsets_that_are_not() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    driver.stable_group(1);
    let mut restarted = Driver::new();
    restarted.load(&driver.log);
    replay(&mut restarted, &GroupRecord::group_tombstone("g"));
    assert_eq!((restarted.offset(), restarted.state().as_str()), (42, "Empty"));
}

#[test]
fn records_that_are_not_understood_are_reported() {
    let mut driver = Driver::new();
    let key = Bytes::from_static(b"\0\x03\0\x01g");
    assert_eq!(driver.machine.replay(key, None, None), Err(ReplayError::UnknownKey(3)));
    let result = driver.machine.replay(Bytes::new(), None, None);
    assert!(matches!(result, Err(ReplayError::Damaged(_))));
}
