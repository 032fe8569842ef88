//! DescribeAcls: list access rules.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Lists the access rules that match a filter.
    message DescribeAclsRequest [1..=3, flexible 2] {
        resource_type_filter: i8 [0..],
        resource_name_filter: Option<String> [0.., nullable(0..)],
        pattern_type_filter: i8 [1.., default(3)],
        principal_filter: Option<String> [0.., nullable(0..)],
        host_filter: Option<String> [0.., nullable(0..)],
        operation: i8 [0..],
        permission_type: i8 [0..],
    }
}

message! {
    /// Answers [`DescribeAclsRequest`].
    message DescribeAclsResponse [1..=3, flexible 2] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        resources: Vec<DescribeAclsResource> [0..],
    }

    /// `resources` of [`DescribeAclsResponse`].
    struct DescribeAclsResource {
        resource_type: i8 [0..],
        resource_name: String [0..],
        pattern_type: i8 [1.., default(3)],
        acls: Vec<AclDescription> [0..],
    }

    /// `acls` of [`DescribeAclsResource`].
    struct AclDescription {
        principal: String [0..],
        host: String [0..],
        operation: i8 [0..],
        permission_type: i8 [0..],
    }
}
