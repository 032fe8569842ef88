//! What compaction has to know of transactions (KIP-98).
//!
//! Data of aborted transactions goes, and never hides an older record of the same key. The marker
//! that ends a transaction stays as long as there are batches of it, and then for
//! `delete.retention.ms`, for readers who have seen the batches.

use std::collections::{HashMap, HashSet};

use crate::wire::records::BatchHeader;

/// Where aborted transactions start and end: found by one walk over the log before it is cleaned,
/// because a marker follows the data that it judges.
#[derive(Debug, Default)]
pub(super) struct AbortedTransactions {
    /// By producer id: offsets of the first batch and of the marker, in order.
    by_producer: HashMap<i64, Vec<(i64, i64)>>,
    /// Transactions whose marker is still to come: where each starts, by producer id.
    open: HashMap<i64, i64>,
}

impl AbortedTransactions {
    /// Takes in the next batch of the log; `committed` is what a marker says.
    pub(super) fn see(&mut self, header: &BatchHeader, committed: Option<bool>) {
        match committed {
            None if header.is_transactional() && !header.is_control() => {
                self.open.entry(header.producer_id).or_insert(header.base_offset);
            }
            None => {}
            Some(committed) => {
                if let Some(start) = self.open.remove(&header.producer_id).filter(|_| !committed) {
                    let aborted = self.by_producer.entry(header.producer_id).or_default();
                    aborted.push((start, header.base_offset));
                }
            }
        }
    }

    /// Whether a marker is still to come for what was seen.
    pub(super) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether a batch holds data of an aborted transaction.
    pub(super) fn contains(&self, header: &BatchHeader) -> bool {
        if !header.is_transactional() || header.is_control() {
            return false;
        }
        let Some(aborted) = self.by_producer.get(&header.producer_id) else { return false };
        let after = aborted.partition_point(|(start, _)| *start <= header.base_offset);
        let last = after.checked_sub(1).and_then(|last| aborted.get(last));
        last.is_some_and(|(_, marker)| header.base_offset < *marker)
    }
}

/// Which transactions have batches in what was walked so far, from the start of the log on.
#[derive(Debug, Default)]
pub(super) struct SeenTransactions {
    producers: HashSet<i64>,
}

impl SeenTransactions {
    /// Takes in a batch of data, whatever becomes of it now: its marker goes at the earliest when
    /// the batch is not there any more.
    pub(super) fn see_data(&mut self, header: &BatchHeader) {
        if header.is_transactional() {
            self.producers.insert(header.producer_id);
        }
    }

    /// Takes in a marker; whether no batch of the transaction that it ends is left.
    pub(super) fn see_marker(&mut self, header: &BatchHeader) -> bool {
        !self.producers.remove(&header.producer_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::{BatchBuilder, Compression};

    fn data(producer: i64, offset: i64) -> BatchHeader {
        let builder = BatchBuilder::new(Compression::None).base_offset(offset);
        let mut builder = builder.producer(producer, 0, 0).transactional();
        builder.append(0, None, None, &[]);
        BatchHeader::parse(&builder.build().unwrap()).unwrap()
    }

    fn marker(producer: i64, offset: i64) -> BatchHeader {
        let builder = BatchBuilder::new(Compression::None).base_offset(offset);
        let builder = builder.producer(producer, 0, -1).transactional().control();
        BatchHeader::parse(&builder.build().unwrap()).unwrap()
    }

    #[test]
    fn aborted_data_is_told_from_committed_and_open_data_of_the_same_producer() {
        let mut aborted = AbortedTransactions::default();
        for (offset, end) in [(0, None), (1, None), (2, Some(false)), (3, None), (4, Some(true))] {
            let header = if end.is_some() { marker(7, offset) } else { data(7, offset) };
            aborted.see(&header, end);
        }
        aborted.see(&data(8, 5), None);
        assert!(aborted.has_open());
        aborted.see(&marker(8, 6), Some(false));
        assert!(!aborted.has_open());
        let contained = |producer, offset| aborted.contains(&data(producer, offset));
        assert_eq!([0, 1, 3, 5].map(|offset| contained(7, offset)), [true, true, false, false]);
        assert!(contained(8, 5) && !contained(8, 0) && !contained(9, 0));
        assert!(!aborted.contains(&marker(7, 1)));
    }

    #[test]
    fn a_marker_without_data_before_it_ends_nothing() {
        let mut seen = SeenTransactions::default();
        seen.see_data(&data(7, 0));
        assert!(seen.see_marker(&marker(8, 1)));
        assert!(!seen.see_marker(&marker(7, 2)));
        assert!(seen.see_marker(&marker(7, 3)));
    }
}
