use super::*;

#[test]
fn without_a_delay_a_lone_member_starts_at_once() {
    let mut driver = Driver::with(GroupSettings::default());
    let response = driver.join_now(&join_as(""), 3);
    assert_eq!(response.generation_id, 1);
    assert_eq!(driver.state(), "CompletingRebalance");
}

#[test]
fn without_a_delay_a_lone_member_does_not_wait_for_pending_ones() {
    let mut driver = Driver::with(GroupSettings::default());
    let first = driver.join_now(&join_as(""), LATEST).member_id;
    driver.join_now(&join_as(""), LATEST);
    assert_eq!(driver.join_now(&join_as(&first), LATEST).generation_id, 1);
}

#[test]
fn the_first_join_of_an_empty_group_waits_for_others() {
    let mut driver = Driver::new();
    let ticket = driver.join(&join_as(""), 3);
    driver.advance(DELAY_MS - 1);
    assert!(driver.is_waiting(ticket));
    driver.advance(1);
    assert_eq!(driver.joined(ticket).members.len(), 1);
}

#[test]
fn each_new_member_extends_the_delay_once() {
    let mut driver = Driver::new();
    let first = driver.join(&join_as(""), 3);
    driver.advance(DELAY_MS - 1);
    driver.join(&join_as(""), 3);
    driver.advance(DELAY_MS);
    assert!(driver.is_waiting(first));
    driver.advance(1);
    assert_eq!(driver.joined(first).members.len(), 2);
}

#[test]
fn the_delay_is_not_extended_beyond_the_rebalance_timeout() {
    let mut driver = Driver::new();
    let first = driver.join(&join_as(""), 3);
    let mut count = 1;
    while driver.is_waiting(first) {
        driver.join(&join_as(""), 3);
        count += 1;
        driver.advance(DELAY_MS / 2);
    }
    assert_eq!(driver.now.monotonic, Duration::from_millis(REBALANCE_MS as u64));
    assert_eq!(driver.joined(first).members.len(), count);
}

#[test]
fn a_member_that_leaves_during_the_delay_does_not_cut_it_short() {
    let mut driver = Driver::new();
    let first = driver.join_now(&join_as(""), LATEST).member_id;
    let second = driver.join_now(&join_as(""), LATEST).member_id;
    let staying = driver.join(&join_as(&first), LATEST);
    let leaving = driver.join(&join_as(&second), LATEST);
    assert_eq!(driver.leave_one(&second), ErrorCode::NONE);
    assert_eq!(driver.joined(leaving).error_code, ErrorCode::UNKNOWN_MEMBER_ID);
    assert!(driver.is_waiting(staying));
    driver.advance(2 * DELAY_MS);
    assert_eq!(driver.joined(staying).members.len(), 1);
}

#[test]
fn a_group_that_all_leave_during_the_delay_is_empty_after_it() {
    let mut driver = Driver::new();
    let id = driver.join_now(&join_as(""), LATEST).member_id;
    driver.join(&join_as(&id), LATEST);
    driver.leave_one(&id);
    driver.advance(DELAY_MS);
    assert_eq!(driver.state(), "Empty");
}
