//! Crashes under load, again and again: what was acknowledged is there afterwards, once and in
//! order; also when the next crash comes while the broker recovers from the last.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::{Broker, BrokerSetup};
use crate::ledger::{Ledger, Topic};
use crate::load::{BUSY_CLEANERS, Load, Plan, TOPICS, Witnesses, create_topics};
use crate::random::Random;
use crate::reader::{Readings, differences, judge, read_all};
use crate::scenario::{Report, Run, Stop};
use crate::statistics::percentile;

/// One in this many starts ends in a crash before it is ready.
const ONE_EARLY_CRASH_IN: usize = 6;
/// The longest time after which such a start crashes.
const MAX_EARLY: Duration = Duration::from_millis(40);
/// 99 of 100 restarts are ready within this time.
const READY_GOAL: Duration = Duration::from_millis(300);
/// How long a stop may take.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// How and how often a broker crashes.
pub(super) struct Crashes<'a> {
    pub(super) count: usize,
    /// The longest time between two crashes.
    pub(super) max_load: Duration,
    pub(super) plan: Plan,
    /// Ends the broker, and leaves a machine on which it can be started again.
    pub(super) crash: &'a mut dyn FnMut(Broker) -> Result<(), Stop>,
}

/// Lets the broker crash, and judges what is left.
pub(super) fn crash(
    run: &mut Run,
    setup: BrokerSetup,
    crashes: &mut Crashes<'_>,
) -> Result<Report, Stop> {
    let setup = BUSY_CLEANERS.iter().fold(setup, |setup, (name, value)| setup.with(name, value));
    let ledger = Arc::new(Ledger::new(&TOPICS));
    let (broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    let load = Load::start(setup.address, &ledger, crashes.plan, &mut run.random)?;

    let started = Instant::now();
    let crashed = crash_often(&setup, broker, crashes, &mut run.random);
    let elapsed = started.elapsed();
    let judged = crashed.and_then(|(broker, restarts)| {
        let mut report = Report::default();
        report.did(format!("{} crashes in {:.0} s", crashes.count, elapsed.as_secs_f64()));
        judge_all(&setup, broker, &ledger, load.stop(), &mut report)?;
        Ok((report, restarts))
    });
    // What the writers have noticed may say why something does not work at all.
    let (mut report, mut restarts) =
        judged.map_err(|stop| stop.with(&ledger.complaints().join("\n   ")))?;
    let ready = percentile(&mut restarts, 99);
    let goal = format!("{READY_GOAL:.0?}");
    report.measured("ready after a crash, p99", format!("{ready:.0?}"), goal, ready <= READY_GOAL);
    Ok(report)
}

/// Gives the last broker, and how long each took to get ready.
fn crash_often(
    setup: &BrokerSetup,
    mut broker: Broker,
    crashes: &mut Crashes<'_>,
    random: &mut Random,
) -> Result<(Broker, Vec<Duration>), Stop> {
    let mut restarts = Vec::new();
    for _ in 0..crashes.count {
        thread::sleep(random_time(random, crashes.max_load));
        (crashes.crash)(broker)?;
        while random.one_in(ONE_EARLY_CRASH_IN) {
            let starting = setup.spawn()?;
            thread::sleep(random_time(random, MAX_EARLY));
            (crashes.crash)(starting)?;
        }
        let took;
        (broker, took) = setup.start()?;
        restarts.push(took);
    }
    Ok((broker, restarts))
}

/// Reads everything twice, with a clean stop and start between, and judges it.
fn judge_all(
    setup: &BrokerSetup,
    broker: Broker,
    ledger: &Ledger,
    mut witnesses: Witnesses,
    report: &mut Report,
) -> Result<(), Stop> {
    witnesses.look_anew()?;
    let warm = read_all(setup.address, ledger)?;
    let (status, stop_took) = broker.terminate(STOP_LIMIT)?;
    if !status.success() {
        report.complaints.push(format!("SIGTERM: {status}: {}", setup.last_words()));
    }
    let (_broker, _) = setup.start()?;
    let cold = read_all(setup.address, ledger)?;
    witnesses.look_anew()?;
    report.complaints.extend(judge(ledger, &warm));
    report.complaints.extend(judge(ledger, &cold));
    report.complaints.extend(differences(ledger, &warm, &cold));
    report.complaints.extend(ledger.complaints());
    report.complaints.extend(setup.panics());
    report.did(format!(
        "acked {} records, {}; looked at {} times; stopped in {stop_took:.0?}",
        ledger.acked(),
        witnesses.facts.acked(),
        witnesses.facts.looks,
    ));
    report.did(format!("found of all that was written: {}", shares(ledger, &cold)));
    Ok(())
}

/// How many records of each topic are left, so that it is seen whether cleaners were at work.
fn shares(ledger: &Ledger, readings: &Readings) -> String {
    let share = |topic: &Topic| {
        let of_topic = readings.iter().filter(|((name, _), _)| name == topic.name);
        let (found, written) = of_topic.fold((0, 0), |(found, written), (_, reading)| {
            (found + reading.records.len(), written + reading.high_watermark)
        });
        format!("{} {found} of {written}", topic.name)
    };
    ledger.topics().iter().map(share).collect::<Vec<_>>().join(", ")
}

fn random_time(random: &mut Random, limit: Duration) -> Duration {
    Duration::from_micros(random.below(limit.as_micros() as usize) as u64)
}
