//! The newest offset of each key in a part of a log, in bounded memory.
//!
//! Kafka keeps a hash of each key, and of two keys with the same hash loses one. This map keeps
//! the keys themselves, so that none is ever taken for another; what it costs is that fewer fit,
//! and then less of the log is compacted at a time.

use std::collections::HashMap;

/// What an entry is reckoned to take beyond the bytes of its key: the entry itself, the slots that
/// a map leaves free, and what an allocation takes.
const ENTRY_BYTES: usize = 80;

/// Keys and their newest offsets.
#[derive(Debug)]
pub(super) struct KeyOffsets {
    offsets: HashMap<Box<[u8]>, i64>,
    bytes: usize,
    bytes_max: usize,
    /// All before this offset has been taken in.
    end_offset: i64,
}

impl KeyOffsets {
    /// An empty map that will take about `bytes_max` of memory, for the log from `start_offset` on.
    pub(super) fn new(bytes_max: usize, start_offset: i64) -> Self {
        Self { offsets: HashMap::new(), bytes: 0, bytes_max, end_offset: start_offset }
    }

    /// Notes that `key` stands at `offset`, which is larger than all before it. False if there is
    /// no room for another key; there is always room for one.
    pub(super) fn put(&mut self, key: &[u8], offset: i64) -> bool {
        if let Some(newest) = self.offsets.get_mut(key) {
            *newest = offset;
            return true;
        }
        let bytes = self.bytes + key.len() + ENTRY_BYTES;
        if bytes > self.bytes_max && !self.offsets.is_empty() {
            return false;
        }
        self.bytes = bytes;
        self.offsets.insert(key.into(), offset);
        true
    }

    /// Notes that all before `end_offset` has been taken in.
    pub(super) fn reach(&mut self, end_offset: i64) {
        self.end_offset = self.end_offset.max(end_offset);
    }

    /// The first offset that has not been taken in.
    pub(super) fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// Whether a record is the newest of its key, as far as the map knows.
    pub(super) fn is_newest(&self, key: &[u8], offset: i64) -> bool {
        self.offsets.get(key).is_none_or(|newest| offset >= *newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_record_of_a_key_is_the_newest() {
        let mut keys = KeyOffsets::new(10_000, 5);
        for (offset, key) in [(5, "a"), (6, "b"), (7, "a")] {
            assert!(keys.put(key.as_bytes(), offset));
        }
        assert!(!keys.is_newest(b"a", 3) && !keys.is_newest(b"a", 5) && keys.is_newest(b"a", 7));
        assert!(!keys.is_newest(b"b", 1) && keys.is_newest(b"b", 6));
        assert!(keys.is_newest(b"c", 1), "nothing newer of it was seen");
    }

    #[test]
    fn memory_is_bounded_and_known_keys_always_fit() {
        let mut keys = KeyOffsets::new(1000, 0);
        let fitting = (0..).take_while(|n: &i64| keys.put(&n.to_be_bytes(), *n)).count();
        assert_eq!(fitting, 1000 / (8 + ENTRY_BYTES));
        assert!(keys.put(&0i64.to_be_bytes(), 1000));
        assert!(!keys.is_newest(&0i64.to_be_bytes(), 999));
    }

    #[test]
    fn a_key_that_is_too_large_for_the_memory_still_makes_progress() {
        let mut keys = KeyOffsets::new(10, 0);
        assert!(keys.put(&[7; 100], 0));
        assert!(!keys.put(b"b", 1));
    }
}
