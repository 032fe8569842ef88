//! Which segments of a log have outlived what its topic promises to keep, by Kafka's rules.
//!
//! Segments go whole and from the front: three rules are applied one after the other, and each
//! stops at the first segment that it spares.
//!
//! 1. Below the log start offset there is nothing to keep; this goes for compacted topics as well.
//! 2. `retention.bytes`: a segment goes if the log without it is still as large as allowed.
//! 3. `retention.ms`: a segment goes if its youngest record is older than allowed. One that holds
//!    a timestamp of the future stays, and so does one whose records have no timestamps.

use crate::base::sabotage::{self, Bug};

/// How much of a log is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// `retention.bytes`: the log is cut back to this, but never below it. `None` is no limit.
    pub bytes: Option<u64>,
    /// `retention.ms`: records older than this go, once all of their segment are. `None` is no
    /// limit.
    pub age_ms: Option<i64>,
}

/// What counts about a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentFacts {
    /// Where it starts.
    pub(super) base_offset: i64,
    /// Bytes of its batches.
    pub(super) size: u64,
    /// Largest timestamp of its records, negative if they have none.
    pub(super) max_timestamp: i64,
    /// Where the next segment starts, or the log ends.
    pub(super) end_offset: i64,
}

/// What counts about a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogFacts<'a> {
    /// All segments, oldest first; the last one is the active one.
    pub(super) segments: &'a [SegmentFacts],
    /// The first offset that may be read.
    pub(super) log_start_offset: i64,
    /// Nothing goes that not all replicas have.
    pub(super) high_watermark: i64,
}

impl LogFacts<'_> {
    /// How many segments go: `gone` already, and those after them for which `goes` holds.
    fn more(&self, gone: usize, mut goes: impl FnMut(&SegmentFacts) -> bool) -> usize {
        let may_go = |index: usize, segment: &SegmentFacts| {
            let is_replicated = segment.end_offset <= self.high_watermark
                || sabotage::has(Bug::DeleteBeyondHighWatermark);
            is_replicated && (segment.size > 0 || !self.is_active(index))
        };
        let rest = self.segments.iter().enumerate().skip(gone);
        let one_more = usize::from(sabotage::has(Bug::DeleteOneMore));
        let more =
            rest.take_while(|(index, segment)| may_go(*index, segment) && goes(segment)).count();
        (gone + more + one_more).min(self.segments.len())
    }

    fn is_active(&self, index: usize) -> bool {
        index + 1 == self.segments.len()
    }
}

