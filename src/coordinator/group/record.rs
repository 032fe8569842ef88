//! The records of `__consumer_offsets`: what they say, and Kafka's bytes for it.
//!
//! Keys and values start with a version as int16. A key's version says what the record is about
//! (0 and 1: an offset, 2: a group), a value's version which fields it has. We write what Kafka
//! writes: offsets at version 4 (1 if they carry their own expiry), groups at version 3.

use bytes::Bytes;

use crate::wire::codec::{DecodeError, EncodeError, Field, Reader, Writer};
use crate::wire::messages::group_log::{
    GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};
use crate::wire::schema::Message;

const OFFSET_KEY_VERSION: i16 = 1;
const GROUP_KEY_VERSION: i16 = 2;
const OFFSET_VALUE_VERSION: i16 = 4;
const OFFSET_VALUE_WITH_EXPIRY_VERSION: i16 = 1;
const GROUP_VALUE_VERSION: i16 = 3;
/// `expire_timestamp` of an offset that does not carry its own expiry.
pub(super) const NO_TIMESTAMP: i64 = -1;

/// A record of `__consumer_offsets`. A value of `None` is a tombstone.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRecord {
    /// The offset that a group committed for a partition.
    Offset {
        /// Group, topic and partition.
        key: OffsetCommitKey,
        /// The committed offset.
        value: Option<OffsetCommitValue>,
    },
    /// A generation of a group and what its members were given.
    Group {
        /// The group.
        group_id: String,
        /// The group and its members.
        value: Option<GroupMetadataValue>,
    },
}

/// Why a record of `__consumer_offsets` cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A kind of record that this version does not know: another kind of group wrote it.
    #[error("a record of __consumer_offsets has a key of unknown version {0}")]
    UnknownKey(i16),
    /// A value newer than this version knows.
    #[error("a record of __consumer_offsets has a value of unknown version {0}")]
    UnknownValue(i16),
    /// The bytes are not what their version promises.
    #[error("a record of __consumer_offsets is damaged: {0}")]
    Damaged(#[from] DecodeError),
}

impl GroupRecord {
    /// A record that deletes a committed offset.
    pub(super) fn offset_tombstone(group_id: &str, topic: &str, partition: i32) -> Self {
        let key = OffsetCommitKey { group: group_id.into(), topic: topic.into(), partition };
        Self::Offset { key, value: None }
    }

    /// A record that deletes a group.
    pub(super) fn group_tombstone(group_id: &str) -> Self {
        Self::Group { group_id: group_id.into(), value: None }
    }

    /// The group that the record is about.
    pub fn group_id(&self) -> &str {
        match self {
            Self::Offset { key, .. } => &key.group,
            Self::Group { group_id, .. } => group_id,
        }
    }

    /// Key and value of the record; no value is a tombstone.
    pub fn to_bytes(&self) -> Result<(Bytes, Option<Bytes>), EncodeError> {
        match self {
            Self::Offset { key, value } => {
                let encoded_value = value.as_ref().map(|value| {
                    let version = match value.expire_timestamp {
                        NO_TIMESTAMP => OFFSET_VALUE_VERSION,
                        _ => OFFSET_VALUE_WITH_EXPIRY_VERSION,
                    };
                    with_version(version, value, version)
                });
                Ok((with_version(OFFSET_KEY_VERSION, key, 0)?, encoded_value.transpose()?))
            }
            Self::Group { group_id, value } => {
                let key = GroupMetadataKey { group: group_id.clone() };
                let encoded_value = value
                    .as_ref()
                    .map(|value| with_version(GROUP_VALUE_VERSION, value, GROUP_VALUE_VERSION));
                Ok((with_version(GROUP_KEY_VERSION, &key, 0)?, encoded_value.transpose()?))
            }
        }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) or Apache Kafka wrote.
    pub fn from_bytes(key: Bytes, value: Option<Bytes>) -> Result<Self, ReplayError> {
        let mut key = Reader::new(key);
        match read_version(&mut key)? {
            0 | OFFSET_KEY_VERSION => Ok(Self::Offset {
                key: OffsetCommitKey::decode(&mut key, 0)?,
                value: value.map(read_value).transpose()?,
            }),
            GROUP_KEY_VERSION => Ok(Self::Group {
                group_id: GroupMetadataKey::decode(&mut key, 0)?.group,
                value: value.map(read_value).transpose()?,
            }),
            version => Err(ReplayError::UnknownKey(version)),
        }
    }
}

