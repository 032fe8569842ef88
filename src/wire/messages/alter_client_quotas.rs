//! AlterClientQuotas: change quotas (KIP-546).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Changes quotas of users, clients and addresses.
    message AlterClientQuotasRequest [0..=1, flexible 1] {
        entries: Vec<EntryData> [0..],
        validate_only: bool [0..],
    }

    /// `entries` of [`AlterClientQuotasRequest`].
    struct EntryData {
        entity: Vec<EntityData> [0..],
        ops: Vec<OpData> [0..],
    }

    /// `ops` of [`EntryData`].
    struct OpData {
        key: String [0..],
        value: f64 [0..],
        remove: bool [0..],
    }

    /// `entity` of [`EntryData`].
    struct EntityData {
        entity_type: String [0..],
        entity_name: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`AlterClientQuotasRequest`].
    message AlterClientQuotasResponse [0..=1, flexible 1] {
        throttle_time_ms: i32 [0..],
        entries: Vec<ResponseEntryData> [0..],
    }

    /// `entries` of [`AlterClientQuotasResponse`].
    struct ResponseEntryData {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        entity: Vec<EntityData> [0..],
    }
}
