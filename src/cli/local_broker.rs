//! A broker in this process, on a free port, whose data is gone when it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ephemeral::EphemeralDir;
use super::error::warn;
use crate::base::clock::SystemClock;
use crate::broker::server::{Broker, BrokerOptions};
use crate::config::broker::{BrokerConfig, BrokerSources};
use crate::storage::{Durability, StorageError};

/// A broker for as long as a command runs.
pub struct LocalBroker {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), StorageError>>,
    _data: EphemeralDir,
}

impl LocalBroker {
    /// Starts a broker with these settings on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// A setting is wrong, or the operating system refuses.
    pub async fn start(mut overrides: Vec<(String, String)>) -> anyhow::Result<Self> {
        overrides.push(("listeners".to_owned(), "PLAINTEXT://127.0.0.1:0".to_owned()));
        let sources = BrokerSources { overrides, ..BrokerSources::default() };
        let (config, warnings) = BrokerConfig::load(&sources)?;
        warnings.iter().for_each(|warning| warn(&warning.to_string()));
        let data = EphemeralDir::create()?;
        let broker = Broker::start(BrokerOptions {
            config,
            data_dir: data.path().to_owned(),
            durability: Durability::Async,
            insecure_listen: false,
            clock: Arc::new(SystemClock::new()),
        })
        .await?;
        let address = *broker.addresses().first().context("the broker listens nowhere")?;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(broker.run(async {
            // A sender that is gone says the same as a message.
            let _ = stopped.await;
        }));
        Ok(Self { address, stop, serving, _data: data })
    }

    /// Where it listens, as a bootstrap server.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Stops it and deletes its data.
    ///
    /// # Errors
    /// It had died, or its logs could not be closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        // If it is gone already, the next line says why.
        let _ = self.stop.send(());
        Ok(self.serving.await??)
    }
}
