//! Everything that can be wrong with what was found.

use std::fmt;

use super::history::RecordId;

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anomaly {
    /// A record was acknowledged and is not there.
    Lost { id: RecordId, offset: Option<i64> },
    /// A record was acknowledged at one offset and stands at another.
    Moved { id: RecordId, acked: i64, found: i64 },
    /// A record stands in the log twice.
    Duplicate { id: RecordId, first: i64, second: i64 },
    /// A record of a producer stands behind one that it sent later.
    Reordered { id: RecordId, after: RecordId, offset: i64 },
    /// Key, value, headers or timestamp of a record are not those that were sent.
    Altered { id: RecordId, offset: i64 },
    /// A record that nobody has sent, or whose sending was refused.
    Unsent { id: Option<RecordId>, offset: i64 },
    /// Offsets between two records, before the first or behind the last, that hold no record.
    Gap { from: i64, to: i64 },
    /// Offsets do not increase.
    Backwards { offset: i64, after: i64 },
    /// The log starts before records whose deletion was acknowledged.
    Undeleted { log_start: i64, deleted_before: i64 },
    /// The log starts behind records whose deletion nobody has asked for.
    Overdeleted { log_start: i64, asked: i64 },
    /// Retention has left fewer bytes than it must.
    Overretained { bytes: u64, at_least: u64 },
    /// Log start or high watermark are behind what a reader has seen of them.
    Regressed { what: &'static str, now: i64, seen: i64 },
    /// Two readings of the same records differ.
    Unstable { offset: i64 },
    /// A fact is older than what was acknowledged or seen.
    Forgotten { found: u64, promised: u64 },
    /// A fact is newer than anything that was asked for.
    Invented { found: u64, asked: u64 },
    /// Something is neither as it was left nor as it was asked to be.
    Neither { exists: bool, acked: u64, asked: u64 },
}

impl fmt::Display for Anomaly {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Lost { id, offset: Some(offset) } => {
                write!(formatter, "lost: {id}, acked at {offset}")
            }
            Self::Lost { id, offset: None } => write!(formatter, "lost: {id}, acked"),
            Self::Moved { id, acked, found } => {
                write!(formatter, "moved: {id}, acked at {acked}, found at {found}")
            }
            Self::Duplicate { id, first, second } => {
                write!(formatter, "duplicate: {id} at {first} and {second}")
            }
            Self::Reordered { id, after, offset } => {
                write!(formatter, "reordered: {id} at {offset}, behind {after}")
            }
            Self::Altered { id, offset } => write!(formatter, "altered: {id} at {offset}"),
            Self::Unsent { id: Some(id), offset } => {
                write!(formatter, "never sent, or refused: {id} at {offset}")
            }
            Self::Unsent { id: None, offset } => {
                write!(formatter, "never sent: a record without an id at {offset}")
            }
            Self::Gap { from, to } => write!(formatter, "no records from {from} up to {to}"),
            Self::Backwards { offset, after } => {
                write!(formatter, "offset {offset} follows {after}")
            }
            Self::Undeleted { log_start, deleted_before } => {
                write!(formatter, "starts at {log_start}, deleted before {deleted_before}")
            }
            Self::Overdeleted { log_start, asked } => {
                write!(formatter, "starts at {log_start}, asked to delete before {asked}")
            }
            Self::Overretained { bytes, at_least } => {
                write!(formatter, "retention left {bytes} bytes of at least {at_least}")
            }
            Self::Regressed { what, now, seen } => {
                write!(formatter, "{what} is {now}, was {seen}")
            }
            Self::Unstable { offset } => write!(formatter, "two readings differ at {offset}"),
            Self::Forgotten { found, promised } => {
                write!(formatter, "went back to {found}, {promised} was acked or seen")
            }
            Self::Invented { found, asked } => {
                write!(formatter, "is {found}, nothing beyond {asked} was asked for")
            }
            Self::Neither { exists, acked, asked } => write!(
                formatter,
                "{} after step {acked} was acked and step {asked} asked for; \
                 odd steps create, even ones delete",
                if exists { "exists" } else { "does not exist" }
            ),
        }
    }
}
