//! Whether a topic can be written to: asked before the first line is read, so that a misspelt name
//! or a missing right costs no input.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cli::error::CliError;
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponseTopic,
};

/// A cluster that creates topics when asked for them does so faster.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until a topic exists and has leaders; the cluster may create it.
///
/// # Errors
/// The cluster refuses, or there is no such topic within `bound` (ten seconds at most).
pub(super) async fn wait_for(
    cluster: &Cluster,
    topic: &str,
    bound: Duration,
) -> anyhow::Result<()> {
    let bound = bound.min(LONGEST_WAIT);
    let deadline = Instant::now() + bound;
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some(topic.to_owned()),
            ..Default::default()
        }]),
        allow_auto_topic_creation: true,
        ..Default::default()
    };
    loop {
        let response = cluster.metadata_request(&request).await?;
        let answer = response.topics.first();
        let code = answer.map_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, |topic| topic.error_code);
        match code {
            ErrorCode::NONE if answer.is_some_and(has_leader) => return Ok(()),
            code if code.is_error() && !code.is_retriable() => {
                let refused = ClientError::Refused { code, message: None };
                return Err(anyhow::Error::from(refused).context(format!("topic {topic}")));
            }
            code if Instant::now() + PAUSE > deadline => return Err(absent(topic, code, bound)),
            _ => sleep(PAUSE).await,
        }
    }
}

fn has_leader(topic: &MetadataResponseTopic) -> bool {
    topic.partitions.iter().any(|partition| partition.leader_id >= 0)
}

fn absent(topic: &str, code: ErrorCode, bound: Duration) -> anyhow::Error {
    let bound_ms = bound.as_millis();
    if code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION {
        CliError::failed(format!("topic {topic} does not exist, not even after {bound_ms} ms"))
            .hint(format!("kf topics --create --topic {topic}"))
            .into()
    } else {
        CliError::failed(format!("topic {topic} has no leader after {bound_ms} ms")).into()
    }
}
