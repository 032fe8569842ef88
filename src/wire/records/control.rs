//! Control records: the markers that end a transaction (KIP-98).
//!
//! A control record's key is a version and a type, its value depends on the type. Version 0 of
//! both is what exists.

use bytes::Bytes;

use super::batch::NO_SEQUENCE;
use super::builder::{BatchBuilder, BuildError};
use super::compress::Compression;
use super::record::Record;

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlRecordType {
    /// The producer's open transaction did not happen.
    Abort,
    /// The producer's open transaction happened.
    Commit,
    /// A type of newer brokers or of the metadata log; readers pass over it.
    Other(i16),
}

impl ControlRecordType {
    /// Reads the key of a control record.
    ///
    /// # Errors
    /// A key that is missing, too short, or of a negative version.
    pub fn parse(key: Option<&[u8]>) -> Result<Self, ControlError> {
        let key: &[u8; 4] = key.and_then(<[u8]>::first_chunk).ok_or(ControlError::InvalidKey)?;
        let [version_high, version_low, kind_high, kind_low] = *key;
        if i16::from_be_bytes([version_high, version_low]) < 0 {
            return Err(ControlError::InvalidKey);
        }
        Ok(match i16::from_be_bytes([kind_high, kind_low]) {
            0 => Self::Abort,
            1 => Self::Commit,
            other => Self::Other(other),
        })
    }

    fn key(self) -> [u8; 4] {
        let kind = match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::Other(kind) => kind,
        };
        let [high, low] = kind.to_be_bytes();
        [0, 0, high, low]
    }
}

/// Why a record is no control record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The key is not a version and a type.
    #[error("control record without a readable type")]
    InvalidKey,
    /// The value is not that of a marker.
    #[error("transaction marker without a readable value")]
    InvalidValue,
}

/// The marker that ends a producer's transaction in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTransactionMarker {
    /// Whether the transaction happened.
    pub committed: bool,
    /// Epoch of the transaction coordinator that decided.
    pub coordinator_epoch: i32,
}

impl EndTransactionMarker {
    /// Reads a marker; control records that end no transaction give none.
    ///
    /// # Errors
    /// A key or a value that cannot be read.
    pub fn parse(record: &Record<'_>) -> Result<Option<Self>, ControlError> {
        let committed = match ControlRecordType::parse(record.key)? {
            ControlRecordType::Abort => false,
            ControlRecordType::Commit => true,
            ControlRecordType::Other(_) => return Ok(None),
        };
        let value: &[u8; 6] =
            record.value.and_then(<[u8]>::first_chunk).ok_or(ControlError::InvalidValue)?;
        let [version_high, version_low, epoch @ ..] = *value;
        if i16::from_be_bytes([version_high, version_low]) < 0 {
            return Err(ControlError::InvalidValue);
        }
        Ok(Some(Self { committed, coordinator_epoch: i32::from_be_bytes(epoch) }))
    }

    /// The control batch that carries this marker for a producer.
    ///
    /// # Errors
    /// None that a single small record can cause.
    pub fn batch(
        self,
        producer_id: i64,
        producer_epoch: i16,
        timestamp: i64,
    ) -> Result<Bytes, BuildError> {
        let kind =
            if self.committed { ControlRecordType::Commit } else { ControlRecordType::Abort };
        let mut value = [0; 6];
        value[2..].copy_from_slice(&self.coordinator_epoch.to_be_bytes());
        let mut builder = BatchBuilder::new(Compression::None)
            .producer(producer_id, producer_epoch, NO_SEQUENCE)
            .transactional()
            .control();
        builder.append(timestamp, Some(&kind.key()), Some(&value), &[]);
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Batch;
    use super::*;

    #[test]
    fn markers_survive_the_round_trip() {
        for committed in [true, false] {
            let marker = EndTransactionMarker { committed, coordinator_epoch: 12 };
            let batch = Batch::parse(&marker.batch(7, 1, 1000).unwrap()).unwrap();
            assert!(batch.header().is_control() && batch.header().is_transactional());
            let bytes = batch.decompress(0).unwrap();
            let record = batch.records(&bytes).next().unwrap().unwrap();
            assert_eq!(record.key, Some(&[0, 0, 0, u8::from(committed)][..]));
            assert_eq!(EndTransactionMarker::parse(&record), Ok(Some(marker)));
        }
    }

    #[test]
    fn unreadable_control_records_are_refused() {
        let record = |key, value| Record {
            offset: 0,
            timestamp: 0,
            key,
            value,
            headers: Default::default(),
        };
        let parse = |key, value| EndTransactionMarker::parse(&record(key, value));
        assert_eq!(parse(None, None), Err(ControlError::InvalidKey));
        assert_eq!(parse(Some(b"\0\0\0"), None), Err(ControlError::InvalidKey));
        assert_eq!(parse(Some(b"\xff\xff\0\0"), None), Err(ControlError::InvalidKey));
        assert_eq!(parse(Some(b"\0\0\0\x01"), Some(b"\0\0")), Err(ControlError::InvalidValue));
        assert_eq!(parse(Some(b"\0\0\0\x02"), None), Ok(None));
    }
}
