//! A broker with a thousand partitions and nothing to do: it does not sync, and hardly uses the
//! processor.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::broker::BrokerSetup;
use crate::checker::partition::Keeps;
use crate::ledger::{Ledger, Topic};
use crate::load::create_topics;
use crate::load::one_by_one::OneByOne;
use crate::process::share_of_a_core;
use crate::random::Random;
use crate::scenario::{Report, Run, Stop};
use crate::strace::Trace;

const SYNCS: &str = "fdatasync,fsync,syncfs,sync,sync_file_range,msync";
const SHARE_GOAL: f64 = 0.005;
/// What the last writes have left to do is done by then.
const SETTLE: Duration = Duration::from_secs(2);
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

const TOPIC: Topic = Topic {
    name: "quiet",
    partitions: 1_000,
    configs: &[],
    keeps: Keeps::Everything,
    is_shortened: false,
};

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let watch = run.by_tier(Duration::from_secs(10), Duration::from_secs(30));
    let setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    let ledger = Arc::new(Ledger::new(&[TOPIC]));
    let (broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    let random = Random::new(run.random.number());
    let mut writer = OneByOne::new(setup.address, &ledger, ANSWER_LIMIT, random);
    for partition in 0..TOPIC.partitions {
        writer.send_of_length(TOPIC.name, partition, 100)?;
    }
    thread::sleep(SETTLE);
    let (share, ()) = share_of_a_core(broker.id(), || thread::sleep(watch))?;
    broker.kill();

    let mut report = Report::default();
    let measured = format!("{:.2} % of a core", share * 100.0);
    let goal = format!("{:.1} %", SHARE_GOAL * 100.0);
    report.measured("processor, idle", measured, goal, share <= SHARE_GOAL);
    let (watched, trace) = Trace::wrap(&setup, &run.directory, SYNCS, &["--seccomp-bpf"])?;
    let (_broker, _) = watched.start()?;
    thread::sleep(SETTLE);
    let before = trace.calls().len();
    thread::sleep(watch);
    let syncs = trace.calls().split_off(before);
    if let Some(first) = syncs.first() {
        let count = syncs.len();
        report.complaints.push(format!("{count} syncs in {watch:.0?} of nothing: {}", first.text));
    }
    report.did(format!("{before} syncs at the start, {} in {watch:.0?} after it", syncs.len()));
    report.complaints.extend(setup.panics());
    Ok(report)
}
