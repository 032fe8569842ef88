//! What a command knows of the world around it: the environment, the terminal, and how to reach
//! a cluster. The only place of the command line that reads the environment.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::error::{self, CliError};
use super::properties;
use crate::client::cluster::{Cluster, ClusterOptions};
use crate::config::client::{ClientConfig, ClientSources};
use crate::config::security::SecurityProtocol;

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
    /// All variables of the environment whose names and values are text.
    pub environment: Vec<(String, String)>,
}

impl Context {
    /// The facts about this process.
    pub fn from_process() -> Self {
        Self {
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            bootstrap_server: std::env::var("KF_BOOTSTRAP_SERVER").ok().filter(|s| !s.is_empty()),
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        }
    }

    /// Whether a person can be asked a question.
    pub fn is_interactive(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Asks a person for a yes; where nobody can be asked, the answer is yes.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        if !self.is_interactive() {
            return Ok(true);
        }
        let mut prompt = io::stderr().lock();
        write!(prompt, "{question} [y/N] ")?;
        prompt.flush()?;
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer)? == 0 {
            writeln!(prompt)?;
        }
        Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
    }

    /// The value of a variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let set = self.environment.iter().find(|(set, value)| set == name && !value.is_empty());
        set.map(|(_, value)| value.as_str())
    }

    /// Where `kf` keeps data: `$XDG_DATA_HOME/kf`, else `~/.local/share/kf`.
    ///
    /// # Errors
    /// Neither `XDG_DATA_HOME` nor `HOME` is set.
    pub fn data_home(&self) -> anyhow::Result<PathBuf> {
        let xdg = self.variable("XDG_DATA_HOME").map(PathBuf::from);
        let home = || Some(Path::new(self.variable("HOME")?).join(".local/share"));
        let data = xdg.or_else(home).ok_or_else(|| {
            CliError::usage("neither XDG_DATA_HOME nor HOME says where data belongs")
                .hint("name a directory with --data-dir")
        })?;
        Ok(data.join("kf"))
    }

    /// Reads the client's settings from the options, the file that they name, and the environment.
    /// What is set and not obeyed is warned of.
    ///
    /// # Errors
    /// A usage error for options that make no sense.
    pub fn client_config(&self, options: &ConnectionOptions) -> anyhow::Result<ClientConfig> {
        let default = self.bootstrap_server.as_deref().unwrap_or(DEFAULT_BOOTSTRAP_SERVER);
        let pairs = options.command_property.iter().chain(&options.property);
        let sources = ClientSources {
            default_bootstrap_servers: default.to_owned(),
            file: options
                .command_config
                .as_deref()
                .map(properties::read_file)
                .transpose()?
                .unwrap_or_default(),
            properties: pairs.map(|pair| properties::split_pair(pair)).collect::<Result<_, _>>()?,
            bootstrap_servers: options.bootstrap_server.clone(),
        };
        let (config, warnings) = ClientConfig::load(&sources)?;
        warnings.iter().for_each(|warning| error::warn(&warning.to_string()));
        Ok(config)
    }

    /// Connects to the cluster that the options name.
    ///
    /// # Errors
    /// A usage error for options that make no sense; otherwise why no broker can be reached.
    pub async fn connect(&self, options: &ConnectionOptions) -> anyhow::Result<Arc<Cluster>> {
        self.connect_to(&self.client_config(options)?).await
    }

    /// Connects to the cluster of a config that has been read already.
    ///
    /// # Errors
    /// Why no broker can be reached.
    pub async fn connect_to(&self, config: &ClientConfig) -> anyhow::Result<Arc<Cluster>> {
        if config.security_protocol != SecurityProtocol::Plaintext {
            let protocol = config.security_protocol;
            return Err(CliError::failed(format!(
                "this command cannot speak {protocol} yet, which security.protocol asks for"
            ))
            .hint(
                "use a plaintext listener of the broker with security.protocol=PLAINTEXT; of all \
                 commands, only `kf produce` and `kf consume --group` speak TLS and SASL",
            )
            .into());
        }
        Ok(Cluster::connect(ClusterOptions::from(config)).await?)
    }
}

const DEFAULT_BOOTSTRAP_SERVER: &str = "localhost:9092";

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
