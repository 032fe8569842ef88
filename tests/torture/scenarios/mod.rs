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

use crate::scenario::Scenario;

/// All scenarios.
pub(crate) const SCENARIOS: [Scenario; 10] = [
    Scenario { name: "kill", run: kill::run },
    Scenario { name: "killpoint", run: killpoint::run },
    Scenario { name: "power", run: power::run },
    Scenario { name: "sync-errors", run: sync_errors::run },
    Scenario { name: "disk-full", run: disk_full::run },
    Scenario { name: "descriptors", run: descriptors::run },
    Scenario { name: "recover", run: recover::run },
    Scenario { name: "sync-cost", run: sync_cost::run },
    Scenario { name: "partitions", run: partitions::run },
    Scenario { name: "idle", run: idle::run },
];
