//! Metadata 0-13: brokers, topics, partitions and their leaders.
//!
//! - Version 0 asks for all topics with an empty list; from version 1 on null means all and an
//!   empty list none.
//! - A topic that does not exist is created if broker and request allow it, and is there in the
//!   answer: consuming before producing works, which on KRaft it does not at first.
//! - Version 7 adds leader epochs, 8 authorized operations, 10 topic ids in answers, 12 in
//!   questions.
//! - The broker's address is the one that the client came in on, unless it is told otherwise.

use std::collections::HashSet;

use super::super::access::{CLUSTER_OPERATIONS, TOPIC_OPERATIONS, authorized};
use super::super::catalog::{
    Image, NewTopic, PartitionState, Topic, check_topic_name, is_internal,
};
use super::super::context::{Caller, Context};
use crate::base::uuid::Uuid;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata::*;

/// Answers with the cluster and the topics asked for, creating those that may be created.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: MetadataRequest,
) -> MetadataResponse {
    let asked = request.include_topic_authorized_operations;
    let topics = match asked_for(&request, caller.api_version) {
        None => {
            let image = context.catalog.image();
            image.topics().map(|topic| describe(context, topic, asked)).collect()
        }
        Some(topics) => {
            create_missing(context, &topics, request.allow_auto_topic_creation).await;
            let image = context.catalog.image();
            let answer =
                |topic: &&MetadataRequestTopic| answer(context, &image, caller, topic, asked);
            topics.iter().map(answer).collect()
        }
    };
    let (host, port) = context.endpoint(caller);
    MetadataResponse {
        brokers: vec![MetadataResponseBroker {
            node_id: context.node_id,
            host,
            port,
            rack: context.config().broker_rack.clone(),
        }],
        cluster_id: Some(context.cluster_id.clone()),
        controller_id: context.node_id,
        topics,
        cluster_authorized_operations: authorized(
            request.include_cluster_authorized_operations,
            CLUSTER_OPERATIONS,
        ),
        ..MetadataResponse::default()
    }
}

/// The topics asked for, each once; `None` for all.
fn asked_for(request: &MetadataRequest, version: i16) -> Option<Vec<&MetadataRequestTopic>> {
    let topics = request.topics.as_ref()?;
    if version == 0 && topics.is_empty() {
        return None;
    }
    let mut seen = HashSet::new();
    Some(topics.iter().filter(|topic| seen.insert((&topic.name, topic.topic_id))).collect())
}

async fn create_missing(context: &Context, topics: &[&MetadataRequestTopic], allowed: bool) {
    if !allowed || !context.config().auto_create_topics_enable {
        return;
    }
    let image = context.catalog.image();
    let missing: Vec<NewTopic> = topics
        .iter()
        .filter_map(|topic| topic.name.as_deref())
        .filter(|name| image.topic(name).is_none())
        .map(|name| context.new_topic(name))
        .collect();
    if missing.is_empty() {
        return;
    }
    // What could not be created is missing in the answer too, with its error code.
    if let Err(error) = context.create_topics(missing).await {
        tracing::error!(%error, "topics could not be created");
    }
}

fn answer(
    context: &Context,
    image: &Image,
    caller: &Caller,
    asked: &MetadataRequestTopic,
    operations: bool,
) -> MetadataResponseTopic {
    let found = match &asked.name {
        Some(name) => image.topic(name),
        None => image.topic_by_id(asked.topic_id),
    };
    match found {
        Some(topic) => describe(context, topic, operations),
        None => MetadataResponseTopic {
            error_code: missing_code(asked),
            // Versions before 12 cannot say that there is no name.
            name: match &asked.name {
                None if caller.api_version < 12 => Some(String::new()),
                name => name.clone(),
            },
            topic_id: asked.topic_id,
            is_internal: asked.name.as_deref().is_some_and(is_internal),
            ..MetadataResponseTopic::default()
        },
    }
}

fn missing_code(asked: &MetadataRequestTopic) -> ErrorCode {
    match &asked.name {
        Some(name) if check_topic_name(name).is_err() => ErrorCode::INVALID_TOPIC_EXCEPTION,
        None if asked.topic_id != Uuid::ZERO => ErrorCode::UNKNOWN_TOPIC_ID,
        _ => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    }
}

fn describe(context: &Context, topic: &Topic, operations: bool) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: ErrorCode::NONE,
        name: Some(topic.name.to_string()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: context.partitions.states(topic).map(describe_partition).collect(),
        topic_authorized_operations: authorized(operations, TOPIC_OPERATIONS),
    }
}

fn describe_partition((index, state): (i32, PartitionState)) -> MetadataResponsePartition {
    MetadataResponsePartition {
        error_code: state.error_code(),
        partition_index: index,
        leader_id: state.leader,
        leader_epoch: state.leader_epoch,
        offline_replicas: state.offline_replicas(),
        replica_nodes: state.replicas,
        isr_nodes: state.isr,
    }
}