/// `message` at `version`, behind `prefix`.
fn with_version<M: Message>(prefix: i16, message: &M, version: i16) -> Result<Bytes, EncodeError> {
    let mut writer = Writer::new();
    writer.put_slice(&prefix.to_be_bytes());
    message.encode(&mut writer, version)?;
    Ok(writer.into_bytes())
}

fn read_version(reader: &mut Reader) -> Result<i16, DecodeError> {
    let context = crate::wire::codec::Context { version: 0, flexible: false, nullable: false };
    i16::read(reader, context)
}

fn read_value<M: Message>(value: Bytes) -> Result<M, ReplayError> {
    let mut reader = Reader::new(value);
    let version = read_version(&mut reader)?;
    if !M::VERSIONS.contains(&version) {
        return Err(ReplayError::UnknownValue(version));
    }
    Ok(M::decode(&mut reader, version)?)
}

/// The partition of `__consumer_offsets` that holds a group: Java's `String.hashCode`, made
/// positive as Kafka does, modulo the number of partitions.
pub fn partition_for(group_id: &str, partitions: i32) -> i32 {
    let hash = group_id
        .encode_utf16()
        .fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Kafka's abs maps the lowest integer to 0, which has no positive counterpart.
    let positive = hash.checked_abs().unwrap_or(0);
    positive % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(expire_timestamp: i64) -> GroupRecord {
        GroupRecord::Offset {
            key: OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: 7 },
            value: Some(OffsetCommitValue {
                offset: 42,
                leader_epoch: if expire_timestamp == NO_TIMESTAMP { 5 } else { -1 },
                metadata: "m".into(),
                commit_timestamp: 1000,
                expire_timestamp,
                ..OffsetCommitValue::default()
            }),
        }
    }

    #[test]
    fn an_offset_has_kafkas_bytes() {
        let (key, value) = offset(NO_TIMESTAMP).to_bytes().unwrap();
        assert_eq!(key[..], *b"\x00\x01\x00\x01g\x00\x01t\x00\x00\x00\x07");
        assert_eq!(
            value.unwrap()[..],
            *b"\x00\x04\0\0\0\0\0\0\0\x2a\0\0\0\x05\x02m\0\0\0\0\0\0\x03\xe8\0"
        );
    }

    #[test]
    fn an_offset_with_its_own_expiry_is_written_at_version_1() {
        let (_, value) = offset(2000).to_bytes().unwrap();
        assert_eq!(value.unwrap()[..2], [0, 1]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let group = GroupRecord::Group {
            group_id: "g".into(),
            value: Some(GroupMetadataValue { generation: 3, ..GroupMetadataValue::default() }),
        };
        for record in [
            offset(NO_TIMESTAMP),
            offset(2000),
            GroupRecord::offset_tombstone("g", "t", 1),
            group,
            GroupRecord::group_tombstone("g"),
        ] {
            let (key, value) = record.to_bytes().unwrap();
            assert_eq!(GroupRecord::from_bytes(key, value), Ok(record));
        }
    }

    #[test]
    fn unknown_versions_are_refused() {
        let key = Bytes::from_static(b"\x00\x03\x00\x01g");
        assert_eq!(GroupRecord::from_bytes(key, None), Err(ReplayError::UnknownKey(3)));
        let (key, _) = GroupRecord::group_tombstone("g").to_bytes().unwrap();
        let value = Some(Bytes::from_static(b"\x00\x09"));
        assert_eq!(GroupRecord::from_bytes(key, value), Err(ReplayError::UnknownValue(9)));
    }

    #[test]
    fn a_truncated_record_is_an_error() {
        let (key, value) = offset(NO_TIMESTAMP).to_bytes().unwrap();
        let value = value.unwrap();
        for length in 0..value.len() {
            let result = GroupRecord::from_bytes(key.clone(), Some(value.slice(..length)));
            assert!(matches!(result, Err(ReplayError::Damaged(_))), "{length}");
        }
    }

    #[test]
    fn groups_live_in_the_partition_where_kafka_looks_for_them() {
        assert_eq!(partition_for("", 50), 0);
        assert_eq!(partition_for("a", 50), 47);
        assert_eq!(partition_for("test-group", 50), 12);
        assert_eq!(partition_for("my-consumer-group", 50), 13);
        // Its hash is the lowest integer, which has no absolute value.
        assert_eq!(partition_for("polygenelubricants", 50), 0);
    }
}
