//! How a command ends: exit codes, and the one place that prints errors.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done; also when the reader of stdout has gone away |
//! | 1 | failed |
//! | 2 | wrong usage |
//! | 3 | cannot connect, or timed out |
//! | 4 | not authenticated, or not authorised |
//! | 5 | some items failed, the others are done |
//! | 130 | interrupted |

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::client::error::ClientError;
use crate::config::error::ConfigError;
use crate::wire::error::ErrorCode;

/// How a command ended that has nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Done,
    /// Nothing could be done; each item's error has been printed.
    Failed,
    /// Some items are done, the errors of the others have been printed.
    SomeFailed,
    /// The user interrupted it, and it has cleaned up.
    Interrupted,
    /// The exit code of a command that was run on the user's behalf.
    Code(u8),
}

impl Outcome {
    /// The outcome of a command on `total` items, of which these have failed.
    ///
    /// Prints each error where others succeeded. Where nothing did, the last error is the
    /// command's own, so that its kind decides the exit code.
    pub fn of_items(
        total: usize,
        failures: impl IntoIterator<Item = anyhow::Error>,
    ) -> anyhow::Result<Self> {
        let mut failures: Vec<anyhow::Error> = failures.into_iter().collect();
        let own = if failures.len() >= total { failures.pop() } else { None };
        failures.iter().for_each(|error| eprintln!("error: {error:#}"));
        match (own, failures.is_empty()) {
            (Some(error), _) => Err(error),
            (None, true) => Ok(Self::Done),
            (None, false) => Ok(Self::SomeFailed),
        }
    }

    /// The exit code.
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::SomeFailed => 5,
            Self::Interrupted => 130,
            Self::Code(code) => code,
        })
    }
}

/// What kind of failure an error is; this decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for could not be done.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// No broker can be reached, or it does not answer in time.
    Connection,
    /// The cluster does not know or does not allow this user.
    Authorization,
}

impl Kind {
    fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Connection => 3,
            Self::Authorization => 4,
        }
    }
}

/// An error of the command line itself: a sentence for the user, and what to do about it.
#[derive(Debug)]
pub struct CliError {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

impl CliError {
    /// Something that could not be done.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into(), hint: None }
    }

    /// A command line that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hint: None }
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

/// Prints an error, its causes and a hint to stderr; the exit code follows from its kind.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(error) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {error:#}");
    if let Some(hint) = hint(error) {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(kind(error).exit_code())
}

/// Prints what the user should know although the command goes on.
pub fn warn(warning: &str) {
    eprintln!("warning: {warning}");
}

/// Prints what clap has to say: help and version to stdout, anything else to stderr.
pub fn report_usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to be told that stdout or stderr is closed.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { Kind::Usage.exit_code() } else { 0 })
}

/// Whether stdout, or another pipe, has lost its reader.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// The first error in the chain that has a kind decides.
fn kind(error: &anyhow::Error) -> Kind {
    error
        .chain()
        .find_map(|cause| {
            let cli = cause.downcast_ref::<CliError>().map(|error| error.kind);
            let config = || cause.downcast_ref::<ConfigError>().map(|_| Kind::Usage);
            let client = || cause.downcast_ref::<ClientError>().map(kind_of_client_error);
            cli.or_else(config).or_else(client)
        })
        .unwrap_or(Kind::Failed)
}

fn kind_of_client_error(error: &ClientError) -> Kind {
    match error {
        ClientError::Unreachable { .. }
        | ClientError::AdvertisedUnreachable { .. }
        | ClientError::NoBootstrapServer(_)
        | ClientError::TimedOut { .. }
        | ClientError::Disconnected { .. }
        | ClientError::TlsPeer(_)
        | ClientError::HttpPeer(_)
        | ClientError::Protocol { .. }
        | ClientError::Librdkafka { unreachable: true, .. } => Kind::Connection,
        ClientError::Refused { code, .. } => kind_of_code(*code),
        ClientError::InvalidAddress(_) | ClientError::InvalidSetting(_) => Kind::Usage,
        ClientError::UnsupportedApi { .. }
        | ClientError::UnsupportedVersion { .. }
        | ClientError::Unsendable { .. }
        | ClientError::UnreadableRecords { .. }
        | ClientError::Librdkafka { unreachable: false, .. } => Kind::Failed,
    }
}

fn kind_of_code(code: ErrorCode) -> Kind {
    match code {
        ErrorCode::TOPIC_AUTHORIZATION_FAILED
        | ErrorCode::GROUP_AUTHORIZATION_FAILED
        | ErrorCode::CLUSTER_AUTHORIZATION_FAILED
        | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        | ErrorCode::DELEGATION_TOKEN_AUTHORIZATION_FAILED
        | ErrorCode::SASL_AUTHENTICATION_FAILED => Kind::Authorization,
        ErrorCode::REQUEST_TIMED_OUT => Kind::Connection,
        _ => Kind::Failed,
    }
}

fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let cli = cause.downcast_ref::<CliError>().and_then(|error| error.hint.clone());
        let client = || cause.downcast_ref::<ClientError>().and_then(hint_of_client_error);
        cli.or_else(client)
    })
}

fn hint_of_client_error(error: &ClientError) -> Option<String> {
    let hint = match error {
        ClientError::Unreachable { .. } | ClientError::NoBootstrapServer(_) => {
            "is the broker running? --bootstrap-server HOST:PORT or KF_BOOTSTRAP_SERVER says \
             where; `kf broker` starts one on localhost:9092"
        }
        ClientError::AdvertisedUnreachable { .. } => {
            "the broker's advertised.listeners must name an address that this machine can reach"
        }
        ClientError::TlsPeer(_) => {
            "use a plaintext listener of the broker; over TLS, `kf produce` and `kf consume --group` \
             can reach it with security.protocol=SSL, the other commands cannot yet"
        }
        ClientError::HttpPeer(_) => "a Kafka listener usually has port 9092",
        ClientError::Disconnected { .. } => {
            "a listener that wants TLS or SASL closes a plaintext connection: use a plaintext \
             listener of the broker"
        }
        ClientError::InvalidAddress(_) => "an address is HOST:PORT, such as localhost:9092",
        _ => return None,
    };
    Some(hint.to_owned())
}
