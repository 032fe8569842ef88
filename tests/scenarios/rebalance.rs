//! Three members share three partitions; one leaves, and its partition is taken over.

use kf::wire::error::ErrorCode;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;

use crate::harness::{Member, TestBroker};

/// Has all members join and share `partitions`, dealt out by the leader one by one. Gives what
/// each member got.
fn share(members: &mut [Member], partitions: &[&str]) -> Vec<String> {
    // The group must know of all before the first of them asks, or it would not wait.
    let newcomers = members.iter_mut().filter(|member| member.id.is_empty());
    newcomers.for_each(Member::introduce_itself);
    members.iter_mut().for_each(Member::ask_to_join);
    let joined: Vec<_> = members.iter_mut().map(Member::joined).collect();
    let generation = joined[0].generation_id;
    assert!(joined.iter().all(|response| response.generation_id == generation));
    let leader = joined.iter().find(|response| !response.members.is_empty()).expect("a leader");
    let mut dealt: Vec<(&str, String)> =
        leader.members.iter().map(|member| (&*member.member_id, String::new())).collect();
    assert_eq!(dealt.len(), members.len());
    let count = dealt.len();
    for (index, partition) in partitions.iter().enumerate() {
        dealt[index % count].1.push_str(partition);
    }
    let assignments: Vec<_> = dealt.iter().map(|(id, partitions)| (*id, &**partitions)).collect();
    for member in members.iter_mut() {
        let brings = if member.id == leader.leader { &assignments[..] } else { &[] };
        member.ask_to_sync(brings);
    }
    members.iter_mut().map(|member| text(&member.synced().assignment)).collect()
}

fn text(assignment: &[u8]) -> String {
    String::from_utf8_lossy(assignment).into_owned()
}

fn started(settings: &[(&str, &str)]) -> (TestBroker, Vec<Member>) {
    let broker = TestBroker::with(settings);
    let mut client = broker.connect();
    let request = FindCoordinatorRequest { key: "payment".to_owned(), ..Default::default() };
    client.send(request, 2);
    // The first one makes a group alone; the others come later.
    let mut first = Member::new(broker.connect(), "payment");
    first.join_alone("012");
    let others = (0..2).map(|_| Member::new(broker.connect(), "payment"));
    let members = std::iter::once(first).chain(others.collect::<Vec<_>>()).collect();
    (broker, members)
}

/// All that was assigned, in order.
fn all(shares: &[String]) -> String {
    let mut all: Vec<_> = shares.iter().flat_map(|share| share.chars()).collect();
    all.sort();
    all.into_iter().collect()
}

#[test]
fn each_of_three_members_gets_a_partition_and_two_take_over_when_one_leaves() {
    let (_broker, mut members) = started(&[]);
    let shares = share(&mut members, &["0", "1", "2"]);
    assert!(shares.iter().all(|share| share.len() == 1), "{shares:?}");
    assert_eq!(all(&shares), "012");

    let mut gone = members.remove(1);
    assert_eq!(gone.leave(), ErrorCode::NONE);
    members.iter_mut().for_each(Member::wait_for_rebalance);
    let shares = share(&mut members, &["0", "1", "2"]);
    assert_eq!(all(&shares), "012");
    assert_eq!(gone.heartbeat(), ErrorCode::UNKNOWN_MEMBER_ID);
    for member in &mut members {
        assert_eq!(member.heartbeat(), ErrorCode::NONE);
    }
}

#[test]
fn a_member_that_falls_silent_is_taken_out_when_its_session_ends() {
    let settings = [("group.min.session.timeout.ms", "1000")];
    let (_broker, mut members) = started(&settings);
    members[2].session_timeout_ms = 2000;
    share(&mut members, &["0", "1", "2"]);
    members.truncate(2);
    members.iter_mut().for_each(Member::wait_for_rebalance);
    let shares = share(&mut members, &["0", "1", "2"]);
    assert_eq!(all(&shares), "012");
}
