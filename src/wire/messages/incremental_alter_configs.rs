//! IncrementalAlterConfigs: change single configs of a resource (KIP-339).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Sets, deletes, appends to or subtracts from single configs.
    message IncrementalAlterConfigsRequest [0..=1, flexible 1] {
        resources: Vec<AlterConfigsResource> [0..],
        validate_only: bool [0..],
    }

    /// `resources` of [`IncrementalAlterConfigsRequest`].
    struct AlterConfigsResource {
        resource_type: i8 [0..],
        resource_name: String [0..],
        configs: Vec<AlterableConfig> [0..],
    }

    /// `configs` of [`AlterConfigsResource`].
    struct AlterableConfig {
        name: String [0..],
        config_operation: i8 [0..],
        value: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`IncrementalAlterConfigsRequest`].
    message IncrementalAlterConfigsResponse [0..=1, flexible 1] {
        throttle_time_ms: i32 [0..],
        responses: Vec<AlterConfigsResourceResponse> [0..],
    }

    /// `responses` of [`IncrementalAlterConfigsResponse`].
    struct AlterConfigsResourceResponse {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        resource_type: i8 [0..],
        resource_name: String [0..],
    }
}
