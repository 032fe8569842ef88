//! A sync that fails under load. What was written since the last one is in doubt from then on: nothing more is
//! acknowledged, no sync is tried again (it would succeed and prove nothing), the process ends by
//! itself and says so by its exit code, and the next start serves everything acknowledged.
//!
//! What the failed sync was to make durable is really lost: the power is cut afterwards, so that an
//! answer that should not have been given comes to light.
//!
//! A sync that fails while a partition is recovered makes that partition unavailable, or ends the
//! start; either way nothing is acknowledged there.

use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use kf::wire::error::ErrorCode;

use crate::broker::BrokerSetup;
use crate::checker::partition::Keeps;
use crate::ledger::{Ledger, Topic};
use crate::load::one_by_one::OneByOne;
use crate::load::{NO_BROKER_PAUSE, create_topics};
use crate::loop_disk::LoopDisk;
use crate::random::Random;
use crate::reader::{judge, read_all};
use crate::scenario::{Report, Run, Stop};
use crate::strace::{Call, Trace};

const DISK_MIB: u32 = 512;
const SYNCS: &str = "fdatasync,fsync,syncfs";
/// The first syncs of each thread may be those of the start.
const MAX_GOOD_SYNCS: usize = 40;
/// How long a broker may go on after a sync has failed.
const EXIT_GOAL: Duration = Duration::from_secs(1);
/// How long it is waited for, to say how long it took.
const EXIT_LIMIT: Duration = Duration::from_secs(10);
/// How long a sync is waited for that is made to fail.
const FAILURE_LIMIT: Duration = Duration::from_secs(20);
/// Syncs of one group run in parallel: another may begin as long as this after one has failed.
const SAME_GROUP_SECONDS: f64 = 0.05;

const TOPIC: Topic = Topic {
    name: "written",
    partitions: 4,
    configs: &[("segment.bytes", "1048576")],
    keeps: Keeps::Everything,
    is_shortened: false,
};

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let failures = run.repeats(20, 100);
    let disk = LoopDisk::create(&run.directory, DISK_MIB, "data=ordered")?;
    let mut setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    setup.data_dir = disk.path().join("data");
    let ledger = Arc::new(Ledger::new(&[TOPIC]));
    let (broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    broker.kill();

    let mut report = Report::default();
    let mut exits = Vec::new();
    for _ in 0..failures {
        let good = 1 + run.random.below(MAX_GOOD_SYNCS);
        exits.extend(fail(run, &setup, &ledger, good, &mut report)?);
        disk.cut_power()?;
        disk.mount_again()?;
    }
    let (_broker, _) = setup.start()?;
    let complaints = report.complaints.join("\n   ");
    let readings = read_all(setup.address, &ledger).map_err(|stop| stop.with(&complaints))?;
    report.complaints.extend(judge(&ledger, &readings));
    report.complaints.extend(ledger.complaints());
    report.complaints.extend(setup.panics());
    let (acked, in_service) = (ledger.acked(), exits.len());
    report.did(format!(
        "{failures} failed syncs, {in_service} of them after the start; {acked} records acked"
    ));
    let slowest = exits.into_iter().max().unwrap_or_default();
    let goal = format!("{EXIT_GOAL:.0?}");
    report.measured(
        "exit after a failed sync",
        format!("{slowest:.0?}"),
        goal,
        slowest <= EXIT_GOAL,
    );
    Ok(report)
}

