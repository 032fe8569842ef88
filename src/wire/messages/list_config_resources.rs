//! ListConfigResources: resources that have configs of their own (KIP-1142).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Lists the resources that have configs.
    message ListConfigResourcesRequest [0..=1, flexible 0] {
        resource_types: Vec<i8> [1..],
    }
}

message! {
    /// Answers [`ListConfigResourcesRequest`].
    message ListConfigResourcesResponse [0..=1, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        config_resources: Vec<ConfigResource> [0..],
    }

    /// `config_resources` of [`ListConfigResourcesResponse`].
    struct ConfigResource {
        resource_name: String [0..],
        resource_type: i8 [1.., default(16), ignorable],
    }
}
