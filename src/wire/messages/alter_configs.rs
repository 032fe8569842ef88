//! AlterConfigs: replace all configs of a resource.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Replaces all overrides of resources; those not named are reset.
    message AlterConfigsRequest [0..=2, flexible 2] {
        resources: Vec<AlterConfigsResource> [0..],
        validate_only: bool [0..],
    }

    /// `resources` of [`AlterConfigsRequest`].
    struct AlterConfigsResource {
        resource_type: i8 [0..],
        resource_name: String [0..],
        configs: Vec<AlterableConfig> [0..],
    }

    /// `configs` of [`AlterConfigsResource`].
    struct AlterableConfig {
        name: String [0..],
        value: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`AlterConfigsRequest`].
    message AlterConfigsResponse [0..=2, flexible 2] {
        throttle_time_ms: i32 [0..],
        responses: Vec<AlterConfigsResourceResponse> [0..],
    }

    /// `responses` of [`AlterConfigsResponse`].
    struct AlterConfigsResourceResponse {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        resource_type: i8 [0..],
        resource_name: String [0..],
    }
}
