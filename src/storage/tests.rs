//! All of storage on a disk whose power is cut after every operation, and which fails: whatever is
//! left of what was not synced, every promise is kept.
//!
//! A seed tells the whole run, but for topic ids. `KF_TORTURE_SECONDS` makes it longer,
//! `KF_SEED` repeats one.

mod compacted;
mod compaction;
mod expected;
mod faults;
mod process;
mod random;
mod rot;
mod workload;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::expected::{Broken, Expected};
use self::faults::Fault;
use self::process::Process;
use self::random::Random;
use self::workload::{Shared, Workload, lock};
use super::startup;
use crate::base::disk::Disk;
use crate::base::disk::crash::{CrashDisk, Observer};

/// Lives of the process on one disk.
const LIVES: i32 = 4;
/// Things that one life does.
const STEPS: usize = 40;
/// Crashes looked at after each operation.
const CRASHES: u64 = 2;
/// One in how many recoveries is cut short after each operation.
const RECOVERIES_CUT_SHORT: usize = 40;

/// How a life of the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Killed,
    PowerCut,
}

#[test]
fn after_a_power_cut_at_any_operation_every_promise_is_kept() {
    let seconds = std::env::var("KF_TORTURE_SECONDS").ok().map(|s| s.parse().expect("a number"));
    let seed = std::env::var("KF_SEED").ok().map(|seed| seed.parse().expect("a number"));
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(3));
    let states = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut runs = 0;
    for number in seed.unwrap_or(0).. {
        run(number, &states);
        runs += 1;
        if seed.is_some() || Instant::now() >= end {
            break;
        }
    }
    let states = states.load(Ordering::Relaxed);
    println!("{runs} seeds, {states} states in {:?}", started.elapsed());
}

/// Some lives of one disk.
fn run(seed: u64, states: &Arc<AtomicU64>) {
    let mut random = Random::new(seed);
    let mut disk = CrashDisk::default();
    let expected: Shared = Arc::default();
    for life in 0..LIVES {
        let context = format!("KF_SEED={seed} life {life}");
        let observer = crashing(seed, expected.clone(), states.clone());
        let lived = catch_unwind(AssertUnwindSafe(|| {
            disk.observe(Some(observer.clone()));
            if random.one_in(4) && start_on_a_failing_disk(&disk, &mut random) == End::PowerCut {
                disk = cut_power(&disk, &mut random, &expected);
                disk.observe(Some(observer));
            }
            live(&disk, &mut random, &expected, life)
        }));
        disk.observe(None);
        let end = match lived {
            Ok(Ok(end)) => end,
            Ok(Err(broken)) => panic!("{context}, operation {}: {broken}", disk.operations()),
            Err(panic) => {
                println!("{context}, operation {}", disk.operations());
                resume_unwind(panic)
            }
        };
        set_power(&expected, true);
        if end == End::PowerCut {
            disk = cut_power(&disk, &mut random, &expected);
        }
    }
}

fn set_power(expected: &Shared, has_power: bool) {
    let mut expected = lock(expected);
    expected.topics.values_mut().flatten().for_each(|topic| topic.has_power = has_power);
}

fn cut_power(disk: &CrashDisk, random: &mut Random, expected: &Shared) -> CrashDisk {
    set_power(expected, false);
    disk.crash(&mut |bound| random.below(bound))
}

/// A start during which something fails. Whether the process gives up or goes on without some
/// partitions, the next start must find everything.
fn start_on_a_failing_disk(disk: &CrashDisk, random: &mut Random) -> End {
    let fault = Fault::random(random);
    fault.inject(disk, random.below(30));
    drop(Process::start(disk));
    disk.heal();
    fault.end()
}

/// One life of the process.
fn live(
    disk: &CrashDisk,
    random: &mut Random,
    expected: &Shared,
    life: i32,
) -> Result<End, Broken> {
    let broken = |error: super::StorageError| error.to_string();
    let process = Process::start(disk).map_err(broken)?;
    {
        let mut expected = lock(expected);
        expected.check(&process.recovered)?;
        expected.settle(&process.recovered);
    }
    let mut work = Workload::new(process, random, expected.clone(), life * 100).map_err(broken)?;
    let fault = work.random.one_in(3).then(|| Fault::random(work.random));
    if let Some(fault) = &fault {
        fault.inject(disk, work.random.below(60));
    }
    let mut failed = false;
    for _ in 0..STEPS {
        if let Err(error) = work.step() {
            workload::refused(&error);
            failed = true;
            break;
        }
    }
    disk.heal();
    match work.random.below(4) {
        _ if failed => Ok(fault.map_or(End::Killed, |fault| fault.end())),
        // After a failed sync the page cache proves nothing.
        _ if work.process.is_poisoned() => Ok(End::PowerCut),
        0 => work.process.close().map(|()| End::Closed).map_err(broken),
        1 => Ok(End::Killed),
        _ => Ok(End::PowerCut),
    }
}

/// Cuts the power of a copy after each operation, and looks at what is left.
fn crashing(seed: u64, expected: Shared, states: Arc<AtomicU64>) -> Observer {
    Arc::new(move |disk| {
        for number in 0..CRASHES {
            let mut random = Random::new(seed ^ (disk.operations() * CRASHES + number) << 20);
            let promised = lock(&expected).clone();
            if let Err(broken) = crash(disk, promised, &mut random) {
                panic!("crash {number} after operation {}: {broken}", disk.operations());
            }
            states.fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// Recovers twice from crashes.
fn crash(disk: &CrashDisk, mut expected: Expected, random: &mut Random) -> Result<(), Broken> {
    expected.topics.values_mut().flatten().for_each(|topic| topic.has_power = false);
    let first = disk.crash(&mut |bound| random.below(bound));
    if random.one_in(RECOVERIES_CUT_SHORT) {
        first.observe(Some(cutting_recovery_short(random.number(), expected.clone())));
    }
    recover(&first, &mut expected)?;
    first.observe(None);
    let mut choose = |bound| random.below(bound);
    recover(&first.crash(&mut choose), &mut expected)
        .map_err(|broken| format!("after a second crash: {broken}"))
}

/// Cuts the power of a copy after each operation of a recovery, and recovers again.
fn cutting_recovery_short(seed: u64, expected: Expected) -> Observer {
    Arc::new(move |disk| {
        let mut random = Random::new(seed ^ disk.operations());
        let again = disk.crash(&mut |bound| random.below(bound));
        if let Err(broken) = recover(&again, &mut expected.clone()) {
            panic!("after operation {} of a recovery: {broken}", disk.operations());
        }
    })
}

/// Recovers, checks, and takes what is there for what must stay.
fn recover(disk: &CrashDisk, expected: &mut Expected) -> Result<(), Broken> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let startup = startup::load(&shared, &process::options()).map_err(|error| error.to_string())?;
    expected.check(&startup.logs)?;
    expected.settle(&startup.logs);
    Ok(())
}
