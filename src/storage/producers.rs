//! What a log knows of idempotent producers (KIP-98): the last batches of each, so that a batch
//! sent twice is appended once and a missing one is noticed.

use std::collections::{HashMap, VecDeque};

use super::error::StorageError;
use crate::wire::records::{BatchHeader, NO_PRODUCER_EPOCH, NO_SEQUENCE};

/// Batches that are remembered of a producer: as many as one may have in flight.
pub(super) const BATCHES_RETAINED: usize = 5;

/// A batch that was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AppendedBatch {
    pub(super) last_sequence: i32,
    pub(super) last_offset: i64,
    /// Last offset minus base offset.
    pub(super) offset_delta: i32,
    /// Largest timestamp of its records.
    pub(super) timestamp: i64,
}

impl AppendedBatch {
    pub(super) fn base_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }
}

/// One producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Producer {
    pub(super) epoch: i16,
    /// Newest last; all of the current epoch.
    pub(super) batches: VecDeque<AppendedBatch>,
    /// Timestamp of its newest batch or marker.
    pub(super) last_timestamp: i64,
    /// Epoch of the coordinator that wrote the last transaction marker, −1 if none did.
    pub(super) coordinator_epoch: i32,
    /// Where the open transaction starts.
    pub(super) transaction_start: Option<i64>,
}

impl Default for Producer {
    fn default() -> Self {
        Self {
            epoch: NO_PRODUCER_EPOCH,
            batches: VecDeque::new(),
            last_timestamp: -1,
            coordinator_epoch: -1,
            transaction_start: None,
        }
    }
}

/// All producers of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Producers {
    pub(super) by_id: HashMap<i64, Producer>,
}

impl Producers {
    /// Judges a producer's batch before it is appended: `Some` is the earlier append of the very
    /// same batch.
    ///
    /// # Errors
    /// A sequence that does not follow, or an epoch that is fenced.
    pub(super) fn check(
        &self,
        header: &BatchHeader,
    ) -> Result<Option<AppendedBatch>, StorageError> {
        let Some(producer) = self.by_id.get(&header.producer_id) else { return Ok(None) };
        if header.producer_epoch < producer.epoch {
            return Err(StorageError::InvalidProducerEpoch {
                producer_id: header.producer_id,
                epoch: header.producer_epoch,
                current_epoch: producer.epoch,
            });
        }
        let same_epoch = header.producer_epoch == producer.epoch;
        let is_the_same = |batch: &&AppendedBatch| {
            batch.last_sequence == header.last_sequence()
                && batch.offset_delta == header.last_offset_delta
        };
        if let Some(batch) = producer.batches.iter().filter(|_| same_epoch).find(is_the_same) {
            return Ok(Some(*batch));
        }
        let newest = producer.batches.back().filter(|_| same_epoch);
        let last_sequence = newest.map_or(NO_SEQUENCE, |batch| batch.last_sequence);
        let follows = header.base_sequence == last_sequence.wrapping_add(1)
            || (last_sequence == i32::MAX && header.base_sequence == 0);
        if !follows && producer.epoch != NO_PRODUCER_EPOCH {
            return Err(StorageError::OutOfOrderSequence {
                producer_id: header.producer_id,
                sequence: header.base_sequence,
                last_sequence,
            });
        }
        Ok(None)
    }

    /// Notes a batch that was appended; its header has its offsets. Batches without producer
    /// leave no trace.
    pub(super) fn update(&mut self, header: &BatchHeader) {
        if !header.has_producer_id() {
            return;
        }
        let producer = self.by_id.entry(header.producer_id).or_default();
        if producer.epoch != header.producer_epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        producer.last_timestamp = header.max_timestamp;
        if header.is_control() {
            producer.transaction_start = None;
            return;
        }
        if header.is_transactional() {
            producer.transaction_start.get_or_insert(header.base_offset);
        }
        if producer.batches.len() == BATCHES_RETAINED {
            producer.batches.pop_front();
        }
        producer.batches.push_back(AppendedBatch {
            last_sequence: header.last_sequence(),
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta,
            timestamp: header.max_timestamp,
        });
    }

