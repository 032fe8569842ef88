use super::*;

const WEEK_MS: u64 = 7 * 24 * 60 * 60 * 1000;

#[test]
fn offsets_of_a_living_group_stay() {
    let mut driver = Driver::new();
    let hours = JoinGroupRequest { session_timeout_ms: 30 * 60 * 1000, ..join_as("") };
    let ids = driver.stable_group_of(&[hours]);
    driver.commit_now(&commit_as(&ids[0], 1, 42));
    for _ in 0..4 * 24 * 8 {
        driver.advance(WEEK_MS / (4 * 24 * 7));
        assert_eq!(driver.heartbeat(&ids[0], 1), ErrorCode::NONE);
    }
    driver.expire();
    assert_eq!(driver.offset(), 42);
}

#[test]
fn offsets_of_topics_that_a_living_group_no_longer_reads_expire() {
    let mut driver = Driver::new();
    let hours = JoinGroupRequest { session_timeout_ms: 30 * 60 * 1000, ..join_as("") };
    let ids = driver.stable_group_of(&[hours]);
    let mut other = commit_as(&ids[0], 1, 42);
    other.topics[0].name = "other".into();
    driver.commit_now(&other);
    for _ in 0..4 * 24 * 7 {
        driver.advance(WEEK_MS / (4 * 24 * 7));
        driver.heartbeat(&ids[0], 1);
    }
    driver.expire();
    let group = OffsetFetchRequestGroup { group_id: "g".into(), ..Default::default() };
    assert_eq!(driver.machine.fetch_offsets(&group, false).topics, []);
    assert_eq!(driver.state(), "Stable");
}

#[test]
fn offsets_of_an_empty_group_expire_a_week_after_it_became_empty() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.commit_now(&commit_as(&ids[0], 1, 42));
    for _ in 0..10 {
        driver.advance(SESSION_MS as u64 / 2);
        driver.heartbeat(&ids[0], 1);
    }
    driver.leave_one(&ids[0]);
    driver.advance(WEEK_MS - 1);
    driver.expire();
    assert_eq!((driver.offset(), driver.state().as_str()), (42, "Empty"));
    driver.advance(1);
    driver.expire();
    assert_eq!((driver.offset(), driver.state().as_str()), (-1, "Dead"));
}

#[test]
fn the_week_goes_on_over_a_restart() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.commit_now(&commit_as(&ids[0], 1, 42));
    driver.leave_one(&ids[0]);
    driver.advance(WEEK_MS - 1);
    let mut restarted = Driver::new();
    restarted.set_time(driver.now.monotonic);
    restarted.load(&driver.log);
    restarted.expire();
    assert_eq!(restarted.offset(), 42);
    restarted.advance(1);
    restarted.expire();
    assert_eq!(restarted.state(), "Dead");
}

#[test]
fn offsets_without_a_group_expire_each_a_week_after_its_commit() {
    let mut driver = Driver::new();
    let mut other = commit_standalone(1);
    other.topics[0].name = "other".into();
    driver.commit_now(&other);
    driver.advance(1);
    driver.commit_now(&commit_standalone(42));
    driver.advance(WEEK_MS - 1);
    driver.expire();
    let group = OffsetFetchRequestGroup { group_id: "g".into(), ..Default::default() };
    assert_eq!(driver.machine.fetch_offsets(&group, false).topics.len(), 1);
    assert_eq!(driver.offset(), 42);
}

#[test]
fn an_offset_that_asks_for_its_own_retention_gets_it() {
    let mut driver = Driver::new();
    let request = OffsetCommitRequest { retention_time_ms: 5_000, ..commit_standalone(42) };
    driver.commit(&request, 4);
    driver.advance(4_999);
    driver.expire();
    assert_eq!(driver.offset(), 42);
    driver.advance(1);
    driver.expire();
    assert_eq!(driver.offset(), -1);
}

#[test]
fn an_empty_group_without_offsets_goes_at_once() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.leave_one(&ids[0]);
    driver.expire();
    assert_eq!(driver.state(), "Dead");
    let tombstone = GroupRecord::group_tombstone("g");
    assert_eq!(driver.log.last().map(|append| append.records.to_vec()), Some(vec![tombstone]));
}

#[test]
fn a_pending_member_keeps_an_empty_group() {
    let mut driver = Driver::new();
    let ids = driver.stable_group(1);
    driver.leave_one(&ids[0]);
    driver.join_now(&join_as(""), LATEST);
    driver.expire();
    assert_eq!(driver.state(), "Empty");
}

#[test]
fn an_offset_does_not_expire_while_a_newer_one_is_on_its_way_to_the_log() {
    let mut driver = Driver::new();
    driver.commit_now(&commit_standalone(1));
    driver.advance(WEEK_MS);
    driver.is_disk_fast = false;
    driver.commit(&commit_standalone(2), 8);
    driver.expire();
    driver.complete_append(Ok(()));
    assert_eq!(driver.in_flight.len(), 0);
    assert_eq!(driver.offset(), 2);
}
