//! A cluster as a client sees it: brokers by node id, the controller, coordinators, and one
//! connection to each broker that is needed.
//!
//! Nothing is asked before it is needed: to list topics takes one connection and one request.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;
use super::error::ClientError;
use super::retry::RetryPolicy;
use crate::config::client::ClientConfig;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use crate::wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
};

/// How to reach a cluster, and for how long to try.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// `host:port` of brokers that are asked first, in turn.
    pub bootstrap_servers: Vec<String>,
    /// What this client calls itself in the broker's logs and quotas.
    pub client_id: String,
    /// Bound on reaching a broker, with all bootstrap servers tried.
    pub connect_timeout: Duration,
    /// Bound on one answer.
    pub request_timeout: Duration,
    /// When and for how long a request that failed in passing is sent again.
    pub retry: RetryPolicy,
}

impl From<&ClientConfig> for ClusterOptions {
    fn from(config: &ClientConfig) -> Self {
        Self {
            bootstrap_servers: config.bootstrap_servers.clone(),
            client_id: config.client_id.clone(),
            connect_timeout: config.connect_timeout,
            request_timeout: config.request_timeout,
            // A broker that moves or starts is waited for as long as one that is to be reached.
            retry: RetryPolicy {
                total: config.connect_timeout,
                first_pause: Duration::from_millis(100),
                longest_pause: Duration::from_secs(1),
            },
        }
    }
}

/// A broker's node id and where it says that clients find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// The node id.
    pub node_id: i32,
    /// The advertised host.
    pub host: String,
    /// The advertised port.
    pub port: i32,
    /// The rack, where one is configured.
    pub rack: Option<String>,
}

impl Broker {
    /// Host and port in one.
    pub fn address(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl From<&MetadataResponseBroker> for Broker {
    fn from(broker: &MetadataResponseBroker) -> Self {
        Self {
            node_id: broker.node_id,
            host: broker.host.clone(),
            port: broker.port,
            rack: broker.rack.clone(),
        }
    }
}

/// What a coordinator coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum CoordinatorType {
    /// Consumer groups and their offsets.
    Group = 0,
    /// Transactional ids.
    Transaction = 1,
}

/// Connections to a cluster. Shared freely between tasks.
#[derive(Debug)]
pub struct Cluster {
    options: ClusterOptions,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Any broker: the one that answered first.
    bootstrap: Option<Arc<Connection>>,
    connections: HashMap<i32, Arc<Connection>>,
    brokers: BTreeMap<i32, Broker>,
    controller_id: Option<i32>,
}

impl State {
    fn open_connection(&self) -> Option<Arc<Connection>> {
        self.bootstrap.iter().chain(self.connections.values()).find(|c| c.is_open()).cloned()
    }

    /// The connection to a broker; that to the bootstrap server if its address is the same.
    fn open_connection_to(&self, node_id: i32, address: &str) -> Option<Arc<Connection>> {
        let bootstrap = self.bootstrap.iter().filter(|connection| connection.address() == address);
        self.connections.get(&node_id).into_iter().chain(bootstrap).find(|c| c.is_open()).cloned()
    }
}

impl Cluster {
    /// Connects to the first bootstrap server that answers.
    ///
    /// # Errors
    /// If none does within the connect timeout, what happened at each.
    pub async fn connect(options: ClusterOptions) -> Result<Arc<Self>, ClientError> {
        let cluster = Arc::new(Self { options, state: Mutex::default() });
        cluster.any().await?;
        Ok(cluster)
    }

    /// How this cluster is reached.
    pub fn options(&self) -> &ClusterOptions {
        &self.options
    }

    /// Held for moments only, never while something is waited for.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection to whichever broker answers.
    pub async fn any(&self) -> Result<Arc<Connection>, ClientError> {
        if let Some(connection) = self.state().open_connection() {
            return Ok(connection);
        }
        let connection = self.bootstrap().await?;
        self.state().bootstrap = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// Tries the bootstrap servers in turn; each may use its share of the time that is left.
    async fn bootstrap(&self) -> Result<Arc<Connection>, ClientError> {
        let deadline = Instant::now() + self.options.connect_timeout;
        let servers = &self.options.bootstrap_servers;
        let mut errors = Vec::new();
        for (index, address) in servers.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(servers.len() - index).unwrap_or(u32::MAX);
            match self.open(address, share).await {
                Ok(connection) => return Ok(connection),
                Err(error) => errors.push(error),
            }
        }
        match errors.len() {
            1 => Err(errors.remove(0)),
            _ => Err(ClientError::NoBootstrapServer(errors)),
        }
    }

    async fn open(&self, address: &str, bound: Duration) -> Result<Arc<Connection>, ClientError> {
        let options = &self.options;
        Connection::open(address, &options.client_id, bound, options.request_timeout)
            .await
            .map(Arc::new)
    }

