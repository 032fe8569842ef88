//! Records of the coordinators' topics: a key is the number of its kind and a message, a value is
//! a version and a message.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Decoded;
use crate::cli::dump_log::java::JavaJson;
use crate::wire::codec::{DecodeError, Reader};
use crate::wire::json::ToJson;
use crate::wire::messages::consumer_group_log::*;
use crate::wire::messages::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use crate::wire::messages::group_log::*;
use crate::wire::messages::share_group_log::*;
use crate::wire::messages::share_state_log::*;
use crate::wire::messages::streams_group_log::*;
use crate::wire::messages::transaction_log::*;
use crate::wire::records::Record;
use crate::wire::schema::Message;

/// The version of all keys.
const KEY_VERSION: i16 = 0;

/// A kind of record: its number, and how to read its key and its value.
pub(super) struct Kind {
    number: i16,
    key: Read,
    value: Read,
}

type Read = fn(&mut Reader, i16) -> Result<Value, DecodeError>;

/// A list of kinds: the number, then the messages of key and value.
macro_rules! kinds {
    ($($number:literal: $key:ident $value:ident;)*) => {
        vec![$( Kind { number: $number, key: read::<$key>, value: read::<$value> } ),*]
    };
}

/// What stands in `__consumer_offsets`.
pub(super) fn offsets() -> Vec<Kind> {
    let mut kinds = kinds! {
        0: LegacyOffsetCommitKey LegacyOffsetCommitValue;
        1: OffsetCommitKey OffsetCommitValue;
        3: ConsumerGroupMetadataKey ConsumerGroupMetadataValue;
        4: ConsumerGroupPartitionMetadataKey ConsumerGroupPartitionMetadataValue;
        6: ConsumerGroupTargetAssignmentMetadataKey ConsumerGroupTargetAssignmentMetadataValue;
        7: ConsumerGroupTargetAssignmentMemberKey ConsumerGroupTargetAssignmentMemberValue;
        8: ConsumerGroupCurrentMemberAssignmentKey ConsumerGroupCurrentMemberAssignmentValue;
        10: ShareGroupMemberMetadataKey ShareGroupMemberMetadataValue;
        11: ShareGroupMetadataKey ShareGroupMetadataValue;
        12: ShareGroupTargetAssignmentMetadataKey ShareGroupTargetAssignmentMetadataValue;
        13: ShareGroupTargetAssignmentMemberKey ShareGroupTargetAssignmentMemberValue;
        14: ShareGroupCurrentMemberAssignmentKey ShareGroupCurrentMemberAssignmentValue;
        15: ShareGroupStatePartitionMetadataKey ShareGroupStatePartitionMetadataValue;
        16: ConsumerGroupRegularExpressionKey ConsumerGroupRegularExpressionValue;
        17: StreamsGroupMetadataKey StreamsGroupMetadataValue;
        19: StreamsGroupMemberMetadataKey StreamsGroupMemberMetadataValue;
        20: StreamsGroupTargetAssignmentMetadataKey StreamsGroupTargetAssignmentMetadataValue;
        21: StreamsGroupTargetAssignmentMemberKey StreamsGroupTargetAssignmentMemberValue;
        22: StreamsGroupCurrentMemberAssignmentKey StreamsGroupCurrentMemberAssignmentValue;
        23: StreamsGroupTopologyKey StreamsGroupTopologyValue;
    };
    kinds.push(Kind { number: 2, key: read::<GroupMetadataKey>, value: read_classic_group });
    let key = read::<ConsumerGroupMemberMetadataKey>;
    kinds.push(Kind { number: 5, key, value: read_consumer_group_member });
    kinds
}

/// What stands in `__transaction_state`.
pub(super) fn transactions() -> Vec<Kind> {
    kinds! { 0: TransactionLogKey TransactionLogValue; }
}

/// What stands in `__share_group_state`.
pub(super) fn share_group_state() -> Vec<Kind> {
    kinds! {
        0: ShareSnapshotKey ShareSnapshotValue;
        1: ShareUpdateKey ShareUpdateValue;
    }
}

