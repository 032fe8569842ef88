//! Records of the cluster metadata log, in KRaft's framing (KIP-631).
//!
//! Each record's value is: frame version 1, record type and record version as variable-length
//! integers, then the message. A type or version that is not in the table is refused: guessing at
//! metadata loses topics.

use bytes::Bytes;

use crate::wire::codec::{DecodeError, EncodeError, Reader, Writer};
use crate::wire::messages::metadata_log::*;
use crate::wire::schema::Message;

/// Version of the framing; the only one there is.
const FRAME_VERSION: u32 = 1;

/// Why a value is no metadata record that this version understands.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A framing that this version does not know.
    #[error("metadata record framing of version {0} is not known")]
    UnknownFrame(u32),
    /// A record type that this version does not know.
    #[error("metadata record of type {0} is not known")]
    UnknownType(u32),
    /// The bytes are not the record that they claim to be.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
}

macro_rules! metadata_records {
    ($($number:literal $variant:ident: $message:ty, version $version:literal;)*) => {
        /// A change of the cluster's metadata.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "documented at the message inside")]
        pub enum MetadataRecord { $( $variant($message), )* }

        impl MetadataRecord {
            /// The framed record, as the value of a record in the log.
            pub fn encode(&self) -> Result<Bytes, EncodeError> {
                let mut writer = Writer::new();
                writer.put_unsigned_varint(FRAME_VERSION);
                match self { $( Self::$variant(message) => {
                    writer.put_unsigned_varint($number);
                    writer.put_unsigned_varint($version);
                    message.encode(&mut writer, $version)?;
                } )* }
                Ok(writer.into_bytes())
            }

            /// Reads the value of a record in the log.
            pub fn decode(value: Bytes) -> Result<Self, RecordError> {
                let mut reader = Reader::new(value);
                let frame_version = reader.unsigned_varint()?;
                if frame_version != FRAME_VERSION {
                    return Err(RecordError::UnknownFrame(frame_version));
                }
                let number = reader.unsigned_varint()?;
                let version = i16::try_from(reader.unsigned_varint()?).unwrap_or(i16::MAX);
                match number {
                    $( $number => Ok(Self::$variant(Message::decode(&mut reader, version)?)), )*
                    _ => Err(RecordError::UnknownType(number)),
                }
            }
        }

        $( impl From<$message> for MetadataRecord {
            fn from(message: $message) -> Self {
                Self::$variant(message)
            }
        } )*
    };
}

metadata_records! {
    0 RegisterBroker: RegisterBrokerRecord, version 3;
    2 Topic: TopicRecord, version 0;
    3 Partition: PartitionRecord, version 1;
    4 Config: ConfigRecord, version 0;
    5 PartitionChange: PartitionChangeRecord, version 1;
    9 RemoveTopic: RemoveTopicRecord, version 0;
    12 FeatureLevel: FeatureLevelRecord, version 0;
    15 ProducerIds: ProducerIdsRecord, version 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_were_written() {
        let record = MetadataRecord::from(ConfigRecord {
            resource_type: 2,
            resource_name: "orders".to_owned(),
            name: "retention.ms".to_owned(),
            value: None,
        });
        assert_eq!(MetadataRecord::decode(record.encode().unwrap()), Ok(record));
    }

    #[test]
    fn unknown_frames_types_and_versions_are_refused() {
        let decode = |bytes: &'static [u8]| MetadataRecord::decode(Bytes::from_static(bytes));
        assert_eq!(decode(b"\x02\x02\x00"), Err(RecordError::UnknownFrame(2)));
        assert_eq!(decode(b"\x01\x7f\x00"), Err(RecordError::UnknownType(127)));
        assert!(matches!(
            decode(b"\x01\x02\x05"),
            Err(RecordError::Malformed(DecodeError::UnknownVersion { version: 5, .. }))
        ));
    }
}
