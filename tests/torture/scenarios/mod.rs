//! The scenarios, one in each file, in the order in which they run.

mod crashes;
mod descriptors;
mod disk_full;
mod idle;
mod kill;
mod killpoint;
mod partitions;
mod power;
mod recover;
mod sync_cost;
mod sync_errors;

use crate::scenario::{Scenario, Tier};

/// All scenarios.
pub(crate) const SCENARIOS: [Scenario; 10] = [
    Scenario { name: "kill", tier: Tier::One, run: kill::run },
    Scenario { name: "killpoint", tier: Tier::One, run: killpoint::run },
    Scenario { name: "power", tier: Tier::One, run: power::run },
    Scenario { name: "sync-errors", tier: Tier::One, run: sync_errors::run },
    Scenario { name: "disk-full", tier: Tier::One, run: disk_full::run },
    Scenario { name: "descriptors", tier: Tier::One, run: descriptors::run },
    Scenario { name: "recover", tier: Tier::One, run: recover::run },
    Scenario { name: "sync-cost", tier: Tier::One, run: sync_cost::run },
    Scenario { name: "partitions", tier: Tier::One, run: partitions::run },
    Scenario { name: "idle", tier: Tier::One, run: idle::run },
];
