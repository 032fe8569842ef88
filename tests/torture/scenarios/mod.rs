//! The scenarios, one in each file, in the order in which they run.

mod crashes;
mod kill;
mod power;
mod sync_errors;

use crate::scenario::{Scenario, Tier};

/// All scenarios.
pub(crate) const SCENARIOS: [Scenario; 3] = [
    Scenario { name: "kill", tier: Tier::One, run: kill::run },
    Scenario { name: "power", tier: Tier::One, run: power::run },
    Scenario { name: "sync-errors", tier: Tier::One, run: sync_errors::run },
];
