//! Start, serve, stop.
//!
//! [`Broker::start`] opens the data and the listeners, [`Broker::run`] serves until it is told to
//! stop. When `start` returns, clients can connect: nothing is still being loaded.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::net::{TcpListener, lookup_host};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::catalog::{Catalog, METADATA_TOPIC, METADATA_TOPIC_ID, RecordError};
use super::connection;
use super::context::Context;
use super::data_dir::{DataDir, DataDirError};
use super::descriptors::Descriptors;
use super::groups::Groups;
use super::internal_log::ReadError;
use super::partition::cleaner_options;
use super::partitions::Partitions;
use super::producer_ids::ProducerIds;
use crate::base::clock::Clock;
use crate::base::disk::RealDisk;
use crate::config::broker::{BrokerConfig, Listener};
use crate::coordinator::group::ReplayError;
use crate::storage::{
    Durability, HousekeepingOptions, LogConfig, PartitionId, StorageError, Store, StoreOptions,
};

/// How long the listener rests when the operating system has no more descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many batches are decompressed at a time to be checked; each may take
/// [`DECOMPRESSED_LIMIT`](crate::wire::records::DECOMPRESSED_LIMIT) of memory.
const MAX_DECOMPRESSING: usize = 4;

/// Time between two looks whether the disk can still be trusted.
const CHECK_DISK_EVERY: Duration = Duration::from_millis(250);

