//! SIGKILL at random moments under load: what was acknowledged is there afterwards, once and in
//! order; also when the broker is killed while it recovers.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::{Broker, BrokerSetup};
use crate::ledger::Ledger;
use crate::load::{BUSY_CLEANERS, Load, Plan, TOPICS, create_topics};
use crate::random::Random;
use crate::reader::{differences, judge, read_all};
use crate::scenario::{Report, Run, Stop};
use crate::statistics::percentile;

/// The longest time between two kills.
const MAX_LOAD: Duration = Duration::from_millis(600);
/// One in this many starts is killed before it is ready.
const ONE_EARLY_KILL_IN: usize = 6;
/// The longest time after which such a start is killed.
const MAX_EARLY: Duration = Duration::from_millis(40);
/// 99 of 100 restarts are ready within this time.
const READY_GOAL: Duration = Duration::from_millis(300);
/// How long a stop may take.
const STOP_LIMIT: Duration = Duration::from_secs(5);

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let kills = run.repeats(100, 2_000);
    let plan = Plan { records_per_second: run.by_tier(1_500, 600), page_cache_survives: true };
    let mut setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    for (name, value) in BUSY_CLEANERS {
        setup = setup.with(name, value);
    }
    let ledger = Arc::new(Ledger::new(&TOPICS));
    let (mut broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    let load = Load::start(setup.address, &ledger, plan, &mut run.random)?;

    let started = Instant::now();
    let mut restarts = Vec::new();
    for _ in 0..kills {
        thread::sleep(random_time(&mut run.random, MAX_LOAD));
        broker.kill();
        let took;
        (broker, took) = restart(&setup, &mut run.random)?;
        restarts.push(took);
    }
    let elapsed = started.elapsed();
    let mut facts = load.stop();
    facts.look_anew()?;
    let looks = facts.looks;

    let mut report = Report::default();
    let warm = read_all(setup.address, &ledger)?;
    let (status, stop_took) = broker.terminate(STOP_LIMIT)?;
    if !status.success() {
        report.complaints.push(format!("SIGTERM: {status}: {}", setup.last_words()));
    }
    let (_broker, _) = setup.start()?;
    let cold = read_all(setup.address, &ledger)?;
    facts.look_anew()?;
    report.complaints.extend(judge(&ledger, &warm));
    report.complaints.extend(differences(&warm, &cold));
    report.complaints.extend(ledger.complaints());
    report.complaints.extend(setup.panics());

    report.did(format!(
        "{kills} kills in {:.0} s, {} records acked, {} found, facts looked at {looks} times",
        elapsed.as_secs_f64(),
        ledger.acked(),
        warm.values().map(|reading| reading.records.len()).sum::<usize>(),
    ));
    report.did(format!("stop on SIGTERM took {stop_took:.0?}"));
    let ready = percentile(&mut restarts, 99);
    report.measured(
        "ready after kill -9, p99",
        format!("{ready:.0?}"),
        format!("{READY_GOAL:.0?}"),
        ready <= READY_GOAL,
    );
    Ok(report)
}

/// Starts the broker, sometimes only after it was killed on its way.
fn restart(setup: &BrokerSetup, random: &mut Random) -> Result<(Broker, Duration), Stop> {
    while random.one_in(ONE_EARLY_KILL_IN) {
        let broker = setup.spawn()?;
        thread::sleep(random_time(random, MAX_EARLY));
        broker.kill();
    }
    setup.start()
}

fn random_time(random: &mut Random, limit: Duration) -> Duration {
    Duration::from_micros(random.below(limit.as_micros() as usize) as u64)
}
