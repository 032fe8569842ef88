//! The classic group protocol over TCP. Its rules are tested one by one in
//! `src/coordinator/group/tests`; here they meet connections, versions and the log.

use kf::wire::error::ErrorCode;
use kf::wire::messages::delete_groups::DeleteGroupsRequest;
use kf::wire::messages::describe_groups::{DescribeGroupsRequest, DescribedGroup};
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::heartbeat::HeartbeatRequest;
use kf::wire::messages::join_group::JoinGroupRequest;
use kf::wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};

use crate::harness::{Client, Member, TestBroker};

fn started() -> (TestBroker, Client) {
    started_with(&[])
}

/// A broker whose offsets topic exists, as clients that have looked for their coordinator know it.
fn started_with(settings: &[(&str, &str)]) -> (TestBroker, Client) {
    let broker = TestBroker::with(settings);
    let mut client = broker.connect();
    find_coordinator(&mut client, "readers");
    (broker, client)
}

fn find_coordinator(client: &mut Client, key: &str) {
    let request = FindCoordinatorRequest { key: key.to_owned(), ..Default::default() };
    assert_eq!(client.send(request, 2).error_code, ErrorCode::NONE);
}

fn describe(client: &mut Client, group: &str, version: i16) -> DescribedGroup {
    let groups = vec![group.to_owned()];
    let request = DescribeGroupsRequest { groups, ..DescribeGroupsRequest::default() };
    client.send(request, version).groups.remove(0)
}

fn delete(client: &mut Client, group: &str) -> ErrorCode {
    let request = DeleteGroupsRequest { groups_names: vec![group.to_owned()] };
    client.send(request, 2).results.remove(0).error_code
}

#[test]
fn the_coordinator_is_the_broker_that_was_reached_at_every_version() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let address = broker.address().to_string();
    for version in 0..=3 {
        let request = FindCoordinatorRequest { key: "readers".to_owned(), ..Default::default() };
        let found = client.send(request, version);
        assert_eq!(found.error_code, ErrorCode::NONE);
        assert_eq!(format!("{}:{}", found.host, found.port), address);
    }
    for version in 4..=6 {
        let keys = ["readers", "writers"].map(str::to_owned);
        let request =
            FindCoordinatorRequest { coordinator_keys: keys.into(), ..Default::default() };
        let found = client.send(request, version).coordinators;
        assert_eq!([&found[0].key, &found[1].key], ["readers", "writers"]);
        for coordinator in found {
            assert_eq!(format!("{}:{}", coordinator.host, coordinator.port), address);
        }
    }
}

#[test]
fn an_unknown_kind_of_coordinator_is_an_invalid_request() {
    let (_broker, mut client) = started();
    let request = FindCoordinatorRequest { key_type: 9, ..Default::default() };
    assert_eq!(client.send(request, 2).error_code, ErrorCode::INVALID_REQUEST);
}

