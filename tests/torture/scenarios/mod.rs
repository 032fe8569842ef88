//! The scenarios, one in each file, in the order in which they run.

mod kill;

use crate::scenario::{Scenario, Tier};

/// All scenarios.
pub(crate) const SCENARIOS: [Scenario; 1] =
    [Scenario { name: "kill", tier: Tier::One, run: kill::run }];
