//! Where a partition starts and ends, which only ever moves forward.

use super::anomaly::Anomaly;

/// Log start and high watermark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) log_start: i64,
    pub(crate) high_watermark: i64,
}

impl Bounds {
    /// The larger of both in each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            log_start: self.log_start.max(other.log_start),
            high_watermark: self.high_watermark.max(other.high_watermark),
        }
    }

    /// What is wrong with `found`, if these were seen or promised before.
    pub(crate) fn check(self, found: Self) -> Vec<Anomaly> {
        let mut anomalies = Vec::new();
        for (what, now, seen) in [
            ("log start", found.log_start, self.log_start),
            ("high watermark", found.high_watermark, self.high_watermark),
        ] {
            if now < seen {
                anomalies.push(Anomaly::Regressed { what, now, seen });
            }
        }
        anomalies
    }
}
