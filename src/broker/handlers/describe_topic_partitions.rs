//! DescribeTopicPartitions 0: topics and partitions, page by page (KIP-966).
//!
//! Topics come sorted by name; an empty list asks for all. A page ends at the smaller of the
//! client's and the broker's limit, with a cursor that says where the next one starts.

use super::super::access::TOPIC_OPERATIONS;
use super::super::catalog::{PartitionState, Topic, check_topic_name, is_internal};
use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_topic_partitions::*;

/// Most partitions in one answer, Kafka's `max.request.partition.size.limit`.
const MAX_PARTITIONS: usize = 2000;

/// Answers with a page.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = context.catalog.image();
    let start = request.cursor.unwrap_or_default();
    let mut names: Vec<String> = match request.topics.is_empty() {
        true => image.topics().map(|topic| topic.name.to_string()).collect(),
        false => request.topics.into_iter().map(|topic| topic.name).collect(),
    };
    names.sort();
    names.dedup();
    names.retain(|name| *name >= start.topic_name);

    let limit = usize::try_from(request.response_partition_limit).unwrap_or(0);
    let mut left = limit.clamp(1, MAX_PARTITIONS);
    let mut response = DescribeTopicPartitionsResponse::default();
    for name in names {
        let first = match name == start.topic_name {
            true => usize::try_from(start.partition_index).unwrap_or(0),
            false => 0,
        };
        let Some(topic) = image.topic(&name) else {
            response.topics.push(missing(name));
            continue;
        };
        if left == 0 {
            response.next_cursor = Some(Cursor { topic_name: name, partition_index: 0 });
            break;
        }
        let described = describe(context, topic, first, left);
        let next = first + described.partitions.len();
        left -= described.partitions.len();
        response.topics.push(described);
        if next < topic.partitions.len() {
            response.next_cursor = Some(Cursor { topic_name: name, partition_index: next as i32 });
            break;
        }
    }
    response
}

fn missing(name: String) -> DescribeTopicPartitionsResponseTopic {
    let error_code = match check_topic_name(&name) {
        Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        Err(refusal) => refusal.code,
    };
    DescribeTopicPartitionsResponseTopic { error_code, name: Some(name), ..Default::default() }
}

fn describe(
    context: &Context,
    topic: &Topic,
    first: usize,
    most: usize,
) -> DescribeTopicPartitionsResponseTopic {
    let states = context.partitions.states(topic).skip(first).take(most);
    DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::NONE,
        name: Some(topic.name.to_string()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: states.map(describe_partition).collect(),
        topic_authorized_operations: TOPIC_OPERATIONS,
    }
}

fn describe_partition(
    (index, state): (i32, PartitionState),
) -> DescribeTopicPartitionsResponsePartition {
    DescribeTopicPartitionsResponsePartition {
        error_code: state.error_code(),
        partition_index: index,
        leader_id: state.leader,
        leader_epoch: state.leader_epoch,
        offline_replicas: state.offline_replicas(),
        replica_nodes: state.replicas,
        isr_nodes: state.isr,
        eligible_leader_replicas: Some(Vec::new()),
        last_known_elr: Some(Vec::new()),
    }
}
