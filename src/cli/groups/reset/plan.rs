//! Where a group's positions go: a plain function from what was asked and what is known of the
//! partitions to new offsets and warnings.

use std::collections::BTreeMap;
use std::fmt;

use crate::client::partition::TopicPartition;

/// What `--reset-offsets` was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One offset for all partitions.
    Offset(i64),
    /// The first offset that the log still has.
    Earliest,
    /// The end of the log.
    Latest,
    /// Where the group stands; the end of the log where it has no position.
    Current,
    /// So many records forward, or backward if negative.
    ShiftBy(i64),
    /// The first record at or after this time, in milliseconds since the Unix epoch.
    Timestamp(i64),
    /// An offset for each partition, from a file.
    PerPartition(BTreeMap<TopicPartition, i64>),
}

/// What is known of a partition before it is planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartitionFacts {
    /// First offset in the log.
    pub(crate) log_start: i64,
    /// Offset after the last record.
    pub(crate) log_end: i64,
    /// The group's position, if it has one.
    pub(crate) committed: Option<i64>,
    /// Offset of the first record at or after the time of [`Target::Timestamp`], if there is one.
    pub(crate) at_timestamp: Option<i64>,
}

/// A partition and where the group will stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) partition: TopicPartition,
    pub(crate) from: Option<i64>,
    pub(crate) to: i64,
    pub(crate) log_end: i64,
}

/// What will be done, and what the user should know about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// In the order of topic and partition.
    pub(crate) moves: Vec<Move>,
    pub(crate) warnings: Vec<Warning>,
}

/// An offset is not the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Warning {
    AboveLatest { partition: TopicPartition, asked: i64, latest: i64 },
    BelowEarliest { partition: TopicPartition, asked: i64, earliest: i64 },
    NothingAtTimestamp { partition: TopicPartition },
}

/// The sentences are the script's.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AboveLatest { partition, asked, latest } => write!(
                f,
                "New offset ({asked}) is higher than latest offset for topic partition \
                 {partition}. Value will be set to {latest}"
            ),
            Self::BelowEarliest { partition, asked, earliest } => write!(
                f,
                "New offset ({asked}) is lower than earliest offset for topic partition \
                 {partition}. Value will be set to {earliest}"
            ),
            Self::NothingAtTimestamp { partition: TopicPartition { topic, partition } } => write!(
                f,
                "Partition {partition} from topic {topic} is empty. Falling back to latest known \
                 offset."
            ),
        }
    }
}

/// A group cannot be moved relative to a position that it does not have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Cannot shift offset for partition {0} since there is no current committed offset")]
pub(crate) struct NothingToShift(pub(crate) TopicPartition);

/// Plans the new position in each partition of `facts`. Offsets that the log does not have are
/// moved to its nearer end, with a warning.
pub(crate) fn plan(
    target: &Target,
    facts: &BTreeMap<TopicPartition, PartitionFacts>,
) -> Result<Plan, NothingToShift> {
    let mut plan = Plan::default();
    for (partition, known) in facts {
        let to = match target {
            Target::Earliest => known.log_start,
            Target::Latest => known.log_end,
            Target::Current => known.committed.unwrap_or(known.log_end),
            Target::Timestamp(_) => known.at_timestamp.unwrap_or_else(|| {
                let partition = partition.clone();
                plan.warnings.push(Warning::NothingAtTimestamp { partition });
                known.log_end
            }),
            Target::Offset(offset) => within_log(partition, *offset, known, &mut plan.warnings),
            Target::ShiftBy(count) => {
                let from = known.committed.ok_or_else(|| NothingToShift(partition.clone()))?;
                within_log(partition, from.saturating_add(*count), known, &mut plan.warnings)
            }
            Target::PerPartition(offsets) => match offsets.get(partition) {
                Some(offset) => within_log(partition, *offset, known, &mut plan.warnings),
                None => continue,
            },
        };
        let partition = partition.clone();
        plan.moves.push(Move { partition, from: known.committed, to, log_end: known.log_end });
    }
    Ok(plan)
}