/// A record of one of these kinds, in the words of the script.
pub(super) fn decode(kinds: &[Kind], record: &Record<'_>) -> Decoded {
    let Some(key) = record.key else {
        let wrong = "the record has no key, which every record of this topic has".to_owned();
        return Decoded { wrong: Some(wrong), ..Decoded::default() };
    };
    let offset = record.offset;
    let shown = key_as_json(kinds, key).and_then(|(kind, key)| {
        Ok((kind.number, key, record.value.map(|value| value_as_json(kind, value)).transpose()?))
    });
    match shown {
        Ok((number, key, value)) => Decoded {
            key: Some(JavaJson(json!({"type": number.to_string(), "data": key})).to_string()),
            payload: Some(value.map_or("<DELETE>".to_owned(), |value| JavaJson(value).to_string())),
            wrong: None,
        },
        Err(Unreadable::UnknownKind(number)) => Decoded {
            key: Some(format!("Unknown record type {number} at offset {offset}, skipping.")),
            ..Decoded::default()
        },
        Err(Unreadable::Message(error)) => Decoded {
            key: Some(format!("Error at offset {offset}, skipping. {error}")),
            payload: None,
            wrong: Some(error.to_string()),
        },
    }
}

/// Why a record cannot be shown.
enum Unreadable {
    /// A newer Kafka may know it.
    UnknownKind(i16),
    Message(DecodeError),
}

impl From<DecodeError> for Unreadable {
    fn from(error: DecodeError) -> Self {
        Self::Message(error)
    }
}

fn key_as_json<'a>(kinds: &'a [Kind], key: &[u8]) -> Result<(&'a Kind, Value), Unreadable> {
    let (number, mut message) = split_number(key)?;
    let kind = kinds.iter().find(|kind| kind.number == number);
    let kind = kind.ok_or(Unreadable::UnknownKind(number))?;
    Ok((kind, (kind.key)(&mut message, KEY_VERSION)?))
}

fn value_as_json(kind: &Kind, value: &[u8]) -> Result<Value, DecodeError> {
    let (version, mut message) = split_number(value)?;
    let data = (kind.value)(&mut message, version)?;
    Ok(json!({"version": version.to_string(), "data": data}))
}

/// The number at the start, and what follows it.
fn split_number(bytes: &[u8]) -> Result<(i16, Reader), DecodeError> {
    let (number, message) =
        bytes.split_first_chunk().ok_or(DecodeError::Truncated { needed: 2, left: bytes.len() })?;
    Ok((i16::from_be_bytes(*number), Reader::new(Bytes::copy_from_slice(message))))
}

fn read<M: Message + ToJson>(reader: &mut Reader, version: i16) -> Result<Value, DecodeError> {
    Ok(M::decode(reader, version)?.to_json(version))
}

/// A member of a consumer group. Kafka takes null for something else than the default in the one
/// tagged field that is a struct, and shows it.
fn read_consumer_group_member(reader: &mut Reader, version: i16) -> Result<Value, DecodeError> {
    let mut json = read::<ConsumerGroupMemberMetadataValue>(reader, version)?;
    if let Some(fields) = json.as_object_mut() {
        fields.entry("classicMemberMetadata").or_insert(Value::Null);
    }
    Ok(json)
}

/// A classic group. What its members said to each other stands in it as bytes, of which those of
/// consumers are known.
fn read_classic_group(reader: &mut Reader, version: i16) -> Result<Value, DecodeError> {
    let group = GroupMetadataValue::decode(reader, version)?;
    let mut json = group.to_json(version);
    if group.protocol_type == "consumer"
        && let Some(members) = json.get_mut("members").and_then(Value::as_array_mut)
    {
        for (member, shown) in group.members.iter().zip(members) {
            put_protocol::<ConsumerProtocolSubscription>(
                shown,
                "subscription",
                &member.subscription,
            );
            put_protocol::<ConsumerProtocolAssignment>(shown, "assignment", &member.assignment);
        }
    }
    Ok(json)
}

/// Shows a field as a message, if that is what its bytes are.
fn put_protocol<M: Message + ToJson>(member: &mut Value, field: &str, bytes: &[u8]) {
    let message =
        split_number(bytes).and_then(|(version, mut reader)| read::<M>(&mut reader, version));
    if let (Some(shown), Ok(message)) = (member.get_mut(field), message) {
        *shown = message;
    }
}
