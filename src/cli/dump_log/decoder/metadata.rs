//! Records of the cluster metadata log: the version of the frame, the number of the kind, the
//! version of the message, and the message.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Decoded;
use crate::cli::dump_log::java::JavaJson;
use crate::wire::codec::{DecodeError, Reader};
use crate::wire::json::ToJson;
use crate::wire::messages::metadata_log::*;
use crate::wire::records::Record;
use crate::wire::schema::Message;

const FRAME_VERSION: u32 = 1;

/// Why a record cannot be shown.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("a record without a value")]
    NoValue,
    #[error("frame version {0}; only {FRAME_VERSION} is known")]
    UnknownFrame(u32),
    #[error("unknown record type {0}")]
    UnknownKind(u32),
    #[error("version {0} of a record")]
    ImpossibleVersion(u32),
    #[error(transparent)]
    Message(#[from] DecodeError),
}

/// A record of the metadata log, in the words of the script; such records have no keys.
pub(super) fn decode(record: &Record<'_>) -> Decoded {
    match read_record(record.value) {
        Ok(json) => Decoded { payload: Some(JavaJson(json).to_string()), ..Decoded::default() },
        Err(error) => Decoded {
            key: None,
            payload: Some(format!("Error at {}, skipping. {error}", record.offset)),
            wrong: Some(error.to_string()),
        },
    }
}

fn read_record(value: Option<&[u8]>) -> Result<Value, Unreadable> {
    let value = value.ok_or(Unreadable::NoValue)?;
    let mut reader = Reader::new(Bytes::copy_from_slice(value));
    let frame = reader.unsigned_varint()?;
    if frame != FRAME_VERSION {
        return Err(Unreadable::UnknownFrame(frame));
    }
    let kind = reader.unsigned_varint()?;
    let version = reader.unsigned_varint()?;
    let version = i16::try_from(version).map_err(|_| Unreadable::ImpossibleVersion(version))?;
    let read = reader_of(kind).ok_or(Unreadable::UnknownKind(kind))?;
    let json = read(&mut reader, version)?;
    reader.finish()?;
    Ok(json)
}

type Read = fn(&mut Reader, i16) -> Result<Value, DecodeError>;

/// A list of kinds: the number and the message.
macro_rules! kinds {
    ($kind:ident; $($number:literal $message:ident,)*) => {
        match $kind {
            $( $number => Some(read::<$message>), )*
            _ => None,
        }
    };
}

fn reader_of(kind: u32) -> Option<Read> {
    kinds! { kind;
        0 RegisterBrokerRecord,
        1 UnregisterBrokerRecord,
        2 TopicRecord,
        3 PartitionRecord,
        4 ConfigRecord,
        5 PartitionChangeRecord,
        7 FenceBrokerRecord,
        8 UnfenceBrokerRecord,
        9 RemoveTopicRecord,
        10 DelegationTokenRecord,
        11 UserScramCredentialRecord,
        12 FeatureLevelRecord,
        14 ClientQuotaRecord,
        15 ProducerIdsRecord,
        17 BrokerRegistrationChangeRecord,
        18 AccessControlEntryRecord,
        19 RemoveAccessControlEntryRecord,
        20 NoOpRecord,
        21 ZkMigrationStateRecord,
        22 RemoveUserScramCredentialRecord,
        23 BeginTransactionRecord,
        24 EndTransactionRecord,
        25 AbortTransactionRecord,
        26 RemoveDelegationTokenRecord,
        27 RegisterControllerRecord,
        28 ClearElrRecord,
    }
}

fn read<M: Message + ToJson>(reader: &mut Reader, version: i16) -> Result<Value, DecodeError> {
    let data = M::decode(reader, version)?.to_json(version);
    Ok(json!({"type": upper_snake_case(M::NAME), "version": version, "data": data}))
}

/// `NoOpRecord` as `NO_OP_RECORD`.
fn upper_snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
