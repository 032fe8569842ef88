//! Records, borrowed from the decompressed bytes of a batch.

use std::fmt;

use super::batch::{BatchHeader, TimestampType};
use super::varint::{VarintError, take_varint, take_varlong};

/// Why bytes are not the records that the batch header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The bytes end inside a record.
    #[error("records end too early")]
    Truncated,
    /// A variable-length integer takes more bytes than it can.
    #[error("record holds an integer that is too long")]
    IntegerTooLong,
    /// A length or a count that is negative where it must not be.
    #[error("record holds the impossible length {0}")]
    InvalidLength(i32),
    /// Bytes that belong to no field, in a record or after the last one.
    #[error("{0} bytes are left over")]
    TrailingBytes(usize),
}

impl From<VarintError> for RecordError {
    fn from(error: VarintError) -> Self {
        match error {
            VarintError::Truncated => Self::Truncated,
            VarintError::TooLong => Self::IntegerTooLong,
        }
    }
}

/// One record. Null and empty differ, in keys as in values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its place in the partition.
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// The key, if it has one.
    pub key: Option<&'a [u8]>,
    /// The value; none marks a deletion in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// The headers, in order, duplicates included.
    pub headers: Headers<'a>,
}

/// One header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The key; UTF-8 by Kafka's rules, which not every producer follows.
    pub key: &'a [u8],
    /// The value, if it has one.
    pub value: Option<&'a [u8]>,
}

/// The headers of one record, kept as bytes that are known to be right.
#[derive(Clone, Copy, Default)]
pub struct Headers<'a> {
    count: i32,
    bytes: &'a [u8],
}

impl<'a> Headers<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The headers in the order in which they were written.
    pub fn iter(&self) -> HeadersIter<'a> {
        HeadersIter { bytes: self.bytes }
    }

    /// Takes all of `bytes`, and proves that they are headers.
    fn parse(mut bytes: &'a [u8]) -> Result<Self, RecordError> {
        let count = take_varint(&mut bytes)?;
        if count < 0 {
            return Err(RecordError::InvalidLength(count));
        }
        let mut rest = bytes;
        for _ in 0..count {
            take_header(&mut rest)?;
        }
        if !rest.is_empty() {
            return Err(RecordError::TrailingBytes(rest.len()));
        }
        Ok(Self { count, bytes })
    }
}

impl PartialEq for Headers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers<'_> {}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = Header<'a>;
    type IntoIter = HeadersIter<'a>;

    fn into_iter(self) -> HeadersIter<'a> {
        self.iter()
    }
}

/// The headers of one record, in order.
#[derive(Clone, Debug)]
pub struct HeadersIter<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for HeadersIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        take_header(&mut self.bytes).ok()
    }
}

fn take_header<'a>(bytes: &mut &'a [u8]) -> Result<Header<'a>, RecordError> {
    let key = take_nullable(bytes)?.ok_or(RecordError::InvalidLength(-1))?;
    Ok(Header { key, value: take_nullable(bytes)? })
}

#[inline]
fn take_nullable<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, RecordError> {
    match take_varint(bytes)? {
        -1 => Ok(None),
        length => take(bytes, length).map(Some),
    }
}

#[inline]
fn take<'a>(bytes: &mut &'a [u8], length: i32) -> Result<&'a [u8], RecordError> {
    let length = usize::try_from(length).map_err(|_| RecordError::InvalidLength(length))?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or(RecordError::Truncated)?;
    *bytes = rest;
    Ok(taken)
}

/// The records of one batch, in order. After an error there is nothing more.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    remaining: i32,
    base_offset: i64,
    base_timestamp: i64,
    /// The one timestamp of all records, if the broker's clock stamped them.
    log_append_time: Option<i64>,
}

impl<'a> Records<'a> {
    /// Reads the records that `header` announces from their decompressed bytes.
    pub fn new(header: &BatchHeader, decompressed: &'a [u8]) -> Self {
        let broker_time = header.timestamp_type() == TimestampType::LogAppendTime;
        Self {
            rest: decompressed,
            remaining: header.record_count,
            base_offset: header.base_offset,
            base_timestamp: header.base_timestamp,
            log_append_time: broker_time.then_some(header.max_timestamp),
        }
    }

    fn take_record(&mut self) -> Result<Record<'a>, RecordError> {
        let length = take_varint(&mut self.rest)?;
        let mut bytes = take(&mut self.rest, length)?;
        take(&mut bytes, 1)?; // Attributes: none are defined.
        let timestamp_delta = take_varlong(&mut bytes)?;
        let offset_delta = take_varint(&mut bytes)?;
        Ok(Record {
            offset: self.base_offset.wrapping_add(i64::from(offset_delta)),
            timestamp: self
                .log_append_time
                .unwrap_or_else(|| self.base_timestamp.wrapping_add(timestamp_delta)),
            key: take_nullable(&mut bytes)?,
            value: take_nullable(&mut bytes)?,
            headers: Headers::parse(bytes)?,
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.remaining <= 0 {
            let left_over = std::mem::take(&mut self.rest).len();
            return (left_over > 0).then_some(Err(RecordError::TrailingBytes(left_over)));
        }
        self.remaining -= 1;
        let record = self.take_record();
        if record.is_err() {
            self.remaining = 0;
            self.rest = &[];
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Batch, BatchBuilder, Compression};
    use super::*;

    fn read_all<'a>(batch: &Batch, bytes: &'a [u8]) -> Vec<Record<'a>> {
        batch.records(bytes).collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn null_empty_and_header_order_with_duplicates_survive() {
        let headers = [
            Header { key: b"h", value: Some(b"1") },
            Header { key: b"h", value: Some(b"2") },
            Header { key: b"", value: None },
            Header { key: b"a", value: Some(b"") },
        ];
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(5, None, None, &headers);
        builder.append(3, Some(b""), Some(b""), &[]);
        let batch = Batch::parse(&builder.build().unwrap()).unwrap();
        let bytes = batch.decompress(0).unwrap();
        let records = read_all(&batch, &bytes);
        assert_eq!((records[0].key, records[0].value, records[0].timestamp), (None, None, 5));
        assert_eq!(records[0].headers.iter().collect::<Vec<_>>(), headers);
        assert_eq!((records[1].key, records[1].value), (Some(&b""[..]), Some(&b""[..])));
        assert_eq!((records[1].offset, records[1].timestamp), (1, 3));
        assert!(records[1].headers.is_empty());
    }

    #[test]
    fn records_cut_anywhere_are_an_error_not_a_panic() {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(0, Some(b"key"), Some(b"value"), &[Header { key: b"h", value: None }]);
        let batch = Batch::parse(&builder.build().unwrap()).unwrap();
        let bytes = batch.decompress(0).unwrap();
        for length in 0..bytes.len() {
            let read: Vec<_> = batch.records(&bytes[..length]).collect();
            assert_eq!(read, [Err(RecordError::Truncated)], "cut at {length}");
        }
    }

    #[test]
    fn bytes_after_the_last_record_are_an_error() {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(0, None, Some(b"value"), &[]);
        let batch = Batch::parse(&builder.build().unwrap()).unwrap();
        let mut bytes = batch.decompress(0).unwrap().to_vec();
        bytes.push(0);
        let read: Vec<_> = batch.records(&bytes).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[1], Err(RecordError::TrailingBytes(1)));
    }
}
