//! DescribeCluster: brokers and controller of the cluster (KIP-700).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks which brokers make up the cluster.
    message DescribeClusterRequest [0..=2, flexible 0] {
        include_cluster_authorized_operations: bool [0..],
        endpoint_type: i8 [1.., default(1)],
        include_fenced_brokers: bool [2..],
    }
}

message! {
    /// Answers [`DescribeClusterRequest`].
    message DescribeClusterResponse [0..=2, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        endpoint_type: i8 [1.., default(1)],
        cluster_id: String [0..],
        controller_id: i32 [0.., default(-1)],
        brokers: Vec<DescribeClusterBroker> [0..],
        cluster_authorized_operations: i32 [0.., default(i32::MIN)],
    }

    /// `brokers` of [`DescribeClusterResponse`].
    struct DescribeClusterBroker {
        broker_id: i32 [0..],
        host: String [0..],
        port: i32 [0..],
        rack: Option<String> [0.., nullable(0..)],
        is_fenced: bool [2..],
    }
}
