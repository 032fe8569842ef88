//! Which partitions are read: looking up topics and their leaders.

use regex::Regex;
use tokio::time::Instant;

use super::positions::{Next, StartAt};
use super::{FetchEvent, Fetcher, Position};
use crate::client::error::ClientError;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic,
};

/// The topics that are read.
#[derive(Clone, Debug)]
pub enum TopicSelection {
    /// One topic, which the cluster may create when it is asked for.
    Topic {
        /// Its name.
        name: String,
        /// Only this partition.
        partition: Option<i32>,
        /// Whether asking for the topic may create it.
        auto_create: bool,
    },
    /// All topics whose whole name matches, internal ones left out; new ones as they appear.
    Matching(Regex),
}

impl TopicSelection {
    /// The question about these topics and their leaders.
    pub fn metadata_request(&self) -> MetadataRequest {
        match self {
            Self::Topic { name, auto_create, .. } => MetadataRequest {
                topics: Some(vec![MetadataRequestTopic {
                    name: Some(name.clone()),
                    ..Default::default()
                }]),
                allow_auto_topic_creation: *auto_create,
                ..Default::default()
            },
            Self::Matching(_) => MetadataRequest {
                topics: None,
                allow_auto_topic_creation: false,
                ..Default::default()
            },
        }
    }

    fn has_topic(&self, topic: &MetadataResponseTopic) -> bool {
        let name = topic.name.as_deref().unwrap_or_default();
        match self {
            Self::Topic { name: wanted, .. } => name == wanted,
            Self::Matching(pattern) => !topic.is_internal && pattern.is_match(name),
        }
    }

    fn has_partition(&self, index: i32) -> bool {
        match self {
            Self::Topic { partition: Some(wanted), .. } => index == *wanted,
            _ => true,
        }
    }
}

impl Fetcher {
    /// Looks up topics, partitions and leaders, and sets the time of the next lookup.
    pub(super) async fn refresh(&mut self) -> Result<(), ClientError> {
        let response: MetadataResponse =
            self.cluster.metadata_request(&self.selection.metadata_request()).await?;
        self.refresh_at = Instant::now() + self.options.metadata_max_age;
        for topic in response.topics {
            if self.selection.has_topic(&topic) {
                self.take_topic(topic)?;
            }
        }
        self.started = true;
        if self.topics.values().flat_map(|all| all.values()).any(|known| known.leader.is_none()) {
            self.refresh_soon();
        }
        Ok(())
    }

    fn take_topic(&mut self, topic: MetadataResponseTopic) -> Result<(), ClientError> {
        let name = topic.name.unwrap_or_default();
        match topic.error_code {
            ErrorCode::NONE => {}
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => {
                if self.missing.insert(name.clone()) {
                    self.events.push_back(FetchEvent::TopicMissing(name));
                }
                self.refresh_soon();
                return Ok(());
            }
            code if code.is_retriable() => {
                self.refresh_soon();
                return Ok(());
            }
            code => return Err(refused(code, format!("topic {name}"))),
        }
        let appeared_late = self.missing.remove(&name)
            || self.topics.contains_key(&name)
            || (self.started && matches!(self.selection, TopicSelection::Matching(_)));
        let start_at = match self.options.start_at {
            StartAt::Latest if appeared_late => StartAt::Earliest,
            start_at => start_at,
        };
        let count = topic.partitions.len();
        let known = self.topics.entry(name.clone()).or_default();
        for partition in topic.partitions {
            if self.selection.has_partition(partition.partition_index) {
                known
                    .entry(partition.partition_index)
                    .or_insert(Position { leader: None, next: Next::from(start_at) })
                    .leader = Some(partition.leader_id).filter(|id| *id >= 0);
            }
        }
        match self.selection {
            TopicSelection::Topic { partition: Some(wanted), .. } if known.is_empty() => {
                let place = format!("topic {name} has no partition {wanted} (partitions: {count})");
                Err(refused(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, place))
            }
            _ => Ok(()),
        }
    }
}

fn refused(code: ErrorCode, message: String) -> ClientError {
    ClientError::Refused { code, message: Some(message) }
}
