//! CreateTopics 2-7: create topics with partitions and configs.
//!
//! - Version 4 takes -1 for the broker's defaults, 5 answers with the effective configs, 7 with the
//!   topic's id.
//! - Each topic succeeds or fails by itself; those that succeed are durable before the answer.
//! - A name twice in one request is refused, as Kafka's controller does.

use std::collections::{BTreeMap, HashMap};

use super::super::catalog::{NewTopic, Refusal, Topic};
use super::super::context::{Caller, Context};
use crate::config::describe::describe_topic;
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_topics::*;

/// Creates the topics, or only checks them.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    let mut times = HashMap::new();
    for topic in &request.topics {
        *times.entry(topic.name.clone()).or_insert(0) += 1;
    }
    let mut topics = Vec::new();
    let mut wishes = Vec::new();
    for topic in request.topics {
        let name = topic.name.clone();
        match times.remove(&name) {
            Some(1) => match wish(topic) {
                Ok(wish) => wishes.push(wish),
                Err(refusal) => topics.push(refused(name, refusal)),
            },
            Some(_) => topics.push(refused(
                name,
                Refusal::new(ErrorCode::INVALID_REQUEST, "Duplicate topic name."),
            )),
            None => {}
        }
    }
    let asked = wishes.clone();
    let outcomes = if request.validate_only {
        Ok(context.check_topics(&wishes))
    } else {
        context.create_topics(wishes).await
    };
    match outcomes {
        Ok(outcomes) => {
            topics.extend(asked.into_iter().zip(outcomes).map(|(wish, outcome)| match outcome {
                Ok(topic) => created(context, &wish, &topic),
                Err(refusal) => refused(wish.name, refusal),
            }));
        }
        Err(error) => {
            let refusal = Refusal::from(error);
            topics.extend(asked.into_iter().map(|wish| refused(wish.name, refusal.clone())));
        }
    }
    CreateTopicsResponse { topics, ..CreateTopicsResponse::default() }
}

fn wish(topic: CreatableTopic) -> Result<NewTopic, Refusal> {
    let mut configs = BTreeMap::new();
    for config in topic.configs {
        let Some(value) = config.value else {
            return Err(Refusal::new(
                ErrorCode::INVALID_CONFIG,
                format!("Null value not supported for topic configs: {}", config.name),
            ));
        };
        configs.insert(config.name, value);
    }
    Ok(NewTopic {
        name: topic.name,
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: topic
            .assignments
            .into_iter()
            .map(|assignment| (assignment.partition_index, assignment.broker_ids))
            .collect(),
        configs,
    })
}

fn refused(name: String, refusal: Refusal) -> CreatableTopicResult {
    CreatableTopicResult {
        name,
        error_code: refusal.code,
        error_message: Some(refusal.message),
        ..CreatableTopicResult::default()
    }
}

fn created(context: &Context, wish: &NewTopic, topic: &Topic) -> CreatableTopicResult {
    // The configs were checked before the topic was created.
    let configs = describe_topic(&context.config(), &wish.configs).unwrap_or_default();
    let configs = configs.into_iter().map(|config| CreatableTopicConfigs {
        name: config.name.to_owned(),
        value: config.value,
        read_only: config.read_only,
        config_source: config.source.id(),
        is_sensitive: config.is_sensitive,
    });
    CreatableTopicResult {
        name: wish.name.clone(),
        topic_id: topic.id,
        num_partitions: topic.partitions.len() as i32,
        replication_factor: topic.partitions.first().map_or(-1, |p| p.replicas.len() as i16),
        configs: Some(configs.collect()),
        ..CreatableTopicResult::default()
    }
}
