//! The main job on real input: a topic of three partitions, flights keyed by their origin, read
//! back whole, by everyone and by a group; and all of it again after the broker was killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Session;
use crate::harness::{BrokerProcess, TempDir};

const FLIGHTS: &str = include_str!("../../../src/cli/demo/flights.ndjson");

/// The flights of the file by origin, in the order of the file.
fn flights_by_origin() -> BTreeMap<String, Vec<&'static str>> {
    let mut flights: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in FLIGHTS.lines() {
        let flight: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let origin = flight["origin"].as_str().expect("an origin");
        flights.entry(origin.to_owned()).or_default().push(line);
    }
    flights
}

/// Reads everything in the topic, and holds it against the file.
fn assert_every_flight_is_there(session: &Session) {
    let read = "kf consume --topic flights --from-beginning --max-messages 2000 \
                --formatter-property print.partition=true --formatter-property print.key=true";
    let printed = session.start(read).transcript();
    let mut flights: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut partitions: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for line in printed.lines().filter(|line| !line.starts_with('!')) {
        let mut parts = line.splitn(3, '\t');
        let mut part = || parts.next().expect("three parts");
        let (partition, origin, flight) = (part(), part(), part());
        flights.entry(origin.to_owned()).or_default().push(flight);
        partitions.entry(origin.to_owned()).or_default().insert(partition);
    }
    assert_eq!(flights, flights_by_origin(), "every flight, and those of an origin in order");
    assert!(partitions.values().all(|partitions| partitions.len() == 1), "{partitions:?}");
    let used: BTreeSet<&str> = partitions.values().flatten().copied().collect();
    assert_eq!(used.len(), 3, "origins share all partitions");
}

#[test]
fn two_thousand_flights_and_a_groups_offsets_survive_a_kill() {
    let data = TempDir::new();
    let broker = BrokerProcess::start(data.path());
    let session = Session::at(broker.address());
    let mut keyed = String::new();
    for (origin, flights) in flights_by_origin() {
        flights.iter().for_each(|flight| writeln!(keyed, "{origin}\t{flight}").expect("memory"));
    }
    std::fs::write(session.directory().join("flights.tsv"), keyed).expect("a file");
    session.run(
        r#"
$ kf topics --create --topic flights --partitions 3
Created topic flights.
$ kf produce --topic flights --reader-property parse.key=true < flights.tsv
$ kf consume --topic flights --group board --from-beginning --max-messages 1500 2>&1 > first | tail -1
Processed a total of 1500 messages
$ wc -l < first
1500
"#,
    );
    assert_every_flight_is_there(&session);
    let offsets = "kf groups --describe --group board -o csv";
    let before = session.start(offsets).transcript();
    broker.kill();

    let broker = BrokerProcess::start(data.path());
    let session = Session::at(broker.address());
    assert_every_flight_is_there(&session);
    assert_eq!(session.start(offsets).transcript(), before);
    session.run(
        r#"
$ kf consume --topic flights --group board --from-beginning --max-messages 500 2>&1 > rest | tail -1
Processed a total of 500 messages
$ kf groups --describe --group board -o csv 2>&1 | cut -d, -f 7 | paste -sd' '
 Consumer group 'board' has no active members. lag 0 0 0
"#,
    );
}
