//! Numbers made of many measurements.

use std::time::Duration;

/// The time that `percent` of 100 measurements do not exceed; zero without any.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}
