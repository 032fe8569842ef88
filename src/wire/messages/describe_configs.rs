//! DescribeConfigs: read configs and where their values come from.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks for the configs of topics, brokers and other resources.
    message DescribeConfigsRequest [1..=4, flexible 4] {
        resources: Vec<DescribeConfigsResource> [0..],
        include_synonyms: bool [1..],
        include_documentation: bool [3..],
    }

    /// `resources` of [`DescribeConfigsRequest`].
    struct DescribeConfigsResource {
        resource_type: i8 [0..],
        resource_name: String [0..],
        configuration_keys: Option<Vec<String>> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`DescribeConfigsRequest`].
    message DescribeConfigsResponse [1..=4, flexible 4] {
        throttle_time_ms: i32 [0..],
        results: Vec<DescribeConfigsResult> [0..],
    }

    /// `results` of [`DescribeConfigsResponse`].
    struct DescribeConfigsResult {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        resource_type: i8 [0..],
        resource_name: String [0..],
        configs: Vec<DescribeConfigsResourceResult> [0..],
    }

    /// `configs` of [`DescribeConfigsResult`].
    struct DescribeConfigsResourceResult {
        name: String [0..],
        value: Option<String> [0.., nullable(0..)],
        read_only: bool [0..],
        config_source: i8 [1.., default(-1), ignorable],
        is_sensitive: bool [0..],
        synonyms: Vec<DescribeConfigsSynonym> [1.., ignorable],
        config_type: i8 [3.., ignorable],
        documentation: Option<String> [3.., nullable(0..), ignorable],
    }

    /// `synonyms` of [`DescribeConfigsResourceResult`].
    struct DescribeConfigsSynonym {
        name: String [1..],
        value: Option<String> [1.., nullable(0..)],
        source: i8 [1..],
    }
}
