//! Control records: transaction markers, and what KRaft writes about itself.

use bytes::Bytes;

use super::java::JavaJson;
use crate::wire::codec::DecodeError;
use crate::wire::json::ToJson;
use crate::wire::messages::control_records::{
    KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord, SnapshotHeaderRecord,
    VotersRecord,
};
use crate::wire::records::{ControlError, ControlRecordType, EndTransactionMarker, Record};
use crate::wire::schema::Message;

/// Why the value of a control record is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidControl {
    #[error(transparent)]
    Record(#[from] ControlError),
    #[error("control record of type {kind}: {reason}")]
    Value { kind: i16, reason: DecodeError },
}

/// What a control record says, in the words of the script.
pub(super) fn text(record: &Record<'_>) -> Result<String, InvalidControl> {
    if let Some(marker) = EndTransactionMarker::parse(record)? {
        let kind = if marker.committed { "COMMIT" } else { "ABORT" };
        let epoch = marker.coordinator_epoch;
        return Ok(format!(" endTxnMarker: {kind} coordinatorEpoch: {epoch}"));
    }
    let ControlRecordType::Other(kind) = ControlRecordType::parse(record.key)? else {
        return Ok(String::new());
    };
    let value = Bytes::copy_from_slice(record.value.unwrap_or_default());
    let text = match kind {
        2 => json::<LeaderChangeMessage>(value).map(|json| format!(" LeaderChange: {json}")),
        3 => json::<SnapshotHeaderRecord>(value).map(|json| format!(" SnapshotHeader {json}")),
        4 => json::<SnapshotFooterRecord>(value).map(|json| format!(" SnapshotFooter {json}")),
        5 => json::<KRaftVersionRecord>(value).map(|json| format!(" KRaftVersion {json}")),
        6 => json::<VotersRecord>(value).map(|json| format!(" KRaftVoters {json}")),
        _ => Ok(format!(" controlType: UNKNOWN({kind})")),
    };
    text.map_err(|reason| InvalidControl::Value { kind, reason })
}

/// The version stands in the first field, and is at the same time that of the message.
fn json<M: Message + ToJson>(value: Bytes) -> Result<JavaJson, DecodeError> {
    let version = value.first_chunk().copied().map_or(-1, i16::from_be_bytes);
    Ok(JavaJson(M::from_bytes(value, version)?.to_json(version)))
}
