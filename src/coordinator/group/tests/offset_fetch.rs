use super::*;
use crate::wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse, OffsetFetchResponseGroup,
};

fn topic(name: &str, partition_indexes: Vec<i32>) -> OffsetFetchRequestTopics {
    OffsetFetchRequestTopics { name: name.into(), partition_indexes, ..Default::default() }
}

fn group(topics: Option<Vec<OffsetFetchRequestTopics>>) -> OffsetFetchRequestGroup {
    OffsetFetchRequestGroup { group_id: "g".into(), topics, ..Default::default() }
}

/// Answers a request of `version` as the broker does.
fn fetch(driver: &Driver, request: OffsetFetchRequest, version: i16) -> OffsetFetchResponse {
    let groups = offset_fetch_groups(request, version);
    let answers = groups.iter().map(|group| driver.machine.fetch_offsets(group, false));
    offset_fetch_response(answers.collect(), version)
}

#[test]
fn a_partition_without_a_commit_has_offset_minus_one_and_no_error() {
    let mut driver = Driver::new();
    for _ in 0..2 {
        let response =
            driver.machine.fetch_offsets(&group(Some(vec![topic("other", vec![3])])), false);
        assert_eq!(response.error_code, ErrorCode::NONE);
        let partition = &response.topics[0].partitions[0];
        assert_eq!((partition.partition_index, partition.committed_offset), (3, -1));
        assert_eq!(partition.committed_leader_epoch, -1);
        assert_eq!(partition.metadata.as_deref(), Some(""));
        assert_eq!(partition.error_code, ErrorCode::NONE);
        // Once more, with the group existing.
        driver.commit_now(&commit_standalone(42));
    }
}

#[test]
fn an_offset_comes_back_with_leader_epoch_and_metadata() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    let response = driver.machine.fetch_offsets(&group(Some(vec![topic("t", vec![0])])), true);
    let partition = &response.topics[0].partitions[0];
    assert_eq!((partition.committed_offset, partition.committed_leader_epoch), (42, 7));
    assert_eq!(partition.metadata.as_deref(), Some("note"));
}

#[test]
fn null_topics_ask_for_all_and_no_topics_for_none() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    assert_eq!(driver.machine.fetch_offsets(&group(None), false).topics.len(), 1);
    assert_eq!(driver.machine.fetch_offsets(&group(Some(Vec::new())), false).topics, []);
}

#[test]
fn versions_before_8_ask_for_one_group() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    let topic = OffsetFetchRequestTopic { name: "t".into(), partition_indexes: vec![0, 1] };
    let request = OffsetFetchRequest {
        group_id: "g".into(),
        topics: Some(vec![topic]),
        ..OffsetFetchRequest::default()
    };
    let response = fetch(&driver, request, 7);
    assert_eq!(response.groups, []);
    let offsets: Vec<i64> =
        response.topics[0].partitions.iter().map(|p| p.committed_offset).collect();
    assert_eq!(offsets, [42, -1]);
}

#[test]
fn from_version_8_on_groups_are_answered_in_order() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    let unknown = OffsetFetchRequestGroup { group_id: "x".into(), ..group(None) };
    let request =
        OffsetFetchRequest { groups: vec![unknown, group(None)], ..OffsetFetchRequest::default() };
    let response = fetch(&driver, request, 8);
    assert_eq!(response.groups[0].topics, []);
    assert_eq!(response.groups[1].topics[0].partitions[0].committed_offset, 42);
}

#[test]
fn a_refusal_stands_where_its_version_has_a_place_for_it() {
    let request = group(Some(vec![topic("t", vec![0])]));
    let error = ErrorCode::NOT_COORDINATOR;
    let refused = |version| {
        offset_fetch_response(vec![offset_fetch_refusal(&request, error, version)], version)
    };
    assert_eq!(refused(1).topics[0].partitions[0].error_code, error);
    assert_eq!((refused(2).error_code, refused(2).topics), (error, Vec::new()));
    let expected = OffsetFetchResponseGroup {
        group_id: "g".into(),
        error_code: error,
        ..OffsetFetchResponseGroup::default()
    };
    assert_eq!(refused(8).groups, [expected]);
}