/// Joins, syncs, sends a heartbeat and leaves, each at the given version.
fn live_a_life(broker: &TestBroker, [join, sync, heartbeat, leave]: [i16; 4]) {
    let member = Member::new(broker.connect(), "readers");
    let mut request = member.join_request();
    let mut client = member.client;
    let mut joined = client.send(request.clone(), join);
    if join >= 4 {
        assert_eq!(joined.error_code, ErrorCode::MEMBER_ID_REQUIRED);
        request.member_id = joined.member_id;
        joined = client.send(request, join);
    }
    assert_eq!(joined.error_code, ErrorCode::NONE, "JoinGroup {join}");
    assert_eq!((&joined.leader, joined.members.len()), (&joined.member_id, 1));
    assert_eq!(joined.protocol_name.as_deref(), Some("range"));

    let assignment = SyncGroupRequestAssignment {
        member_id: joined.member_id.clone(),
        assignment: "all".into(),
    };
    let mut request = SyncGroupRequest {
        group_id: "readers".to_owned(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        assignments: vec![assignment],
        ..SyncGroupRequest::default()
    };
    if sync >= 5 {
        request.protocol_type = Some("consumer".to_owned());
        request.protocol_name = Some("range".to_owned());
    }
    let synced = client.send(request, sync);
    assert_eq!((synced.error_code, &synced.assignment[..]), (ErrorCode::NONE, &b"all"[..]));

    let request = HeartbeatRequest {
        group_id: "readers".to_owned(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        ..HeartbeatRequest::default()
    };
    assert_eq!(client.send(request, heartbeat).error_code, ErrorCode::NONE);

    let mut request = LeaveGroupRequest { group_id: "readers".to_owned(), ..Default::default() };
    match leave {
        ..3 => request.member_id = joined.member_id,
        3.. => {
            let member_id = joined.member_id;
            request.members = vec![MemberIdentity { member_id, ..Default::default() }];
        }
    }
    assert_eq!(client.send(request, leave).error_code, ErrorCode::NONE, "LeaveGroup {leave}");
}

#[test]
fn the_whole_life_of_a_member_works_at_every_version() {
    let (broker, mut client) = started();
    for join in 0..=9 {
        live_a_life(&broker, [join, join.min(5), join.min(4), join.min(5)]);
    }
    assert_eq!(describe(&mut client, "readers", 5).group_state, "Empty");
}

#[test]
fn the_first_leader_gets_all_members_and_the_protocol_is_chosen_by_vote() {
    let (broker, mut client) = started_with(&[("group.initial.rebalance.delay.ms", "100")]);
    let mut members: Vec<Member> =
        (0..3).map(|_| Member::new(broker.connect(), "readers")).collect();
    members[0].protocols = vec!["roundrobin", "range", "sticky"];
    members[1].protocols = vec!["range", "sticky"];
    members[2].protocols = vec!["sticky", "range"];
    members.iter_mut().for_each(Member::ask_to_join);
    let joined: Vec<_> = members.iter_mut().map(Member::joined).collect();
    for (member, response) in members.iter().zip(&joined) {
        assert_eq!(response.error_code, ErrorCode::NONE);
        assert_eq!(response.generation_id, joined[0].generation_id);
        assert_eq!(response.protocol_name.as_deref(), Some("range"));
        let told = if response.leader == member.id { 3 } else { 0 };
        assert_eq!(response.members.len(), told);
    }
    let described = describe(&mut client, "readers", 5);
    assert_eq!(described.group_state, "CompletingRebalance");
}

#[test]
fn members_without_a_common_protocol_do_not_meet() {
    let (broker, _) = started();
    Member::new(broker.connect(), "readers").join_alone("all");
    let mut other = Member::new(broker.connect(), "readers");
    other.protocols = vec!["sticky"];
    let refused = other.client.send(other.join_request(), 5);
    assert_eq!(refused.error_code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
}

#[test]
fn impossible_joins_are_refused() {
    let (broker, mut client) = started();
    let request = Member::new(broker.connect(), "readers").join_request();
    let session = |session_timeout_ms| JoinGroupRequest { session_timeout_ms, ..request.clone() };
    let nameless = JoinGroupRequest { group_id: String::new(), ..request.clone() };
    let stranger = JoinGroupRequest { member_id: "stranger".to_owned(), ..request.clone() };
    for (refused, expected) in [
        (session(5_999), ErrorCode::INVALID_SESSION_TIMEOUT),
        (session(1_800_001), ErrorCode::INVALID_SESSION_TIMEOUT),
        (nameless, ErrorCode::INVALID_GROUP_ID),
        (stranger, ErrorCode::UNKNOWN_MEMBER_ID),
    ] {
        assert_eq!(client.send(refused, 3).error_code, expected);
    }
}

#[test]
fn strangers_and_members_of_the_past_are_told_so() {
    let (broker, _) = started();
    let mut member = Member::new(broker.connect(), "readers");
    member.join_alone("all");
    member.generation += 1;
    assert_eq!(member.heartbeat(), ErrorCode::ILLEGAL_GENERATION);
    member.ask_to_sync(&[]);
    assert_eq!(member.synced().error_code, ErrorCode::ILLEGAL_GENERATION);
    member.generation -= 1;
    let id = std::mem::replace(&mut member.id, "stranger".to_owned());
    assert_eq!(member.heartbeat(), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(member.leave(), ErrorCode::UNKNOWN_MEMBER_ID);
    member.id = id;
    assert_eq!(member.heartbeat(), ErrorCode::NONE);
}

#[test]
fn a_follower_that_joins_again_unchanged_disturbs_nobody_and_a_leader_does() {
    let (broker, _) = started();
    let mut leader = Member::new(broker.connect(), "readers");
    leader.join_alone("all");
    let mut follower = Member::new(broker.connect(), "readers");
    follower.ask_to_join();
    leader.wait_for_rebalance();
    let joined = leader.join();
    assert_eq!(joined.leader, leader.id);
    follower.joined();
    let ids = [leader.id.clone(), follower.id.clone()];
    follower.ask_to_sync(&[]);
    leader.ask_to_sync(&[(&ids[0], "first"), (&ids[1], "second")]);
    assert_eq!(&leader.synced().assignment[..], b"first");
    assert_eq!(&follower.synced().assignment[..], b"second");

    let generation = follower.generation;
    assert_eq!(follower.join().generation_id, generation);
    assert_eq!(leader.heartbeat(), ErrorCode::NONE);
    leader.ask_to_join();
    follower.wait_for_rebalance();
    follower.ask_to_join();
    assert_eq!(leader.joined().generation_id, generation + 1);
    assert_eq!(follower.joined().generation_id, generation + 1);
}

#[test]
fn a_static_member_that_comes_back_keeps_its_assignment_and_fences_the_old_one() {
    let (broker, mut client) = started();
    client.create_topic("orders", 1);
    let mut old = Member::new(broker.connect(), "readers");
    old.instance_id = Some("instance-1".to_owned());
    old.join_alone("all");
    let mut new = Member::new(broker.connect(), "readers");
    new.instance_id = old.instance_id.clone();
    let joined = new.join();
    assert_eq!((joined.error_code, joined.generation_id), (ErrorCode::NONE, old.generation));
    assert_ne!(new.id, old.id);
    new.ask_to_sync(&[]);
    assert_eq!(&new.synced().assignment[..], b"all");
    assert_eq!(old.heartbeat(), ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(old.commit("orders", 0), ErrorCode::FENCED_INSTANCE_ID);
    // By its instance it can be sent away without its id.
    new.id = String::new();
    assert_eq!(new.leave(), ErrorCode::NONE);
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let (broker, mut client) = started();
    Member::new(broker.connect(), "stable").join_alone("all");
    let mut gone = Member::new(broker.connect(), "empty");
    gone.join_alone("all");
    gone.leave();
    let list = |client: &mut Client, states: &[&str], types: &[&str]| {
        let request = ListGroupsRequest {
            states_filter: states.iter().map(|&state| state.to_owned()).collect(),
            types_filter: types.iter().map(|&kind| kind.to_owned()).collect(),
        };
        let listed = client.send(request, 5).groups;
        let mut listed: Vec<_> =
            listed.into_iter().map(|group| (group.group_id, group.group_state)).collect();
        listed.sort();
        listed
    };
    let named = |id: &str, state: &str| (id.to_owned(), state.to_owned());
    let (stable, empty) = (named("stable", "Stable"), named("empty", "Empty"));
    assert_eq!(list(&mut client, &[], &[]), [empty.clone(), stable.clone()]);
    assert_eq!(list(&mut client, &["Stable"], &[]), std::slice::from_ref(&stable));
    assert_eq!(list(&mut client, &["stable", "EMPTY"], &["Classic"]), [empty, stable]);
    assert_eq!(list(&mut client, &[], &["consumer"]), []);
}

#[test]
fn groups_are_described_with_members_and_their_assignments() {
    let (broker, mut client) = started();
    let mut member = Member::new(broker.connect(), "readers");
    member.join_alone("all");
    for version in 0..=6 {
        let described = describe(&mut client, "readers", version);
        assert_eq!((described.error_code, &*described.group_state), (ErrorCode::NONE, "Stable"));
        assert_eq!((&*described.protocol_type, &*described.protocol_data), ("consumer", "range"));
        let told = &described.members[0];
        assert_eq!((&told.member_id, &*told.client_id), (&member.id, "tester"));
        assert_eq!(told.client_host, "/127.0.0.1");
        assert_eq!(&told.member_assignment[..], b"all");
        assert_eq!(described.authorized_operations, i32::MIN);
    }
}

#[test]
fn a_group_that_does_not_exist_is_dead_and_from_version_6_on_not_found() {
    let (_broker, mut client) = started();
    for version in 0..=5 {
        let described = describe(&mut client, "missing", version);
        assert_eq!((described.error_code, &*described.group_state), (ErrorCode::NONE, "Dead"));
    }
    assert_eq!(describe(&mut client, "missing", 6).error_code, ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn only_groups_without_members_are_deleted() {
    let (broker, mut client) = started();
    let mut member = Member::new(broker.connect(), "readers");
    member.join_alone("all");
    assert_eq!(delete(&mut client, "readers"), ErrorCode::NON_EMPTY_GROUP);
    assert_eq!(delete(&mut client, "missing"), ErrorCode::GROUP_ID_NOT_FOUND);
    assert_eq!(member.leave(), ErrorCode::NONE);
    assert_eq!(delete(&mut client, "readers"), ErrorCode::NONE);
    assert_eq!(describe(&mut client, "readers", 5).group_state, "Dead");
}

#[test]
fn a_group_whose_coordinator_nobody_looked_for_is_told_to_look() {
    let broker = TestBroker::start();
    let mut member = Member::new(broker.connect(), "readers");
    assert_eq!(member.join().error_code, ErrorCode::NONE);
    let own_id = member.id.clone();
    member.ask_to_sync(&[(&own_id, "all")]);
    let refused = member.synced().error_code;
    let retriable = [ErrorCode::COORDINATOR_NOT_AVAILABLE, ErrorCode::NOT_COORDINATOR];
    assert!(retriable.contains(&refused), "{refused:?}");
    // Once it has looked, it can go on.
    find_coordinator(&mut member.client, "readers");
    member.join_alone("all");
}
