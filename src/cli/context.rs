//! What a command knows of the world around it: the environment, the terminal, and how to reach
//! a cluster. The only place of the command line that reads the environment.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::error::CliError;
use crate::client::cluster::{Cluster, ClusterOptions};
use crate::client::retry::RetryPolicy;

/// Facts about the process that commands depend on; tests make their own.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Whether a person reads stdout.
    pub stdout_is_terminal: bool,
    /// Whether a person types stdin.
    pub stdin_is_terminal: bool,
    /// Whether a person reads stderr.
    pub stderr_is_terminal: bool,
    /// `KF_BOOTSTRAP_SERVER`.
    pub bootstrap_server: Option<String>,
}

impl Context {
    /// The facts about this process.
    pub fn from_process() -> Self {
        Self {
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            bootstrap_server: std::env::var("KF_BOOTSTRAP_SERVER").ok().filter(|s| !s.is_empty()),
        }
    }

    /// Connects to the cluster that the options name.
    ///
    /// # Errors
    /// A usage error for options that make no sense; otherwise why no broker can be reached.
    pub async fn connect(&self, options: &ConnectionOptions) -> anyhow::Result<Arc<Cluster>> {
        let cluster = Cluster::connect(options.cluster_options(self)?).await?;
        Ok(cluster)
    }
}

/// How to reach a cluster: the same options for every tool.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionOptions {
    /// Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]
    #[arg(long, value_name = "HOST:PORT,...", alias = "broker-list")]
    pub bootstrap_server: Option<String>,

    /// File of client properties
    #[arg(long, value_name = "FILE")]
    pub command_config: Option<PathBuf>,

    /// A client property; wins over the file
    #[arg(long, value_name = "KEY=VALUE")]
    pub command_property: Vec<String>,

    /// A client property, as kcat and librdkafka spell it; wins over the file
    #[arg(short = 'X', value_name = "KEY=VALUE")]
    pub property: Vec<String>,
}

const DEFAULT_BOOTSTRAP_SERVER: &str = "localhost:9092";

impl ConnectionOptions {
    fn cluster_options(&self, context: &Context) -> Result<ClusterOptions, CliError> {
        let servers = self
            .bootstrap_server
            .as_deref()
            .or(context.bootstrap_server.as_deref())
            .unwrap_or(DEFAULT_BOOTSTRAP_SERVER);
        Ok(ClusterOptions {
            bootstrap_servers: servers.split(',').map(|server| server.trim().to_owned()).collect(),
            client_id: "kf".to_owned(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(10),
            retry: RetryPolicy {
                total: Duration::from_secs(10),
                first_pause: Duration::from_millis(100),
                longest_pause: Duration::from_secs(1),
            },
        })
    }
}
