use super::*;
use crate::wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};

/// An OffsetDelete for partition 0 of `topic`.
pub(super) fn request(topic: &str) -> OffsetDeleteRequest {
    let partition = OffsetDeleteRequestPartition { partition_index: 0 };
    let topic = OffsetDeleteRequestTopic { name: topic.into(), partitions: vec![partition] };
    OffsetDeleteRequest { group_id: "g".into(), topics: vec![topic] }
}

fn commit_to(driver: &mut Driver, member_id: &str, generation: i32, topic: &str) {
    let mut request = commit_as(member_id, generation, 1);
    request.topics[0].name = topic.into();
    assert_eq!(driver.commit_now(&request), ErrorCode::NONE);
}

#[test]
fn offsets_of_an_empty_group_can_be_deleted() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    let response = driver.delete_offset("t");
    assert_eq!(response.error_code, ErrorCode::NONE);
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(driver.offset(), -1);
}

#[test]
fn what_was_never_committed_is_deleted_without_a_record() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    let response = driver.delete_offset("other");
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(driver.log.len(), 1);
}

#[test]
fn offsets_of_a_topic_that_members_read_stay() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    commit_to(&mut driver, &ids[0], 1, "t");
    commit_to(&mut driver, &ids[0], 1, "other");
    let response = driver.delete_offset("t");
    let code = response.topics[0].partitions[0].error_code;
    assert_eq!(code, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC);
    let response = driver.delete_offset("other");
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(driver.offset(), 1);
}

#[test]
fn consumers_whose_subscription_cannot_be_read_are_thought_to_read_everything() {
    let mut driver = Driver::new();
    let mut request = join_as("");
    request.protocols[0].metadata = Bytes::from_static(b"\0\x01\x7f");
    driver.stable_group_of(&[request]);
    let response = driver.delete_offset("t");
    let code = response.topics[0].partitions[0].error_code;
    assert_eq!(code, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC);
}

#[test]
fn a_living_group_of_others_than_consumers_is_refused() {
    let mut driver = Driver::new();
    driver.stable_group_of(&[JoinGroupRequest { protocol_type: "connect".into(), ..join_as("") }]);
    assert_eq!(driver.delete_offset("t").error_code, ErrorCode::NON_EMPTY_GROUP);
}

#[test]
fn a_group_that_does_not_exist_is_not_found() {
    let mut driver = Driver::new();
    assert_eq!(driver.delete_offset("t").error_code, ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn the_offsets_of_a_deleted_topic_go_with_it_in_all_groups() {
    let mut driver = Driver::new();
    for group_id in ["g", "h"] {
        let request = OffsetCommitRequest { group_id: group_id.into(), ..commit_standalone(1) };
        driver.commit_now(&request);
    }
    commit_to(&mut driver, "", -1, "other");
    let effects = driver.machine.topics_deleted(&["t".to_owned()].into(), driver.now);
    driver.absorb(effects);
    let left = |driver: &Driver, group_id: &str| {
        let group = OffsetFetchRequestGroup { group_id: group_id.into(), ..Default::default() };
        let topics = driver.machine.fetch_offsets(&group, false).topics;
        topics.into_iter().map(|topic| topic.name).collect::<Vec<_>>()
    };
    assert_eq!(left(&driver, "g"), ["other"]);
    assert_eq!(left(&driver, "h"), [""; 0]);
}

#[test]
fn an_offset_on_its_way_to_the_log_is_deleted_with_its_topic() {
    let mut driver = Driver::new();
    driver.is_disk_fast = false;
    driver.commit(&commit_standalone(1), 8);
    let effects = driver.machine.topics_deleted(&["t".to_owned()].into(), driver.now);
    driver.absorb(effects);
    driver.complete_append(Ok(()));
    assert_eq!(driver.offset(), 1);
    driver.complete_append(Ok(()));
    assert_eq!(driver.offset(), -1);
}