    /// Forgets producers that were idle for `expiration_ms`, except in a transaction.
    pub(super) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.by_id.retain(|_, producer| {
            producer.transaction_start.is_some()
                || now_ms.saturating_sub(producer.last_timestamp) < expiration_ms
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::{BatchBuilder, Compression};

    fn header(epoch: i16, sequence: i32, records: i32, offset: i64) -> BatchHeader {
        let mut builder =
            BatchBuilder::new(Compression::None).producer(7, epoch, sequence).base_offset(offset);
        (0..records).for_each(|_| builder.append(1000, None, None, &[]));
        BatchHeader::parse(&builder.build().unwrap()).unwrap()
    }

    /// A producer with batches of two records at sequences 0, 2, 4, ... in epoch 1.
    fn producers(batches: i32) -> Producers {
        let mut producers = Producers::default();
        for number in 0..batches {
            producers.update(&header(1, number * 2, 2, 100 + i64::from(number) * 2));
        }
        producers
    }

    #[test]
    fn a_batch_sent_twice_gets_its_first_offsets() {
        let producers = producers(7);
        for number in 2..7 {
            let earlier = producers.check(&header(1, number * 2, 2, 0)).unwrap().unwrap();
            assert_eq!(earlier.base_offset(), 100 + i64::from(number) * 2);
        }
        let forgotten = producers.check(&header(1, 2, 2, 0));
        assert!(matches!(forgotten, Err(StorageError::OutOfOrderSequence { .. })));
        let other_length = producers.check(&header(1, 12, 1, 0));
        assert!(matches!(other_length, Err(StorageError::OutOfOrderSequence { .. })));
    }

    #[test]
    fn a_gap_is_out_of_order() {
        assert!(producers(2).check(&header(1, 4, 1, 0)).unwrap().is_none());
        for sequence in [3, 5, 6, 100] {
            let gap = producers(2).check(&header(1, sequence, 1, 0));
            assert!(matches!(gap, Err(StorageError::OutOfOrderSequence { last_sequence: 3, .. })));
        }
    }

    #[test]
    fn a_lower_epoch_is_fenced() {
        let fenced = producers(1).check(&header(0, 2, 1, 0));
        assert!(matches!(fenced, Err(StorageError::InvalidProducerEpoch { .. })));
    }

    #[test]
    fn a_new_epoch_starts_at_zero() {
        assert!(producers(2).check(&header(2, 0, 1, 0)).unwrap().is_none());
        let not_zero = producers(2).check(&header(2, 4, 1, 0));
        assert!(matches!(not_zero, Err(StorageError::OutOfOrderSequence { .. })));
        let mut producers = producers(2);
        producers.update(&header(2, 0, 1, 104));
        let of_the_epoch_before = producers.check(&header(2, 2, 2, 0));
        assert!(matches!(of_the_epoch_before, Err(StorageError::OutOfOrderSequence { .. })));
    }

    #[test]
    fn an_unknown_producer_may_start_anywhere() {
        assert!(Producers::default().check(&header(3, 77, 1, 0)).unwrap().is_none());
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let mut producers = Producers::default();
        producers.update(&header(0, i32::MAX - 1, 2, 0));
        assert!(producers.check(&header(0, 0, 1, 2)).unwrap().is_none());
        let mut across = Producers::default();
        across.update(&header(0, i32::MAX, 3, 0));
        assert!(across.check(&header(0, 2, 1, 3)).unwrap().is_none());
        assert!(across.check(&header(0, i32::MAX, 3, 9)).unwrap().is_some());
    }

    #[test]
    fn idle_producers_are_forgotten() {
        let mut producers = producers(1);
        producers.expire(1999, 1000);
        assert_eq!(producers.by_id.len(), 1);
        producers.expire(2000, 1000);
        assert!(producers.by_id.is_empty());
    }
}
