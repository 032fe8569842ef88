//! SIGKILL at random moments under load. The page cache survives, so acks=1 promises that records are
//! kept.

use std::time::Duration;

use super::crashes::{Crashes, crash};
use crate::broker::BrokerSetup;
use crate::load::Plan;
use crate::scenario::{Report, Run, Stop};

/// The longest time between two kills.
const MAX_LOAD: Duration = Duration::from_millis(600);

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    let mut crashes = Crashes {
        count: run.repeats(100, 2_000),
        max_load: MAX_LOAD,
        plan: Plan { records_per_second: run.by_tier(1_500, 600), page_cache_survives: true },
        crash: &mut |broker| {
            broker.kill();
            Ok(())
        },
    };
    crash(run, setup, &mut crashes)
}