/// How many segments go.
///
/// `retention` is `None` if the topic deletes nothing but what is below the log start offset.
/// `now_ms` is `None` while the clock is not trusted; nothing is too old then. All segments may go,
/// the active one included, but an empty active one never does.
pub(super) fn expired(
    log: LogFacts<'_>,
    retention: Option<&Retention>,
    now_ms: Option<i64>,
) -> usize {
    let below_start = |segment: &SegmentFacts| segment.end_offset <= log.log_start_offset;
    // Where the log starts at its end, the active segment has just been rolled.
    let mut gone = log.more(0, below_start).min(log.segments.len().saturating_sub(1));
    let Some(retention) = retention else { return gone };
    let size: u64 = log.segments.iter().skip(gone).map(|segment| segment.size).sum();
    if let Some(mut excess) = retention.bytes.and_then(|bytes| size.checked_sub(bytes)) {
        gone = log.more(gone, |segment| match excess.checked_sub(segment.size) {
            Some(left) => {
                excess = left;
                true
            }
            None => false,
        });
    }
    if let (Some(age_ms), Some(now_ms)) = (retention.age_ms, now_ms) {
        gone = log.more(gone, |segment| {
            segment.max_timestamp >= 0 && now_ms.saturating_sub(segment.max_timestamp) > age_ms
        });
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    const NOW_MS: i64 = 1_000 * DAY_MS;

    /// Segments of ten records each, of these sizes and ages in days.
    fn segments(sizes_and_ages: &[(u64, i64)]) -> Vec<SegmentFacts> {
        let facts = |(index, (size, age)): (i64, &(u64, i64))| SegmentFacts {
            base_offset: index * 10,
            size: *size,
            max_timestamp: NOW_MS - age * DAY_MS,
            end_offset: index * 10 + 10,
        };
        (0..).zip(sizes_and_ages).map(facts).collect()
    }

    fn gone(segments: &[SegmentFacts], bytes: Option<u64>, days: Option<i64>) -> usize {
        let log = LogFacts { segments, log_start_offset: 0, high_watermark: i64::MAX };
        let retention = Retention { bytes, age_ms: days.map(|days| days * DAY_MS) };
        expired(log, Some(&retention), Some(NOW_MS))
    }

    #[test]
    fn segments_whose_youngest_record_is_too_old_go() {
        let log = segments(&[(1, 9), (1, 8), (1, 7), (1, 8), (1, 1)]);
        assert_eq!(gone(&log, None, Some(7)), 2, "older than, not as old as");
        assert_eq!(gone(&log, None, Some(0)), 5, "the active one goes as well");
        assert_eq!(gone(&log, None, None), 0);
    }

    #[test]
    fn the_log_is_cut_back_to_its_size_and_not_below() {
        let log = segments(&[(50, 0), (30, 0), (20, 0)]);
        for (bytes, expected) in [(101, 0), (100, 0), (51, 0), (50, 1), (20, 2), (19, 2), (0, 3)] {
            assert_eq!(gone(&log, Some(bytes), None), expected, "{bytes}");
        }
    }

    #[test]
    fn size_is_looked_at_first_and_age_then() {
        let log = segments(&[(50, 1), (30, 9), (20, 1)]);
        assert_eq!(gone(&log, Some(50), Some(7)), 2);
        assert_eq!(gone(&log, Some(100), Some(7)), 0, "a younger segment keeps those behind it");
    }

    #[test]
    fn what_lies_in_the_future_or_has_no_time_stays() {
        let mut log = segments(&[(1, 9), (1, -1), (1, 9)]);
        assert_eq!(gone(&log, None, Some(7)), 1);
        log[0].max_timestamp = -1;
        assert_eq!(gone(&log, None, Some(7)), 0);
    }

    #[test]
    fn an_empty_active_segment_stays_and_an_empty_closed_one_goes() {
        let log = segments(&[(0, 9), (1, 9), (0, 9)]);
        assert_eq!(gone(&log, Some(0), Some(7)), 2);
        assert_eq!(gone(&log[..1], Some(0), Some(7)), 0);
        assert_eq!(gone(&[], Some(0), Some(7)), 0);
    }

    #[test]
    fn what_is_not_on_all_replicas_stays() {
        let segments = segments(&[(1, 9), (1, 9), (1, 9)]);
        let retention = Retention { bytes: Some(0), age_ms: Some(0) };
        for (high_watermark, expected) in [(9, 0), (10, 1), (29, 2), (30, 3)] {
            let log = LogFacts { segments: &segments, log_start_offset: 0, high_watermark };
            assert_eq!(expired(log, Some(&retention), Some(NOW_MS)), expected);
        }
    }

    #[test]
    fn below_the_start_offset_all_goes_whatever_the_policy() {
        let segments = segments(&[(1, 0), (1, 0), (1, 0)]);
        for (log_start_offset, expected) in [(9, 0), (10, 1), (29, 2), (30, 2)] {
            let log = LogFacts { segments: &segments, log_start_offset, high_watermark: 30 };
            assert_eq!(expired(log, None, Some(NOW_MS)), expected);
        }
    }

    #[test]
    fn a_clock_that_is_not_trusted_makes_nothing_old() {
        let segments = segments(&[(1, 9), (1, 9)]);
        let log = LogFacts { segments: &segments, log_start_offset: 0, high_watermark: 20 };
        let retention = Retention { bytes: Some(1), age_ms: Some(0) };
        assert_eq!(expired(log, Some(&retention), None), 1, "only for its size");
    }
}
