//! `kf broker`: serves Kafka clients from this machine.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::process::Signal;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::context::Context;
use super::ephemeral::EphemeralDir;
use super::error::{CliError, Outcome, warn};
use super::properties::{self, split_pair};
use crate::base::clock::SystemClock;
use crate::broker::server::{Broker, BrokerOptions, StartError};
use crate::config::broker::{BrokerConfig, BrokerSources};
use crate::config::properties::Properties;
use crate::config::topic::Durability as ConfiguredDurability;
use crate::storage::{Durability, StorageError};

/// Serve Kafka clients from this machine
///
/// Listens on localhost:9092 and keeps its data in $XDG_DATA_HOME/kf unless told otherwise; there
/// is no format step. Stops on SIGINT and SIGTERM.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Directory of the data
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data_dir: Option<PathBuf>,
    /// Keep the data in a temporary directory, never sync it, and delete it at the end
    #[arg(long)]
    ephemeral: bool,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// A server.properties file, as Apache Kafka reads it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A setting; wins over the file and over KAFKA_* variables
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Allow addresses that other machines can reach, although nobody is authenticated
    #[arg(long)]
    insecure_listen: bool,
    /// Say that the broker is ready as one line of JSON
    #[arg(long)]
    ready_json: bool,
}

/// Runs the broker until it is told to stop.
pub async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    start_log(context);
    let config = load_config(&arguments, context)?;
    let ephemeral = arguments.ephemeral.then(EphemeralDir::create).transpose()?;
    let data_dir = match (&ephemeral, arguments.data_dir, config.log_dirs.first()) {
        (Some(temporary), _, _) => temporary.path().to_owned(),
        (None, Some(directory), _) => directory,
        (None, None, Some(directory)) => directory.clone(),
        (None, None, None) => context.data_home()?.join("broker"),
    };
    // Topics that say durability=async are answered early; the store syncs for all others.
    let durability = match arguments.ephemeral {
        true => Durability::Async,
        false => Durability::Synced,
    };
    let promised = match config.durability {
        ConfiguredDurability::Synced if !arguments.ephemeral => "synced",
        _ => "async",
    };
    // Before the ready line: who reads it may stop the broker at once.
    let mut terminate = signal(SignalKind::terminate())?;
    // A file that may not grow any more is an error of that write, not the end of the process.
    let _too_large = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?;
    let broker = Broker::start(BrokerOptions {
        config,
        data_dir: data_dir.clone(),
        durability,
        insecure_listen: arguments.insecure_listen,
        clock: Arc::new(SystemClock::new()),
    })
    .await
    .map_err(explain)?;
    announce(&broker, &data_dir, promised, arguments.ready_json)?;
    broker
        .run(async {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        })
        .await
        .map_err(stopped)?;
    Ok(Outcome::Done)
}

/// Log lines go to stderr: warnings and errors, or what `KF_LOG` asks for.
fn start_log(context: &Context) {
    let filter =
        tracing_subscriber::EnvFilter::try_new(context.variable("KF_LOG").unwrap_or("warn"))
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // A second subscriber is refused: the first one goes on.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(context.stderr_is_terminal)
        .with_target(false)
        .try_init();
}

fn load_config(arguments: &Arguments, context: &Context) -> anyhow::Result<BrokerConfig> {
    let properties = match &arguments.config {
        None => Properties::default(),
        Some(path) => properties::read_file(path)?,
    };
    let mut overrides = Vec::new();
    for setting in &arguments.overrides {
        overrides.push(split_pair(setting)?);
    }
    if let Some(address) = &arguments.listen {
        overrides.push(("listeners".to_owned(), format!("PLAINTEXT://{address}")));
    }
    let sources = BrokerSources { properties, environment: context.environment.clone(), overrides };
    let (config, warnings) =
        BrokerConfig::load(&sources).map_err(|error| CliError::usage(error.to_string()))?;
    for warning in warnings {
        warn(&warning.to_string());
    }
    Ok(config)
}

/// Says what to do about a broker that does not start.
fn explain(error: StartError) -> anyhow::Error {
    let hint = match &error {
        StartError::Listen { .. } => "another broker may be running; choose a free port with \
                                      --listen HOST:0"
            .to_owned(),
        StartError::Insecure(_) => "listen on localhost, or say --insecure-listen if everyone who \
                                    can reach this address may read and write"
            .to_owned(),
        StartError::DataDir(_) => "choose another directory with --data-dir".to_owned(),
        _ => return error.into(),
    };
    CliError::failed(error.to_string()).hint(hint).into()
}

/// Says why a broker has stopped by itself or not cleanly, and what to do.
fn stopped(error: StorageError) -> anyhow::Error {
    let hint = match &error {
        StorageError::Poisoned(_) => {
            "nothing was acknowledged after that; look at the disk (dmesg), then start the broker \
             again: it finds out what the disk has kept"
        }
        _ => "nothing that was acknowledged is lost; the next start checks the logs",
    };
    CliError::failed(format!("the broker has stopped: {error}")).hint(hint).into()
}

/// The ready line, on stdout.
fn announce(
    broker: &Broker,
    data_dir: &std::path::Path,
    durability: &str,
    as_json: bool,
) -> anyhow::Result<()> {
    let addresses: Vec<String> = broker.addresses().iter().map(ToString::to_string).collect();
    let mut stdout = std::io::stdout().lock();
    if as_json {
        let ready = json!({
            "event": "ready",
            "listen": addresses.first(),
            "listeners": addresses,
            "cluster_id": broker.cluster_id(),
            "data_dir": data_dir.to_string_lossy(),
            "durability": durability,
        });
        writeln!(stdout, "{ready}")?;
    } else {
        writeln!(
            stdout,
            "kf broker is ready on {}; data in {}, durability {durability}",
            addresses.join(" and "),
            data_dir.display()
        )?;
    }
    Ok(stdout.flush()?)
}
