//! A broker inside of the test's process, on a free port, with a data directory of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use kf::base::clock::SystemClock;
use kf::broker::server::{Broker, BrokerOptions};
use kf::config::broker::{BrokerConfig, BrokerSources};
use kf::storage::{Durability, StorageError};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Client, Kf, PATIENCE, TempDir};

/// A broker that ends with the test.
pub(crate) struct TestBroker {
    settings: Vec<(String, String)>,
    durability: Durability,
    data_dir: TempDir,
    /// `None` while it is down.
    running: Option<Running>,
}

struct Running {
    runtime: Runtime,
    address: SocketAddr,
    shutdown: oneshot::Sender<()>,
    served: JoinHandle<Result<(), StorageError>>,
}

impl TestBroker {
    /// A broker with the defaults, but for syncing to disk: it does not.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// A broker with these settings, as `--override` takes them.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::configured(settings, Durability::Async)
    }

    /// A broker that syncs what it acknowledges, as the defaults are for users.
    pub(crate) fn synced() -> Self {
        Self::configured(&[], Durability::Synced)
    }

    fn configured(settings: &[(&str, &str)], durability: Durability) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut broker = Self {
            settings: settings.iter().map(own).collect(),
            durability,
            data_dir: TempDir::new(),
            running: None,
        };
        broker.start_again();
        broker
    }

    /// Starts a broker that is down, with the data that it had; the address is a new one.
    pub(crate) fn start_again(&mut self) {
        assert!(self.running.is_none(), "the broker is running");
        let mut overrides = vec![("listeners".to_owned(), "PLAINTEXT://127.0.0.1:0".to_owned())];
        overrides.extend(self.settings.clone());
        let sources = BrokerSources { overrides, ..BrokerSources::default() };
        let (config, _) = BrokerConfig::load(&sources).expect("settings that are valid");
        let options = BrokerOptions {
            config,
            data_dir: self.data_dir.path().to_owned(),
            durability: self.durability,
            insecure_listen: false,
            clock: Arc::new(SystemClock::new()),
        };
        let runtime =
            Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let broker = runtime.block_on(Broker::start(options)).expect("a broker that starts");
        let address = broker.addresses()[0];
        let (shutdown, told) = oneshot::channel();
        let served = runtime.spawn(broker.run(async move { drop(told.await) }));
        self.running = Some(Running { runtime, address, shutdown, served });
    }

    /// Stops it as SIGTERM does.
    pub(crate) fn stop(&mut self) {
        let running = self.running.take().expect("a broker that is running");
        drop(running.shutdown);
        let served = running.runtime.block_on(running.served).expect("no panic in the broker");
        served.expect("a clean stop");
        running.runtime.shutdown_timeout(PATIENCE);
    }

    /// Drops it without a word: nothing is closed, and the next start has to recover.
    pub(crate) fn crash(&mut self) {
        let running = self.running.take().expect("a broker that is running");
        running.served.abort();
        running.runtime.shutdown_timeout(PATIENCE);
    }

    /// Stops it, and starts it with the same data.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// Crashes it, and starts it with the same data.
    pub(crate) fn crash_and_start(&mut self) {
        self.crash();
        self.start_again();
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("a broker that is running").address
    }

    /// Where its data is.
    pub(crate) fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// A new connection to it.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address())
    }

    /// A `kf` command that talks to it.
    pub(crate) fn kf(&self, arguments: &[&str]) -> Kf {
        Kf::new(arguments).server(self.address())
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.crash();
        }
    }
}