/// What a broker is started with.
pub struct BrokerOptions {
    /// The settings.
    pub config: BrokerConfig,
    /// Where the data is.
    pub data_dir: PathBuf,
    /// What is promised about data when it is acknowledged.
    pub durability: Durability,
    /// Whether to listen on addresses that other machines can reach, without authentication.
    pub insecure_listen: bool,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Why a broker does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The logs cannot be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The metadata log cannot be read.
    #[error("cluster metadata: {0}")]
    Metadata(#[from] ReadError<RecordError>),
    /// The offsets topic cannot be read.
    #[error("groups and offsets: {0}")]
    Groups(#[from] ReadError<ReplayError>),
    /// A listener cannot be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A listener would let everyone in.
    #[error("{0} can be reached from other machines and there is no authentication")]
    Insecure(SocketAddr),
}

/// A broker that is ready to serve.
pub struct Broker {
    context: Arc<Context>,
    listeners: Vec<TcpListener>,
    /// Connections that there are descriptors for.
    max_connections: usize,
    group_task: JoinHandle<()>,
    _data_dir: DataDir,
}

impl Broker {
    /// Opens listeners and data.
    ///
    /// # Errors
    /// Something is in the way; nothing has been served.
    pub async fn start(options: BrokerOptions) -> Result<Self, StartError> {
        let BrokerOptions { config, data_dir, durability, insecure_listen, clock } = options;
        let descriptors = Descriptors::share_out();
        let listeners = listen(&config.listeners, insecure_listen).await?;
        let data_dir =
            DataDir::open(&data_dir, config.node_id, config.cluster_id.as_deref(), durability)?;
        let mut store = Store::open(
            Arc::new(RealDisk),
            StoreOptions {
                durability,
                producer_id_expiration_ms: i64::from(config.producer_id_expiration_ms),
                open_files: descriptors.files,
                reserve_bytes: config.disk_reserve_bytes,
                ..StoreOptions::new(&data_dir.path)
            },
        )?;
        store.start_housekeeping(clock.clone(), &housekeeping_options(&config))?;
        if config.log_cleaner_enable {
            store.start_cleaner(clock.clone(), cleaner_options(&config))?;
        }
        let metadata_log = store.open_partition(
            PartitionId::new(METADATA_TOPIC, 0)?,
            METADATA_TOPIC_ID,
            LogConfig::default(),
            Arc::new(|_| {}),
        )?;
        let (catalog, deleted_topics) = Catalog::open(metadata_log, clock.clone())?;
        let catalog = Arc::new(catalog);
        let partitions = Arc::new(Partitions::new(store));
        partitions.load(&catalog.image(), &config, &deleted_topics).finish().await;
        let (groups, group_task) =
            Groups::start(catalog.clone(), partitions.clone(), clock.clone(), &config)?;
        let context = Context {
            node_id: config.node_id,
            cluster_id: data_dir.cluster_id.clone(),
            clock,
            catalog,
            partitions,
            groups,
            producer_ids: ProducerIds::default(),
            decompressing: Semaphore::new(MAX_DECOMPRESSING),
            config: RwLock::new(Arc::new(config)),
        };
        context.adopt_dynamic_config(&context.catalog.image());
        Ok(Self {
            context: Arc::new(context),
            listeners,
            max_connections: descriptors.connections,
            group_task,
            _data_dir: data_dir,
        })
    }

    /// The addresses that clients can connect to.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Id of the cluster.
    pub fn cluster_id(&self) -> &str {
        &self.context.cluster_id
    }

    /// Serves clients until `shutdown` is over, then closes the logs. What was acknowledged is on
    /// disk when this returns, as far as the durability promises.
    ///
    /// # Errors
    /// The logs could not be closed cleanly; the next start will check them.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), StorageError> {
        let wanted = self.context.config().max_connections;
        let limit = usize::try_from(wanted).unwrap_or(0).min(self.max_connections);
        let places = Arc::new(Semaphore::new(limit));
        let mut accepting = JoinSet::new();
        for listener in self.listeners {
            accepting.spawn(accept(self.context.clone(), listener, places.clone()));
        }
        tokio::select! {
            () = shutdown => {}
            () = disk_has_failed(&self.context.partitions) => {}
        }
        // Dropping the tasks closes every connection; requests that are under way get no answer,
        // as if the network had failed.
        accepting.shutdown().await;
        let partitions = self.context.partitions.clone();
        drop(self.context);
        self.group_task.abort();
        // That it was aborted is all there is to say.
        let _ = self.group_task.await;
        tokio::task::spawn_blocking(move || partitions.close())
            .await
            .unwrap_or(Err(StorageError::Removed))
    }
}

fn housekeeping_options(config: &BrokerConfig) -> HousekeepingOptions {
    let milliseconds = |ms: i64| Duration::from_millis(ms.unsigned_abs());
    HousekeepingOptions {
        initial_delay: milliseconds(config.log_initial_task_delay_ms),
        retention_check_interval: milliseconds(config.log_retention_check_interval_ms),
    }
}

/// Ends when a sync to disk has failed: nothing can be promised any more, and a retry would lie.
async fn disk_has_failed(partitions: &Partitions) {
    let mut ticks = tokio::time::interval(CHECK_DISK_EVERY);
    loop {
        ticks.tick().await;
        if partitions.check().is_err() {
            return;
        }
    }
}

/// Accepts connections for ever, as many at a time as there are places.
async fn accept(context: Arc<Context>, listener: TcpListener, places: Arc<Semaphore>) {
    let mut connections = JoinSet::new();
    let mut is_failing = false;
    loop {
        // The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                is_failing = false;
                let context = context.clone();
                connections.spawn(async move {
                    connection::serve(context, stream, peer).await;
                    drop(place);
                });
            }
            Err(error) => {
                if !is_failing {
                    tracing::warn!(%error, "connections cannot be accepted; it is tried again");
                }
                is_failing = true;
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while let Some(ended) = connections.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(%error, "a connection's task died");
            }
        }
    }
}

async fn listen(listeners: &[Listener], insecure: bool) -> Result<Vec<TcpListener>, StartError> {
    let mut bound = Vec::new();
    for listener in listeners {
        let host = listener.host.as_deref().unwrap_or("0.0.0.0");
        let failed =
            |source| StartError::Listen { address: format!("{host}:{}", listener.port), source };
        let addresses: Vec<SocketAddr> =
            lookup_host((host, listener.port)).await.map_err(failed)?.collect();
        if let Some(open) =
            addresses.iter().find(|address| !address.ip().is_loopback() && !insecure)
        {
            return Err(StartError::Insecure(*open));
        }
        let mut port = listener.port;
        let mut refusal = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let before = bound.len();
        // A name such as localhost may stand for several addresses; all get the same port. An
        // address family that the machine does not have is left out.
        for mut address in addresses {
            address.set_port(port);
            match TcpListener::bind(address).await {
                Ok(socket) => {
                    port = socket.local_addr().map_err(failed)?.port();
                    bound.push(socket);
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    return Err(failed(error));
                }
                Err(error) => refusal = error,
            }
        }
        if bound.len() == before {
            return Err(failed(refusal));
        }
    }
    Ok(bound)
}
