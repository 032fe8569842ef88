//! CreatePartitions 0-3: add partitions to topics.

use super::super::catalog::{Refusal, plan_partitions};
use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_partitions::*;

/// Raises the topics' partitions, or only checks whether it could.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut results: Vec<CreatePartitionsTopicResult> = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let outcome = if results.iter().any(|result| result.name == topic.name) {
            Err(Refusal::new(ErrorCode::INVALID_REQUEST, "Duplicate topic name."))
        } else {
            add(context, &topic, request.validate_only).await
        };
        let (error_code, error_message) = match outcome {
            Ok(()) => (ErrorCode::NONE, None),
            Err(refusal) => (refusal.code, Some(refusal.message)),
        };
        results.push(CreatePartitionsTopicResult { name: topic.name, error_code, error_message });
    }
    CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() }
}

async fn add(
    context: &Context,
    wish: &CreatePartitionsTopic,
    validate_only: bool,
) -> Result<(), Refusal> {
    let assignments: Option<Vec<Vec<i32>>> = wish.assignments.as_ref().map(|assignments| {
        assignments.iter().map(|assignment| assignment.broker_ids.clone()).collect()
    });
    let decided = context.change_metadata(|image| {
        let plan = image
            .topic(&wish.name)
            .ok_or_else(|| {
                Refusal::new(
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    "This server does not host this topic-partition.",
                )
            })
            .and_then(|topic| {
                plan_partitions(topic, wish.count, assignments.as_deref(), context.node_id)
            });
        match plan {
            Ok(records) if !validate_only => (records, Ok(())),
            Ok(_) => (Vec::new(), Ok(())),
            Err(refusal) => (Vec::new(), Err(refusal)),
        }
    });
    decided.await.map_err(Refusal::from)?
}
