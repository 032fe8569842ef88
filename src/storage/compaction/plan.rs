//! Which part of a log is to be compacted, whether that is worth its while, and which segments
//! become one.

use std::ops::Range;

use super::Compaction;
use crate::storage::retention::SegmentFacts;

/// What counts about a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogFacts<'a> {
    /// All segments, oldest first; the last one is the active one, which is never compacted.
    pub(super) segments: &'a [SegmentFacts],
    /// The first offset that may be read.
    pub(super) log_start_offset: i64,
    /// All before this offset has been compacted, if it ever was.
    pub(super) cleaned_to: Option<i64>,
    /// Nothing from here on may be touched: it is not on all replicas, or of a transaction that
    /// is still open.
    pub(super) stable_end_offset: i64,
}

/// What is to be compacted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    /// All before this offset is compacted.
    pub(super) first_dirty_offset: i64,
    /// Where the dirty part ends that may be compacted: the start of a segment.
    pub(super) end_offset: i64,
    /// Share of the dirty part in what would be compacted, 0 to 1.
    pub(super) dirty_ratio: f64,
}

/// What is to be compacted of a log, by Kafka's rules; `None` if it is not worth its while.
/// `first_timestamp` gives the timestamp of the first batch of a segment, if it has one; it is
/// asked only if `max.compaction.lag.ms` sets a limit.
pub(super) fn plan(
    log: LogFacts<'_>,
    compaction: &Compaction,
    now_ms: i64,
    first_timestamp: impl FnMut(usize) -> Option<i64>,
) -> Option<Plan> {
    let (_, closed) = log.segments.split_last()?;
    let log_end_offset = log.segments.last().map_or(0, |active| active.end_offset);
    // A checkpoint that cannot be right, or that retention has overtaken, is of no use.
    let first_dirty_offset = log
        .cleaned_to
        .filter(|offset| (log.log_start_offset..=log_end_offset).contains(offset))
        .unwrap_or(log.log_start_offset);
    let dirty = closed.partition_point(|segment| segment.end_offset <= first_dirty_offset);
    let youngest_ms = now_ms.saturating_sub(compaction.min_lag_ms);
    let may_be_cleaned = |segment: &&SegmentFacts| {
        segment.end_offset <= log.stable_end_offset
            && (compaction.min_lag_ms <= 0 || segment.max_timestamp <= youngest_ms)
    };
    let count = closed.iter().skip(dirty).take_while(may_be_cleaned).count();
    let size = |range: Range<usize>| -> u64 {
        closed.get(range).unwrap_or_default().iter().map(|segment| segment.size).sum()
    };
    let (clean_bytes, dirty_bytes) = (size(0..dirty), size(dirty..dirty + count));
    if dirty_bytes == 0 {
        return None;
    }
    let dirty_ratio = dirty_bytes as f64 / (clean_bytes + dirty_bytes) as f64;
    let is_overdue = compaction.max_lag_ms != i64::MAX
        && (dirty..closed.len())
            .filter_map(first_timestamp)
            .any(|oldest_ms| oldest_ms < now_ms.saturating_sub(compaction.max_lag_ms));
    let end_offset = closed.get(..dirty + count)?.last()?.end_offset;
    (dirty_ratio > compaction.min_dirty_ratio || is_overdue).then_some(Plan {
        first_dirty_offset,
        end_offset,
        dirty_ratio,
    })
}

/// How large a segment may become.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupLimits {
    /// `segment.bytes`.
    pub(super) segment_bytes: u64,
    /// `segment.index.bytes`.
    pub(super) index_bytes: u64,
}

/// Bytes of a segment's larger index, and what else counts of it.
pub(super) type Candidate = (SegmentFacts, u64);

