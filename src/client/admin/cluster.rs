//! The cluster as a whole.

use crate::client::cluster::{Broker, Cluster};
use crate::client::error::ClientError;

/// What a cluster is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDescription {
    /// The cluster's id, where it has one.
    pub cluster_id: Option<String>,
    /// Node id of the broker that takes changes; `None` while there is none.
    pub controller_id: Option<i32>,
    /// All brokers that are alive, by node id.
    pub brokers: Vec<Broker>,
}

/// Describes the cluster.
pub async fn describe_cluster(cluster: &Cluster) -> Result<ClusterDescription, ClientError> {
    let metadata = cluster.metadata(Some(&[])).await?;
    let mut brokers: Vec<Broker> = metadata.brokers.iter().map(Broker::from).collect();
    brokers.sort_unstable_by_key(|broker| broker.node_id);
    Ok(ClusterDescription {
        cluster_id: metadata.cluster_id,
        controller_id: Some(metadata.controller_id).filter(|id| *id >= 0),
        brokers,
    })
}