/// `asked` if the log has it, else the nearer end of the log and a warning.
fn within_log(
    partition: &TopicPartition,
    asked: i64,
    known: &PartitionFacts,
    warnings: &mut Vec<Warning>,
) -> i64 {
    let partition = partition.clone();
    if asked > known.log_end {
        warnings.push(Warning::AboveLatest { partition, asked, latest: known.log_end });
        known.log_end
    } else if asked < known.log_start {
        warnings.push(Warning::BelowEarliest { partition, asked, earliest: known.log_start });
        known.log_start
    } else {
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(partition: i32) -> TopicPartition {
        TopicPartition::new("orders", partition)
    }

    /// Partition 0 holds offsets 10 to 29 and the group stands at 15; partition 1 is empty and
    /// the group was never there.
    fn facts() -> BTreeMap<TopicPartition, PartitionFacts> {
        let full = PartitionFacts {
            log_start: 10,
            log_end: 30,
            committed: Some(15),
            at_timestamp: Some(20),
        };
        BTreeMap::from([(orders(0), full), (orders(1), PartitionFacts::default())])
    }

    fn offsets(target: &Target) -> Vec<i64> {
        plan(target, &facts()).unwrap().moves.iter().map(|planned| planned.to).collect()
    }

    fn warnings(target: &Target) -> Vec<String> {
        plan(target, &facts()).unwrap().warnings.iter().map(Warning::to_string).collect()
    }

    #[test]
    fn earliest_and_latest_are_the_ends_of_the_log() {
        assert_eq!(offsets(&Target::Earliest), [10, 0]);
        assert_eq!(offsets(&Target::Latest), [30, 0]);
        assert!(warnings(&Target::Latest).is_empty());
    }

    #[test]
    fn current_is_the_committed_offset_or_the_end_of_the_log() {
        let mut facts = facts();
        facts.get_mut(&orders(1)).unwrap().log_end = 7;
        let moves = plan(&Target::Current, &facts).unwrap().moves;
        assert_eq!(
            moves,
            [
                Move { partition: orders(0), from: Some(15), to: 15, log_end: 30 },
                Move { partition: orders(1), from: None, to: 7, log_end: 7 },
            ]
        );
    }

    #[test]
    fn an_offset_outside_the_log_moves_to_its_nearer_end_with_a_warning() {
        assert_eq!(offsets(&Target::Offset(12)), [12, 0]);
        assert_eq!(
            warnings(&Target::Offset(12)),
            ["New offset (12) is higher than latest offset for topic partition orders-1. \
              Value will be set to 0"]
        );
        assert_eq!(offsets(&Target::Offset(-1)), [10, 0]);
        assert_eq!(
            warnings(&Target::Offset(3))[0],
            "New offset (3) is lower than earliest offset for topic partition orders-0. \
             Value will be set to 10"
        );
    }

    #[test]
    fn both_ends_of_the_log_are_inside() {
        let only_full = BTreeMap::from([(orders(0), facts()[&orders(0)])]);
        for offset in [10, 30] {
            let planned = plan(&Target::Offset(offset), &only_full).unwrap();
            assert_eq!((planned.moves[0].to, planned.warnings.len()), (offset, 0));
        }
    }

    #[test]
    fn a_shift_starts_where_the_group_stands_and_stays_in_the_log() {
        let only_full = BTreeMap::from([(orders(0), facts()[&orders(0)])]);
        let shifted = |by| plan(&Target::ShiftBy(by), &only_full).unwrap().moves[0].to;
        assert_eq!(shifted(5), 20);
        assert_eq!(shifted(-5), 10);
        assert_eq!(shifted(-6), 10);
        assert_eq!(shifted(i64::MAX), 30);
        assert_eq!(shifted(i64::MIN), 10);
    }

    #[test]
    fn a_shift_without_a_position_is_refused() {
        let refused = plan(&Target::ShiftBy(1), &facts()).unwrap_err();
        assert_eq!(refused, NothingToShift(orders(1)));
    }

    #[test]
    fn a_time_after_the_last_record_falls_back_to_the_end_of_the_log() {
        assert_eq!(offsets(&Target::Timestamp(1)), [20, 0]);
        assert_eq!(
            warnings(&Target::Timestamp(1)),
            ["Partition 1 from topic orders is empty. Falling back to latest known offset."]
        );
    }

    #[test]
    fn a_file_moves_the_partitions_that_it_names() {
        let file = BTreeMap::from([(orders(0), 99)]);
        let planned = plan(&Target::PerPartition(file), &facts()).unwrap();
        assert_eq!(planned.moves.len(), 1);
        assert_eq!(planned.moves[0].to, 30);
        assert_eq!(planned.warnings.len(), 1);
    }
}