    /// A connection to the broker of a node id.
    ///
    /// # Errors
    /// [`ClientError::AdvertisedUnreachable`] if the address that the broker advertises cannot be
    /// used; `BROKER_NOT_AVAILABLE` if the cluster does not know the node.
    pub async fn broker(&self, node_id: i32) -> Result<Arc<Connection>, ClientError> {
        if !self.state().brokers.contains_key(&node_id) {
            self.metadata(Some(&[])).await?;
        }
        let address = match self.state().brokers.get(&node_id) {
            Some(broker) => broker.address(),
            None => return Err(unknown_node(node_id)),
        };
        if let Some(connection) = self.state().open_connection_to(node_id, &address) {
            return Ok(connection);
        }
        let connection = self.open(&address, self.options.connect_timeout).await;
        let connection = connection.map_err(|cause| ClientError::AdvertisedUnreachable {
            node_id,
            address,
            cause: Box::new(cause),
        })?;
        self.state().connections.insert(node_id, Arc::clone(&connection));
        Ok(connection)
    }

    /// All brokers that are alive, by node id.
    pub async fn brokers(&self) -> Result<Vec<Broker>, ClientError> {
        self.metadata(Some(&[])).await?;
        Ok(self.state().brokers.values().cloned().collect())
    }

    /// The cluster's view of some topics, or of all (`None`), without creating any. What it says of
    /// brokers and controller is remembered.
    pub async fn metadata(
        &self,
        topics: Option<&[String]>,
    ) -> Result<MetadataResponse, ClientError> {
        let request = MetadataRequest {
            topics: topics.map(|names| names.iter().map(|name| by_name(name)).collect()),
            allow_auto_topic_creation: false,
            ..Default::default()
        };
        self.metadata_request(&request).await
    }

    /// Sends a Metadata request of any form; what it says of brokers and controller is remembered.
    pub async fn metadata_request(
        &self,
        request: &MetadataRequest,
    ) -> Result<MetadataResponse, ClientError> {
        self.options
            .retry
            .run(async || {
                let connection = self.any().await?;
                let response = connection.request(request).await?;
                ClientError::check(response.error_code, None)?;
                self.remember(&response);
                Ok(response)
            })
            .await
    }

    fn remember(&self, response: &MetadataResponse) {
        let mut state = self.state();
        let brokers = response.brokers.iter().map(|broker| (broker.node_id, Broker::from(broker)));
        state.brokers = brokers.collect();
        state.controller_id = Some(response.controller_id).filter(|id| *id >= 0);
    }

    /// Runs `attempt` at the broker that takes changes of the cluster, and again at its successor
    /// if it has moved.
    pub async fn at_controller<T>(
        &self,
        attempt: impl AsyncFn(Arc<Connection>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        self.options
            .retry
            .run(async || {
                let result = attempt(self.controller().await?).await;
                if result.is_err() {
                    self.state().controller_id = None;
                }
                result
            })
            .await
    }

    async fn controller(&self) -> Result<Arc<Connection>, ClientError> {
        if self.state().controller_id.is_none() {
            self.metadata(Some(&[])).await?;
        }
        let controller_id = self.state().controller_id;
        match controller_id {
            Some(node_id) => self.broker(node_id).await,
            None => Err(ClientError::Refused {
                code: ErrorCode::NOT_CONTROLLER,
                message: Some("the cluster has no controller".to_owned()),
            }),
        }
    }

    /// Runs `attempt` at the coordinator of a group or transactional id, and again at its successor
    /// if it has moved or is loading.
    pub async fn at_coordinator<T>(
        &self,
        kind: CoordinatorType,
        key: &str,
        attempt: impl AsyncFn(Arc<Connection>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        self.options
            .retry
            .run(async || {
                let coordinator = self.find_coordinator(kind, key).await?;
                attempt(self.broker(coordinator.node_id).await?).await
            })
            .await
    }

    /// Asks once which broker coordinates a group or transactional id.
    pub async fn find_coordinator(
        &self,
        kind: CoordinatorType,
        key: &str,
    ) -> Result<Broker, ClientError> {
        let connection = self.any().await?;
        let version = connection.version(ApiKey::FindCoordinator)?;
        let mut request = FindCoordinatorRequest { key_type: kind as i8, ..Default::default() };
        match version {
            ..=3 => request.key = key.to_owned(),
            _ => request.coordinator_keys = vec![key.to_owned()],
        }
        let coordinator = single(connection.request_at(&request, version).await?, version)?;
        let broker = coordinator.clone();
        self.state().brokers.entry(broker.node_id).or_insert(broker);
        Ok(coordinator)
    }
}

/// The one coordinator in an answer about one key.
fn single(response: FindCoordinatorResponse, version: i16) -> Result<Broker, ClientError> {
    if version <= 3 {
        ClientError::check(response.error_code, response.error_message)?;
        let FindCoordinatorResponse { node_id, host, port, .. } = response;
        return Ok(Broker { node_id, host, port, rack: None });
    }
    let nothing =
        ClientError::Refused { code: ErrorCode::COORDINATOR_NOT_AVAILABLE, message: None };
    let coordinator = response.coordinators.into_iter().next().ok_or(nothing)?;
    ClientError::check(coordinator.error_code, coordinator.error_message)?;
    let (node_id, host, port) = (coordinator.node_id, coordinator.host, coordinator.port);
    Ok(Broker { node_id, host, port, rack: None })
}

fn by_name(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() }
}

fn unknown_node(node_id: i32) -> ClientError {
    ClientError::Refused {
        code: ErrorCode::BROKER_NOT_AVAILABLE,
        message: Some(format!("broker {node_id} is not part of the cluster")),
    }
}

#[cfg(test)]
mod tests;