/// Lets a sync fail once, in each thread that gets so far. Says how long the broker went on after
/// the first, if it failed after the start.
fn fail(
    run: &mut Run,
    setup: &BrokerSetup,
    ledger: &Arc<Ledger>,
    good: usize,
    report: &mut Report,
) -> Result<Option<Duration>, Stop> {
    let inject = format!("inject={SYNCS}:error=EIO:when={good}");
    let (wrapped, trace) = Trace::wrap(setup, &run.directory, SYNCS, &["-e", &inject])?;
    let mut broker = wrapped.spawn()?;
    let ready_at = broker.wait_until_ready().map(|_| now());
    let writers = Writers::start(setup, ledger, &mut run.random);
    let has_failed = wait_for_failure(&trace);
    let exit = broker.wait(EXIT_LIMIT);
    let ended_at = now();
    let last_sent = writers.stop();
    let process = broker.id();
    broker.kill();
    if !has_failed {
        return Err(format!("no sync failed with when={good}").into());
    }
    let calls = trace.calls_to_the_end(process);
    let first = calls.iter().find(|call| call.is_injected).expect("a call that was found before");
    let is_in_service = ready_at.is_some_and(|ready_at| first.at > ready_at);
    let mut complaints = acks_in_doubt(first, &last_sent, is_in_service);
    if is_in_service {
        complaints.extend(exit_complaint(exit));
        complaints.extend(repeated_syncs(&calls, first));
    }
    let context = |complaint| format!("{complaint} (when={good}, {})", first.text);
    report.complaints.extend(complaints.into_iter().map(context));
    let exit = Duration::try_from_secs_f64(ended_at - first.at).unwrap_or_default();
    Ok(is_in_service.then_some(exit))
}

/// Seconds since the Unix epoch, as strace has them.
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn wait_for_failure(trace: &Trace) -> bool {
    let deadline = Instant::now() + FAILURE_LIMIT;
    while Instant::now() < deadline {
        if trace.calls().iter().any(|call| call.is_injected) {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}

/// Records that were acknowledged although they were sent after the failure: of all partitions, or
/// of the one whose recovery has failed.
fn acks_in_doubt(first: &Call, last_sent: &[Option<f64>], is_in_service: bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for (partition, sent_at) in last_sent.iter().enumerate() {
        let is_meant =
            is_in_service || first.text.contains(&format!("/{}-{partition}/", TOPIC.name));
        let Some(late) = sent_at.map(|sent_at| (sent_at - first.at) * 1e3) else { continue };
        if is_meant && late > 0.0 {
            complaints.push(format!(
                "a record of {}-{partition} was acked that was sent {late:.1} ms after a sync failed",
                TOPIC.name
            ));
        }
    }
    complaints
}

fn exit_complaint(exit: Option<ExitStatus>) -> Option<String> {
    match exit {
        None => Some(format!("runs on {EXIT_LIMIT:?} after a sync failed")),
        Some(status) if status.success() => Some("exit code 0 after a sync failed".to_owned()),
        Some(_) => None,
    }
}

fn repeated_syncs(calls: &[Call], first: &Call) -> Vec<String> {
    let is_again =
        |call: &&Call| call.at > first.at + SAME_GROUP_SECONDS && !call.text.starts_with("<...");
    let again = calls.iter().filter(is_again).take(3);
    let late = |call: &Call| (call.at - first.at) * 1e3;
    again
        .map(|call| format!("synced {:.0} ms after a sync failed: {}", late(call), call.text))
        .collect()
}

/// One writer for each partition.
struct Writers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Option<f64>>>,
}

impl Writers {
    fn start(setup: &BrokerSetup, ledger: &Arc<Ledger>, random: &mut Random) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let writer = |partition| {
            let random = Random::new(random.number());
            let writer = OneByOne::new(setup.address, ledger, EXIT_LIMIT, random);
            let stop = stop.clone();
            thread::spawn(move || write(writer, partition, &stop))
        };
        let threads = (0..TOPIC.partitions).map(writer).collect();
        Self { stop, threads }
    }

    /// When the last record of each partition was sent that was acknowledged.
    fn stop(self) -> Vec<Option<f64>> {
        self.stop.store(true, Ordering::Relaxed);
        let join = |thread: JoinHandle<_>| thread.join().expect("no panic in a writer");
        self.threads.into_iter().map(join).collect()
    }
}

/// Writes to one partition. Gives when the last record was sent that was acknowledged.
fn write(mut writer: OneByOne, partition: i32, stop: &AtomicBool) -> Option<f64> {
    let mut last_sent = None;
    while !stop.load(Ordering::Relaxed) {
        let sent_at = now();
        match writer.send(TOPIC.name, partition) {
            Ok(ErrorCode::NONE) => last_sent = Some(sent_at),
            _ => thread::sleep(NO_BROKER_PAUSE),
        }
    }
    last_sent
}