/// Neighbours that become one segment, so that compaction does not leave many tiny ones: as many as
/// fit before anything is removed.
pub(super) fn groups(segments: &[Candidate], limits: GroupLimits) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let (mut size, mut index_size) = (0, 0);
    for (number, (segment, index_bytes)) in segments.iter().enumerate() {
        let start = groups.last().and_then(|group| segments.get(group.start));
        let fits = start.is_some_and(|(first, _)| {
            size + segment.size <= limits.segment_bytes
                && index_size + index_bytes <= limits.index_bytes
                && segment.end_offset - first.base_offset <= i64::from(i32::MAX)
        });
        match groups.last_mut().filter(|_| fits) {
            Some(group) => {
                group.end = number + 1;
                (size, index_size) = (size + segment.size, index_size + index_bytes);
            }
            None => {
                groups.push(number..number + 1);
                (size, index_size) = (segment.size, *index_bytes);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_000_000;

    /// Segments of ten records each, of these sizes and ages in milliseconds.
    fn segments(sizes_and_ages: &[(u64, i64)]) -> Vec<SegmentFacts> {
        let facts = |(index, (size, age_ms)): (i64, &(u64, i64))| SegmentFacts {
            base_offset: index * 10,
            size: *size,
            max_timestamp: NOW_MS - age_ms,
            end_offset: index * 10 + 10,
        };
        (0..).zip(sizes_and_ages).map(facts).collect()
    }

    fn log(segments: &[SegmentFacts], cleaned_to: Option<i64>) -> LogFacts<'_> {
        LogFacts { segments, log_start_offset: 0, cleaned_to, stable_end_offset: i64::MAX }
    }

    fn compaction() -> Compaction {
        Compaction { min_dirty_ratio: 0.5, ..Compaction::default() }
    }

    /// The first dirty offset and the end.
    fn planned(log: LogFacts<'_>, compaction: &Compaction) -> Option<(i64, i64)> {
        let plan = plan(log, compaction, NOW_MS, |_| Some(NOW_MS - 100))?;
        Some((plan.first_dirty_offset, plan.end_offset))
    }

    #[test]
    fn all_closed_segments_of_a_new_log_are_dirty() {
        let facts = segments(&[(10, 0), (10, 0), (10, 0)]);
        assert_eq!(planned(log(&facts, None), &compaction()), Some((0, 20)));
        assert_eq!(planned(log(&facts[..1], None), &compaction()), None, "the active one is not");
        assert_eq!(planned(log(&[], None), &compaction()), None);
    }

    #[test]
    fn little_dirt_waits_for_more() {
        let facts = segments(&[(10, 0), (10, 0), (10, 0)]);
        assert_eq!(
            planned(log(&facts, Some(10)), &compaction()),
            None,
            "half is not more than half"
        );
        let facts = segments(&[(10, 0), (11, 0), (10, 0)]);
        assert_eq!(planned(log(&facts, Some(10)), &compaction()), Some((10, 20)));
        assert_eq!(planned(log(&facts, Some(20)), &compaction()), None);
    }

    #[test]
    fn dirt_that_has_waited_too_long_is_compacted_however_little_it_is() {
        let facts = segments(&[(1000, 0), (1, 0), (10, 0)]);
        let lag = |max_lag_ms| Compaction { max_lag_ms, ..compaction() };
        assert_eq!(planned(log(&facts, Some(10)), &lag(100)), None);
        assert_eq!(planned(log(&facts, Some(10)), &lag(99)), Some((10, 20)));
    }

    #[test]
    fn young_segments_and_those_behind_them_wait() {
        let facts = segments(&[(10, 500), (10, 400), (10, 500), (10, 0)]);
        let lag = |min_lag_ms| Compaction { min_lag_ms, ..compaction() };
        assert_eq!(planned(log(&facts, None), &lag(400)), Some((0, 30)));
        assert_eq!(planned(log(&facts, None), &lag(401)), Some((0, 10)));
        assert_eq!(planned(log(&facts, None), &lag(501)), None);
    }

    #[test]
    fn open_transactions_end_what_may_be_compacted() {
        let facts = segments(&[(10, 0), (10, 0), (10, 0)]);
        for (stable_end_offset, expected) in [(20, Some((0, 20))), (19, Some((0, 10))), (9, None)] {
            let log = LogFacts { stable_end_offset, ..log(&facts, None) };
            assert_eq!(planned(log, &compaction()), expected);
        }
    }

    #[test]
    fn a_checkpoint_outside_of_the_log_is_not_used() {
        let facts = segments(&[(10, 0), (10, 0), (10, 0)]);
        assert_eq!(planned(log(&facts, Some(31)), &compaction()), Some((0, 20)));
        let later = LogFacts { log_start_offset: 10, ..log(&facts[1..], Some(5)) };
        assert_eq!(planned(later, &compaction()), Some((10, 20)));
    }

    #[test]
    fn neighbours_become_one_segment_up_to_its_limits() {
        let limits = GroupLimits { segment_bytes: 30, index_bytes: 100 };
        let candidates = |sizes: &[(u64, i64)], index_bytes| -> Vec<Candidate> {
            segments(sizes).into_iter().map(|segment| (segment, index_bytes)).collect()
        };
        let small = candidates(&[(10, 0), (20, 0), (1, 0), (29, 0), (1, 0), (40, 0), (1, 0)], 1);
        assert_eq!(groups(&small, limits), [0..2, 2..4, 4..5, 5..6, 6..7]);
        assert_eq!(groups(&candidates(&[(1, 0); 3], 50), limits), [0..2, 2..3]);
        let mut far = candidates(&[(1, 0); 3], 1);
        far[2].0.end_offset = i64::from(i32::MAX) + 1;
        assert_eq!(groups(&far, limits), [0..2, 2..3]);
        assert!(groups(&[], limits).is_empty());
    }
}
