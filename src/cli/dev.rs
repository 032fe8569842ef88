//! `kf dev -- COMMAND`: runs a command beside a broker that exists for it alone.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::error::{CliError, Outcome};
use super::local_broker::LocalBroker;
use super::properties::split_pair;

/// The variables that tell the command where the broker is.
const ADDRESS_VARIABLES: [&str; 2] = ["KF_BOOTSTRAP_SERVER", "KAFKA_BOOTSTRAP_SERVERS"];

/// Run a command beside a broker of its own
///
/// Starts a broker on a free port with its data in a temporary directory, tells the command its
/// address in KF_BOOTSTRAP_SERVER and KAFKA_BOOTSTRAP_SERVERS, and exits as the command does.
/// Nothing is left behind.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A setting of the broker
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,
}

/// Runs the command to its end.
///
/// # Errors
/// The broker does not start, or the command cannot be run.
pub async fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let overrides: Result<Vec<_>, CliError> =
        arguments.overrides.iter().map(|pair| split_pair(pair)).collect();
    let broker = LocalBroker::start(overrides?).await?;
    let address = broker.address();
    let (program, rest) = arguments
        .command
        .split_first()
        .ok_or_else(|| CliError::usage("which command is to be run?"))?;
    let child = Command::new(program)
        .args(rest)
        .envs(ADDRESS_VARIABLES.map(|name| (name, &address)))
        .kill_on_drop(true)
        .spawn();
    let outcome = match child {
        Ok(child) => wait(child).await.map(|status| Outcome::Code(exit_code(status))),
        Err(error) => {
            eprintln!("error: {}: {error}", program.display());
            Ok(Outcome::Code(not_started(&error)))
        }
    };
    broker.stop().await?;
    outcome
}

/// Waits for the command. A terminal sends Ctrl-C to the command as well, so it is left to decide;
/// SIGTERM came to this process alone and is handed on.
async fn wait(mut child: Child) -> anyhow::Result<ExitStatus> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                let pid = child.id().and_then(|pid| Pid::from_raw(pid as i32));
                if let Some(pid) = pid {
                    kill_process(pid, Signal::TERM)?;
                }
            }
        }
    }
}

/// What a shell says of a command that it does not find, or may not run.
fn not_started(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
}

/// The command's exit code; 128 and the signal's number if one ended it, as in a shell.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
