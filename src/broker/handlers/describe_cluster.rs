//! DescribeCluster 0-2: brokers and controller of the cluster (KIP-700).

use super::super::access::{CLUSTER_OPERATIONS, authorized};
use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_cluster::*;

/// Endpoints that brokers offer to clients, as against those of controllers (KIP-919).
const BROKER_ENDPOINTS: i8 = 1;

/// Answers with this broker.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    if request.endpoint_type != BROKER_ENDPOINTS {
        return DescribeClusterResponse {
            error_code: ErrorCode::MISMATCHED_ENDPOINT_TYPE,
            error_message: Some(format!(
                "The request asked for endpoints of type {}, but this is a broker's listener.",
                request.endpoint_type
            )),
            ..DescribeClusterResponse::default()
        };
    }
    let (host, port) = context.endpoint(caller);
    DescribeClusterResponse {
        cluster_id: context.cluster_id.clone(),
        controller_id: context.node_id,
        brokers: vec![DescribeClusterBroker {
            broker_id: context.node_id,
            host,
            port,
            rack: context.config().broker_rack.clone(),
            is_fenced: false,
        }],
        cluster_authorized_operations: authorized(
            request.include_cluster_authorized_operations,
            CLUSTER_OPERATIONS,
        ),
        ..DescribeClusterResponse::default()
    }
}
