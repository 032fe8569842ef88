//! What a scenario is, and what comes of it.

use std::path::PathBuf;

use rdkafka::error::KafkaError;

use crate::random::Random;

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// What fits into every run.
    One,
    /// What is asked for, and takes its time.
    Two,
}

/// A scenario of the table.
pub(crate) struct Scenario {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    pub(crate) run: fn(&mut Run) -> Result<Report, Stop>,
}

/// What a scenario may use.
pub(crate) struct Run {
    pub(crate) tier: Tier,
    /// How often harm is done, if the command line says so.
    pub(crate) count: Option<usize>,
    pub(crate) random: Random,
    /// The `kf` under test.
    pub(crate) binary: PathBuf,
    /// An empty directory of its own.
    pub(crate) directory: PathBuf,
}

impl Run {
    /// One of two, by tier.
    pub(crate) fn by_tier<T>(&self, tier_one: T, tier_two: T) -> T {
        match self.tier {
            Tier::One => tier_one,
            Tier::Two => tier_two,
        }
    }

    /// How often harm is done: what the command line says, or one of two by tier.
    pub(crate) fn repeats(&self, tier_one: usize, tier_two: usize) -> usize {
        self.count.unwrap_or_else(|| self.by_tier(tier_one, tier_two))
    }
}

/// A number next to its goal.
pub(crate) struct Measurement {
    pub(crate) what: String,
    pub(crate) measured: String,
    pub(crate) goal: String,
    pub(crate) is_met: bool,
}

/// What a scenario has found.
#[derive(Default)]
pub(crate) struct Report {
    /// What was done, in numbers.
    pub(crate) done: Vec<String>,
    /// Broken promises; without any, the scenario has passed.
    pub(crate) complaints: Vec<String>,
    pub(crate) measurements: Vec<Measurement>,
}

impl Report {
    /// Says what was done.
    pub(crate) fn did(&mut self, what: impl Into<String>) {
        self.done.push(what.into());
    }

    /// Says what was measured. A goal that is missed is shown, and is no failure: how fast a
    /// machine is, is no promise.
    pub(crate) fn measured(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        goal: impl Into<String>,
        is_met: bool,
    ) {
        let (what, measured, goal) = (what.into(), measured.into(), goal.into());
        self.measurements.push(Measurement { what, measured, goal, is_met });
    }
}

/// Why a scenario has not come to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// This machine does not have what it takes.
    Skipped(String),
    /// Something did not work that has to.
    Failed(String),
}

impl Stop {
    /// The same failure, with what else is known.
    pub(crate) fn with(self, words: &str) -> Self {
        match self {
            Self::Skipped(reason) => Self::Skipped(reason),
            Self::Failed(reason) => Self::Failed(format!("{reason}: {words}")),
        }
    }
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

impl From<&str> for Stop {
    fn from(reason: &str) -> Self {
        Self::Failed(reason.to_owned())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<KafkaError> for Stop {
    fn from(error: KafkaError) -> Self {
        Self::Failed(format!("librdkafka: {error}"))
    }
}
