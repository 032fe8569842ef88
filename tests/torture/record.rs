//! Records that name themselves, so that each can be told from all others wherever it turns up.

use std::hash::{DefaultHasher, Hash, Hasher};

use kf::base::clock::{Clock, SystemClock};

use crate::checker::history::{Content, RecordId};
use crate::random::Random;

/// The header that holds the record's id.
pub(crate) const ID_HEADER: &str = "id";

/// Keys are few, so that compaction has something to do.
const KEYS: usize = 100;
/// One in this many values is null.
const ONE_TOMBSTONE_IN: usize = 50;

/// A record to be sent.
pub(crate) struct Record {
    pub(crate) id: RecordId,
    pub(crate) key: Vec<u8>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) timestamp_ms: i64,
}

impl Record {
    /// Most values have 100 to 500 bytes, some have 4 KiB, a few have up to 100 KiB.
    pub(crate) fn random(id: RecordId, random: &mut Random) -> Self {
        let length = match random.below(100) {
            0 => random.below(100 << 10),
            1..=15 => random.below(4 << 10),
            _ => 100 + random.below(400),
        };
        Self::of_length(id, random, length)
    }

    /// A value of `length` bytes, or null.
    pub(crate) fn of_length(id: RecordId, random: &mut Random, length: usize) -> Self {
        // Codecs find something to save, but not everything.
        let pattern = random.bytes(512);
        let value = pattern.iter().copied().cycle().take(length).collect();
        Self {
            id,
            key: format!("key {}", random.below(KEYS)).into_bytes(),
            value: (!random.one_in(ONE_TOMBSTONE_IN)).then_some(value),
            timestamp_ms: SystemClock::new().wall_ms(),
        }
    }

    /// What its [`ID_HEADER`] holds.
    pub(crate) fn id_bytes(&self) -> [u8; 8] {
        (u64::from(self.id.producer) << 32 | u64::from(self.id.sequence)).to_be_bytes()
    }

    /// What the checker compares.
    pub(crate) fn content(&self) -> Content {
        let headers = [(ID_HEADER, Some(&self.id_bytes()[..]))];
        content(Some(&self.key), self.value.as_deref(), &headers, self.timestamp_ms)
    }
}

/// What the checker compares of a record with these parts.
pub(crate) fn content(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[(&str, Option<&[u8]>)],
    timestamp_ms: i64,
) -> Content {
    let hash = |part: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        part(&mut hasher);
        hasher.finish()
    };
    Content {
        key: hash(&|hasher| key.hash(hasher)),
        all: hash(&|hasher| (key, value, headers, timestamp_ms).hash(hasher)),
    }
}

/// The id in an [`ID_HEADER`].
pub(crate) fn parse_id(bytes: &[u8]) -> Option<RecordId> {
    let number = u64::from_be_bytes(bytes.try_into().ok()?);
    Some(RecordId { producer: (number >> 32) as u32, sequence: number as u32 })
}
