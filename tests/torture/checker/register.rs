//! A fact that has one writer, who changes it step by step.
//!
//! The steps are numbers that grow: a committed offset, a config's value, the offset before which
//! records were deleted. What is found must be at least the last step that was acknowledged, and
//! at most the last one that was asked for; and once found it must not go back.

use super::anomaly::Anomaly;

/// What the writer of a fact knows about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Register {
    acked: u64,
    asked: u64,
    seen: u64,
}

impl Register {
    /// The last step that was acknowledged.
    pub(crate) fn acked(&self) -> u64 {
        self.acked
    }

    /// The last step that was asked for.
    pub(crate) fn asked(&self) -> u64 {
        self.asked
    }

    /// A step is about to be asked for.
    pub(crate) fn ask(&mut self, step: u64) {
        assert!(step >= self.asked, "steps grow");
        self.asked = step;
    }

    /// The last step asked for was acknowledged.
    pub(crate) fn ack(&mut self) {
        self.acked = self.asked;
    }

    /// The fact was found like this, at a moment at which all that is visible is durable.
    pub(crate) fn check(&mut self, found: u64) -> Option<Anomaly> {
        let promised = self.acked.max(self.seen);
        self.seen = self.seen.max(found);
        if found < promised {
            return Some(Anomaly::Forgotten { found, promised });
        }
        (found > self.asked).then_some(Anomaly::Invented { found, asked: self.asked })
    }

    /// The same for something that odd steps create and even ones delete; step 0 is before all.
    pub(crate) fn check_existence(&self, exists: bool) -> Option<Anomaly> {
        let expected = |step: u64| step % 2 == 1;
        let is_explained = (self.acked..=self.asked).any(|step| expected(step) == exists);
        let (acked, asked) = (self.acked, self.asked);
        (!is_explained).then_some(Anomaly::Neither { exists, acked, asked })
    }
}
