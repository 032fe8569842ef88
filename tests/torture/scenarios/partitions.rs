//! Ten thousand partitions: how long they take to create, how many descriptors and how much memory
//! they take, and that each can be written.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::BrokerSetup;
use crate::checker::partition::Keeps;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::load::create_topics;
use crate::load::one_by_one::OneByOne;
use crate::process::{descriptors, peak_memory_mib};
use crate::random::Random;
use crate::scenario::{Report, Run, Stop};

const DESCRIPTORS_GOAL: usize = 2_000;
const MEMORY_GOAL_MIB: u64 = 512;
const CREATE_GOAL: Duration = Duration::from_secs(10);
const WRITE_GOAL: Duration = Duration::from_secs(10);
const CRASH_GOAL: Duration = Duration::from_secs(5);
const WRITERS: usize = 16;
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

const fn topic(name: &'static str) -> Topic {
    let keeps = Keeps::Everything;
    Topic { name, partitions: 2_500, configs: &[], keeps, is_shortened: false }
}
const TOPICS: [Topic; 4] = [topic("wide-0"), topic("wide-1"), topic("wide-2"), topic("wide-3")];

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    let ledger = Arc::new(Ledger::new(&TOPICS));
    let mut report = Report::default();
    let (broker, _) = setup.start()?;

    let started = Instant::now();
    create_topics(setup.address, &ledger)?;
    timed(&mut report, "10,000 partitions created, durably", started.elapsed(), CREATE_GOAL);
    let started = Instant::now();
    write_everywhere(setup.address, &ledger, &mut run.random)?;
    timed(&mut report, "one acks=all write to each", started.elapsed(), WRITE_GOAL);

    let (open, memory) = (descriptors(broker.id())?, peak_memory_mib(broker.id())?);
    let goal = format!("{DESCRIPTORS_GOAL}");
    report.measured("descriptors", open.to_string(), goal, open <= DESCRIPTORS_GOAL);
    let goal = format!("{MEMORY_GOAL_MIB} MiB");
    report.measured("memory", format!("{memory} MiB"), goal, memory <= MEMORY_GOAL_MIB);

    broker.kill();
    let (_broker, ready) = setup.start()?;
    timed(&mut report, "ready after kill -9", ready, CRASH_GOAL);
    let mut client = Client::new(setup.address);
    for topic in TOPICS {
        let bounds = client.offsets(topic.name, topic.partitions)?;
        let lost = bounds.iter().filter(|bounds| bounds.high_watermark != 1).count();
        if lost > 0 {
            report.complaints.push(format!("{}: {lost} partitions do not end at 1", topic.name));
        }
    }
    report.complaints.extend(setup.panics());
    Ok(report)
}

/// Writes a record to each partition, over several connections at the same time.
fn write_everywhere(
    address: SocketAddr,
    ledger: &Arc<Ledger>,
    random: &mut Random,
) -> Result<(), Stop> {
    let places = ledger.partitions();
    let write = |(writer, places): (OneByOne, &[(Topic, i32)])| write_to(writer, places);
    let shares: Vec<_> = places
        .chunks(places.len().div_ceil(WRITERS))
        .map(|share| {
            let random = Random::new(random.number());
            (OneByOne::new(address, ledger, ANSWER_LIMIT, random), share)
        })
        .collect();
    thread::scope(|scope| {
        let writers: Vec<_> =
            shares.into_iter().map(|share| scope.spawn(move || write(share))).collect();
        writers.into_iter().try_for_each(|writer| writer.join().expect("no panic in a writer"))
    })
}

fn write_to(mut writer: OneByOne, places: &[(Topic, i32)]) -> Result<(), Stop> {
    for (topic, partition) in places {
        let code = writer.send_of_length(topic.name, *partition, 100)?;
        code.ok().map_err(|code| format!("writing to {}-{partition}: {code}", topic.name))?;
    }
    Ok(())
}

fn timed(report: &mut Report, what: &str, took: Duration, goal: Duration) {
    report.measured(what, format!("{took:.1?}"), format!("{goal:.0?}"), took <= goal);
}
