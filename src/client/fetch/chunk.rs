//! What one Fetch brought of one partition, with the records left out that nobody may see.

use std::collections::HashSet;
use std::ops::ControlFlow;

use bytes::Bytes;

use super::IsolationLevel;
use crate::client::error::ClientError;
use crate::wire::messages::fetch::{AbortedTransaction, PartitionData};
use crate::wire::records::{
    Batch, BatchHeader, Batches, DECOMPRESSED_LIMIT, EndTransactionMarker, HEADER_LENGTH, Record,
};

/// Consecutive records of one partition.
#[derive(Debug)]
pub struct Chunk {
    topic: String,
    partition: i32,
    from_offset: i64,
    next_offset: i64,
    high_watermark: i64,
    batches: Vec<Batch>,
}

impl Chunk {
    /// Walks the headers of the batches in an answer to a Fetch at `from_offset`.
    pub(super) fn new(
        topic: &str,
        from_offset: i64,
        data: PartitionData,
        isolation_level: IsolationLevel,
    ) -> Result<Self, ClientError> {
        let mut chunk = Self {
            topic: topic.to_owned(),
            partition: data.partition_index,
            from_offset,
            next_offset: from_offset,
            high_watermark: data.high_watermark,
            batches: Vec::new(),
        };
        let bytes = data.records.unwrap_or_default();
        let mut filter = match isolation_level {
            IsolationLevel::ReadUncommitted => AbortedFilter::default(),
            IsolationLevel::ReadCommitted => {
                AbortedFilter::new(data.aborted_transactions.unwrap_or_default())
            }
        };
        if !bytes.is_empty() && bytes.len() < HEADER_LENGTH {
            return Err(chunk.unreadable(from_offset, "not even the header of a batch"));
        }
        for batch in Batches::new(bytes) {
            let batch = batch.map_err(|cause| chunk.unreadable(chunk.next_offset, cause))?;
            let visible = filter
                .lets_pass(&batch)
                .map_err(|cause| chunk.unreadable(batch.header().base_offset, cause))?;
            let next_offset = batch.header().next_offset();
            if next_offset <= chunk.next_offset {
                continue;
            }
            chunk.next_offset = next_offset;
            if visible {
                chunk.batches.push(batch);
            }
        }
        Ok(chunk)
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Index of the partition.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// The offset after the last one that this chunk covers.
    pub fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// The partition's high watermark when the broker answered.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Whether there is no batch to look at.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Shows all records to `visit`, in the order of their offsets, until it breaks off. The bytes
    /// of each batch are checked against its CRC first.
    ///
    /// # Errors
    /// A batch is damaged; the records before it have been shown.
    pub fn visit<B>(
        &self,
        mut visit: impl FnMut(&BatchHeader, Record<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, ClientError> {
        for batch in &self.batches {
            let header = batch.header();
            let unreadable =
                |cause: &dyn ToString| self.unreadable(header.base_offset, cause.to_string());
            BatchHeader::validate(batch.bytes()).map_err(|cause| unreadable(&cause))?;
            let bytes = batch.decompress(DECOMPRESSED_LIMIT).map_err(|cause| unreadable(&cause))?;
            for record in batch.records(&bytes) {
                let record = record.map_err(|cause| unreadable(&cause))?;
                // The first batch may begin before the offset that was asked for.
                if record.offset < self.from_offset {
                    continue;
                }
                if let ControlFlow::Break(value) = visit(header, record) {
                    return Ok(ControlFlow::Break(value));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn unreadable(&self, offset: i64, cause: impl ToString) -> ClientError {
        ClientError::UnreadableRecords {
            topic: self.topic.clone(),
            partition: self.partition,
            offset,
            cause: cause.to_string(),
        }
    }
}

/// Leaves out control batches and, given the aborted transactions of an answer, what belongs to
/// them: from a transaction's first offset to its producer's next abort marker.
#[derive(Debug, Default)]
struct AbortedFilter {
    /// Sorted by first offset, the smallest last.
    to_come: Vec<AbortedTransaction>,
    open: HashSet<i64>,
}

impl AbortedFilter {
    fn new(mut transactions: Vec<AbortedTransaction>) -> Self {
        transactions.sort_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        Self { to_come: transactions, open: HashSet::new() }
    }

    /// Whether a consumer sees the batch. Wants all batches, in order.
    fn lets_pass(&mut self, batch: &Batch) -> Result<bool, String> {
        let header = batch.header();
        while let Some(next) = self.to_come.pop() {
            if next.first_offset > header.last_offset() {
                self.to_come.push(next);
                break;
            }
            self.open.insert(next.producer_id);
        }
        if header.is_control() {
            if self.open.contains(&header.producer_id) && is_abort_marker(batch)? {
                self.open.remove(&header.producer_id);
            }
            return Ok(false);
        }
        Ok(!(header.is_transactional() && self.open.contains(&header.producer_id)))
    }
}

fn is_abort_marker(batch: &Batch) -> Result<bool, String> {
    let bytes: Bytes = batch.decompress(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?;
    let Some(record) = batch.records(&bytes).next() else { return Ok(false) };
    let record = record.map_err(|error| error.to_string())?;
    let marker = EndTransactionMarker::parse(&record).map_err(|error| error.to_string())?;
    Ok(marker.is_some_and(|marker| !marker.committed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::{BatchBuilder, Compression};

    const PRODUCER: i64 = 7;
    const OTHER: i64 = 8;

    fn builder(base_offset: i64, values: &[&str]) -> BatchBuilder {
        let mut builder = BatchBuilder::new(Compression::Lz4).base_offset(base_offset);
        for value in values {
            builder.append(0, None, Some(value.as_bytes()), &[]);
        }
        builder
    }

    fn plain(base_offset: i64, values: &[&str]) -> Bytes {
        builder(base_offset, values).build().unwrap()
    }

    fn transactional(base_offset: i64, producer_id: i64, values: &[&str]) -> Bytes {
        builder(base_offset, values).producer(producer_id, 0, 0).transactional().build().unwrap()
    }

    fn marker(base_offset: i64, producer_id: i64, committed: bool) -> Bytes {
        let marker = EndTransactionMarker { committed, coordinator_epoch: 0 };
        let batch = marker.batch(producer_id, 0, 0).unwrap();
        let mut bytes = batch.to_vec();
        bytes[..8].copy_from_slice(&base_offset.to_be_bytes());
        bytes.into()
    }

    fn aborted(producer_id: i64, first_offset: i64) -> AbortedTransaction {
        AbortedTransaction { producer_id, first_offset }
    }

    fn chunk(
        from_offset: i64,
        batches: &[Bytes],
        isolation_level: IsolationLevel,
        aborted_transactions: Vec<AbortedTransaction>,
    ) -> Result<Chunk, ClientError> {
        let data = PartitionData {
            records: Some(batches.concat().into()),
            aborted_transactions: Some(aborted_transactions),
            ..Default::default()
        };
        Chunk::new("orders", from_offset, data, isolation_level)
    }

    fn values(chunk: &Chunk) -> Vec<String> {
        let mut values = Vec::new();
        let whole = chunk.visit(|_, record| {
            let value = String::from_utf8_lossy(record.value.unwrap_or_default());
            values.push(format!("{}={value}", record.offset));
            ControlFlow::<()>::Continue(())
        });
        assert!(whole.unwrap().is_continue());
        values
    }

    #[test]
    fn records_before_the_offset_asked_for_are_left_out() {
        let batches = [plain(0, &["a", "b", "c"]), plain(3, &["d"])];
        let chunk = chunk(1, &batches, IsolationLevel::ReadUncommitted, vec![]).unwrap();
        assert_eq!(values(&chunk), ["1=b", "2=c", "3=d"]);
        assert_eq!(chunk.next_offset(), 4);
    }

    #[test]
    fn a_cut_batch_at_the_end_is_left_for_the_next_fetch() {
        let mut bytes = plain(0, &["a"]).to_vec();
        bytes.extend_from_slice(&plain(1, &["b"])[..70]);
        let chunk = chunk(0, &[bytes.into()], IsolationLevel::ReadUncommitted, vec![]).unwrap();
        assert_eq!((values(&chunk), chunk.next_offset()), (vec!["0=a".to_owned()], 1));
    }

    #[test]
    fn control_batches_are_not_seen_but_passed() {
        let batches = [marker(4, PRODUCER, true)];
        let chunk = chunk(4, &batches, IsolationLevel::ReadUncommitted, vec![]).unwrap();
        assert!(chunk.is_empty());
        assert_eq!(chunk.next_offset(), 5);
    }

    fn two_transactions() -> [Bytes; 6] {
        [
            transactional(0, PRODUCER, &["aborted"]),
            transactional(1, OTHER, &["committed"]),
            plain(2, &["plain"]),
            marker(3, PRODUCER, false),
            transactional(4, PRODUCER, &["again"]),
            marker(5, PRODUCER, true),
        ]
    }

    #[test]
    fn read_committed_leaves_out_what_was_aborted_up_to_the_marker() {
        let aborted = vec![aborted(PRODUCER, 0)];
        let batches = two_transactions();
        let chunk = chunk(0, &batches, IsolationLevel::ReadCommitted, aborted).unwrap();
        assert_eq!(values(&chunk), ["1=committed", "2=plain", "4=again"]);
        assert_eq!(chunk.next_offset(), 6);
    }

    #[test]
    fn read_uncommitted_sees_aborted_records() {
        let aborted = vec![aborted(PRODUCER, 0)];
        let batches = two_transactions();
        let chunk = chunk(0, &batches, IsolationLevel::ReadUncommitted, aborted).unwrap();
        assert_eq!(values(&chunk), ["0=aborted", "1=committed", "2=plain", "4=again"]);
    }

    #[test]
    fn transactions_that_are_aborted_later_do_not_hide_earlier_ones() {
        let batches = [
            transactional(0, PRODUCER, &["first"]),
            marker(1, PRODUCER, true),
            transactional(2, PRODUCER, &["second"]),
            marker(3, PRODUCER, false),
        ];
        let later = vec![aborted(OTHER, 9), aborted(PRODUCER, 2)];
        let chunk = chunk(0, &batches, IsolationLevel::ReadCommitted, later).unwrap();
        assert_eq!(values(&chunk), ["0=first"]);
    }

    #[test]
    fn visiting_stops_where_the_visitor_breaks_off() {
        let batches = [plain(0, &["a", "b"]), plain(2, &["c"])];
        let chunk = chunk(0, &batches, IsolationLevel::ReadUncommitted, vec![]).unwrap();
        let broken = chunk.visit(|_, record| match record.offset {
            1 => ControlFlow::Break(record.offset),
            _ => ControlFlow::Continue(()),
        });
        assert_eq!(broken.unwrap(), ControlFlow::Break(1));
    }

    #[test]
    fn a_damaged_batch_is_named_and_not_shown() {
        let mut bytes = plain(3, &["abc"]).to_vec();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        let chunk = chunk(3, &[bytes.into()], IsolationLevel::ReadUncommitted, vec![]).unwrap();
        let error = chunk.visit(|_, _| ControlFlow::<()>::Continue(())).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("records of orders-0 at offset 3 cannot be read: "), "{text}");
    }

    #[test]
    fn bytes_that_are_no_batch_are_an_error_and_no_endless_loop() {
        for bytes in [vec![0; 10], vec![0; 100]] {
            let result = chunk(0, &[bytes.into()], IsolationLevel::ReadUncommitted, vec![]);
            assert!(matches!(result, Err(ClientError::UnreadableRecords { .. })));
        }
    }
}
