use super::*;

#[test]
fn a_member_of_the_generation_commits() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    assert_eq!(driver.commit_now(&commit_as(&ids[0], 1, 42)), ErrorCode::NONE);
    assert_eq!(driver.offset(), 42);
}

#[test]
fn an_offset_counts_and_is_answered_when_it_is_durable() {
    let mut driver = Driver::new();
    driver.is_disk_fast = false;
    let ticket = driver.commit(&commit_standalone(42), 8);
    assert!(driver.is_waiting(ticket));
    assert_eq!(driver.offset(), -1);
    driver.complete_append(Ok(()));
    assert_eq!(driver.committed(ticket), ErrorCode::NONE);
    assert_eq!(driver.offset(), 42);
}

#[test]
fn the_record_holds_all_that_kafka_keeps() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(42));
    let GroupRecord::Offset { key, value: Some(value) } = &driver.log[0].records[0] else {
        panic!("not an offset: {:?}", driver.log)
    };
    assert_eq!((&*key.group, &*key.topic, key.partition), ("g", "t", 0));
    assert_eq!((value.offset, value.leader_epoch, &*value.metadata), (42, 7, "note"));
    assert_eq!((value.commit_timestamp, value.expire_timestamp), (START_MS, -1));
}

#[test]
fn who_assigns_itself_partitions_commits_to_a_group_without_members() {
    let mut driver = Driver::new();
    assert_eq!(driver.commit_now(&commit_standalone(1)), ErrorCode::NONE);
    assert_eq!(driver.state(), "Empty");
    let ids = driver.stable_group(1);
    assert_eq!(driver.commit_now(&commit_standalone(2)), ErrorCode::UNKNOWN_MEMBER_ID);
    driver.leave_one(&ids[0]);
    assert_eq!(driver.commit_now(&commit_standalone(3)), ErrorCode::NONE);
    assert_eq!(driver.offset(), 3);
}

#[test]
fn the_group_without_a_name_can_commit_and_fetch() {
    let mut driver = Driver::new();
    let request = OffsetCommitRequest { group_id: String::new(), ..commit_standalone(1) };
    assert_eq!(driver.commit_now(&request), ErrorCode::NONE);
    let group = OffsetFetchRequestGroup::default();
    assert_eq!(driver.machine.fetch_offsets(&group, false).topics.len(), 1);
}

#[test]
fn a_generation_of_an_unknown_group_is_illegal_and_from_version_9_on_the_group_is_not_found() {
    let mut driver = Driver::new();
    for (version, error) in [(8, ErrorCode::ILLEGAL_GENERATION), (9, ErrorCode::GROUP_ID_NOT_FOUND)]
    {
        let ticket = driver.commit(&commit_as("m", 1, 1), version);
        assert_eq!(driver.committed(ticket), error);
    }
}

#[test]
fn strangers_and_members_of_other_generations_are_refused() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    assert_eq!(driver.commit_now(&commit_as("m", 1, 1)), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(driver.commit_now(&commit_as(&ids[0], 2, 1)), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(driver.commit_now(&commit_as(&ids[0], -1, 1)), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(driver.offset(), -1);
}

#[test]
fn while_members_join_again_they_may_commit_and_while_the_leader_assigns_they_may_not() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(2);
    driver.join(&join_as(&ids[0]), LATEST);
    assert_eq!(driver.commit_now(&commit_as(&ids[1], 1, 5)), ErrorCode::NONE);
    driver.join(&join_as(&ids[1]), LATEST);
    assert_eq!(driver.state(), "CompletingRebalance");
    assert_eq!(driver.commit_now(&commit_as(&ids[1], 2, 6)), ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(driver.offset(), 5);
}

#[test]
fn metadata_that_is_too_long_is_refused_for_its_partition_alone() {
    let mut driver = Driver::new();
    let mut request = commit_standalone(1);
    let mut fits = request.topics[0].partitions[0].clone();
    fits.partition_index = 1;
    // Kafka counts UTF-16 units: 4096 of them, and 8192 bytes.
    fits.committed_metadata = Some("é".repeat(4096));
    let mut too_long = fits.clone();
    too_long.partition_index = 2;
    too_long.committed_metadata = Some("é".repeat(4097));
    request.topics[0].partitions = vec![fits, too_long];
    let ticket = driver.commit(&request, 8);
    let Some(Reply::OffsetCommit(response)) = driver.answer(ticket) else { panic!("no answer") };
    let partitions = &response.topics[0].partitions;
    assert_eq!(partitions[0].error_code, ErrorCode::NONE);
    assert_eq!(partitions[1].error_code, ErrorCode::OFFSET_METADATA_TOO_LARGE);
    assert_eq!(driver.log[0].records.len(), 1);
}

#[test]
fn a_commit_of_nothing_is_answered_at_once() {
    let mut driver = Driver::new();
    driver.is_disk_fast = false;
    let request = OffsetCommitRequest { topics: Vec::new(), ..commit_standalone(1) };
    let ticket = driver.commit(&request, 8);
    assert!(!driver.is_waiting(ticket));
}

#[test]
fn the_last_of_two_commits_counts() {
    let mut driver = Driver::new();
    driver.is_disk_fast = false;
    driver.commit(&commit_standalone(2), 8);
    driver.commit(&commit_standalone(1), 8);
    driver.complete_append(Ok(()));
    driver.complete_append(Ok(()));
    assert_eq!(driver.offset(), 1);
}
