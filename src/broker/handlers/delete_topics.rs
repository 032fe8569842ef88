//! DeleteTopics 1-6: delete topics by name, from version 6 on also by id.

use super::super::catalog::{MetadataRecord, Refusal, Topic};
use super::super::context::{Caller, Context};
use crate::base::uuid::Uuid;
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_topics::*;
use crate::wire::messages::metadata_log::RemoveTopicRecord;

/// Deletes the topics; each succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let by_name = |name| DeleteTopicState { name: Some(name), topic_id: Uuid::ZERO };
    let mut wishes = request.topics;
    wishes.extend(request.topic_names.into_iter().map(by_name));
    let mut responses = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let outcome = delete(context, caller, &wish).await;
        responses.push(match outcome {
            Ok((name, topic_id)) => DeletableTopicResult {
                name: Some(name),
                topic_id,
                ..DeletableTopicResult::default()
            },
            Err(refusal) => DeletableTopicResult {
                name: wish.name.or_else(|| (caller.api_version < 6).then(String::new)),
                topic_id: wish.topic_id,
                error_code: refusal.code,
                error_message: Some(refusal.message),
            },
        });
    }
    DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() }
}

async fn delete(
    context: &Context,
    caller: &Caller,
    wish: &DeleteTopicState,
) -> Result<(String, Uuid), Refusal> {
    if !context.config().delete_topic_enable {
        let code = match caller.api_version {
            ..3 => ErrorCode::INVALID_REQUEST,
            3.. => ErrorCode::TOPIC_DELETION_DISABLED,
        };
        return Err(Refusal::new(code, "Topic deletion is disabled."));
    }
    let decided = context.change_metadata(|image| {
        let topic = match (&wish.name, wish.topic_id) {
            (Some(_), id) if id != Uuid::ZERO => Err(Refusal::new(
                ErrorCode::INVALID_REQUEST,
                "A topic is named either by name or by id, not by both.",
            )),
            (None, Uuid::ZERO) => Err(Refusal::new(
                ErrorCode::INVALID_REQUEST,
                "Neither topic name nor id were specified.",
            )),
            (Some(name), _) => image.topic(name).cloned().ok_or_else(|| {
                Refusal::new(
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    "This server does not host this topic-partition.",
                )
            }),
            (None, id) => image.topic_by_id(id).cloned().ok_or_else(|| {
                Refusal::new(
                    ErrorCode::UNKNOWN_TOPIC_ID,
                    "This server does not host this topic ID.",
                )
            }),
        };
        let remove = |topic: &std::sync::Arc<Topic>| {
            MetadataRecord::from(RemoveTopicRecord { topic_id: topic.id })
        };
        (topic.iter().map(remove).collect(), topic)
    });
    let topic = decided.await.map_err(Refusal::from)??;
    context.groups.forget_topic(topic.name.to_string()).await;
    Ok((topic.name.to_string(), topic.id))
}
