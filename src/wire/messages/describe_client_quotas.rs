//! DescribeClientQuotas: read quotas (KIP-546).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Lists the quotas that match a filter.
    message DescribeClientQuotasRequest [0..=1, flexible 1] {
        components: Vec<ComponentData> [0..],
        strict: bool [0..],
    }

    /// `components` of [`DescribeClientQuotasRequest`].
    struct ComponentData {
        entity_type: String [0..],
        match_type: i8 [0..],
        match_value: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`DescribeClientQuotasRequest`].
    message DescribeClientQuotasResponse [0..=1, flexible 1] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        entries: Option<Vec<EntryData>> [0.., nullable(0..)],
    }

    /// `entries` of [`DescribeClientQuotasResponse`].
    struct EntryData {
        entity: Vec<EntityData> [0..],
        values: Vec<ValueData> [0..],
    }

    /// `values` of [`EntryData`].
    struct ValueData {
        key: String [0..],
        value: f64 [0..],
    }

    /// `entity` of [`EntryData`].
    struct EntityData {
        entity_type: String [0..],
        entity_name: Option<String> [0.., nullable(0..)],
    }
}
