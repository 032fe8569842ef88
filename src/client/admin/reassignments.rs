//! Replicas that are being moved from broker to broker.

use std::collections::BTreeMap;

use super::CHANGE_TIMEOUT_MS;
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;
use crate::client::partition::TopicPartition;
use crate::wire::messages::list_partition_reassignments::ListPartitionReassignmentsRequest;

/// The move of a partition's replicas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reassignment {
    /// All replicas while the move lasts.
    pub replicas: Vec<i32>,
    /// Those that come.
    pub adding: Vec<i32>,
    /// Those that go.
    pub removing: Vec<i32>,
}

/// All moves that are under way (KIP-455, Kafka 2.4).
pub async fn list_reassignments(
    cluster: &Cluster,
) -> Result<BTreeMap<TopicPartition, Reassignment>, ClientError> {
    let request = ListPartitionReassignmentsRequest { timeout_ms: CHANGE_TIMEOUT_MS, topics: None };
    let response = cluster
        .at_controller(async |connection| {
            let response = connection.request(&request).await?;
            ClientError::check(response.error_code, response.error_message.clone())?;
            Ok(response)
        })
        .await?;
    let mut moves = BTreeMap::new();
    for topic in response.topics {
        for partition in topic.partitions {
            let name = TopicPartition::new(&*topic.name, partition.partition_index);
            let reassignment = Reassignment {
                replicas: partition.replicas,
                adding: partition.adding_replicas,
                removing: partition.removing_replicas,
            };
            moves.insert(name, reassignment);
        }
    }
    Ok(moves)
}
