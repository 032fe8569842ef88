//! What can go wrong between this client and a cluster. Each variant names the address or the
//! thing that was asked for, so that its text is enough to act on.

use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::net::framed::FrameError;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;

/// Why a cluster did not do what it was asked.
///
/// Cheap to clone: when a connection breaks, everyone who waits on it learns why.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection could be made to an address that the user gave.
    #[error("cannot connect to {address}: {cause}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the operating system said.
        cause: Arc<io::Error>,
    },
    /// A broker tells clients to come to an address where nobody answers.
    #[error("broker {node_id} advertises {address}, which cannot be reached: {cause}")]
    AdvertisedUnreachable {
        /// The broker's node id.
        node_id: i32,
        /// Host and port from the cluster's metadata.
        address: String,
        /// What happened there.
        cause: Box<ClientError>,
    },
    /// None of several bootstrap servers could be used.
    #[error("none of the bootstrap servers can be used: {}", join(.0))]
    NoBootstrapServer(Vec<ClientError>),
    /// The bound on waiting has passed.
    #[error("{address} did not {expected} within {} ms", .after.as_nanos().div_ceil(1_000_000))]
    TimedOut {
        /// Host and port.
        address: String,
        /// What was waited for, such as `answer Metadata`.
        expected: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection ended while it was needed.
    #[error("the connection to {address} was lost: {cause}")]
    Disconnected {
        /// Host and port.
        address: String,
        /// What the operating system said.
        cause: Arc<io::Error>,
    },
    /// The peer answered with TLS, and this connection is plain.
    #[error("{0} speaks TLS, and this connection is plaintext")]
    TlsPeer(String),
    /// The peer answered with HTTP.
    #[error("{0} speaks HTTP, not Kafka's protocol")]
    HttpPeer(String),
    /// The peer sent bytes that are no answer to what was asked.
    #[error("{address} sent what is not Kafka's protocol: {cause}")]
    Protocol {
        /// Host and port.
        address: String,
        /// What is wrong with the bytes.
        cause: String,
    },
    /// The broker does not serve this API.
    #[error("the broker at {address} does not serve {}", .api.name())]
    UnsupportedApi {
        /// Host and port.
        address: String,
        /// What was needed.
        api: ApiKey,
    },
    /// The broker serves this API, but at no version that fits.
    #[error(
        "the broker at {address} serves {} at versions {} to {}, and {} to {} are needed",
        .api.name(), .offered.start(), .offered.end(), .needed.start(), .needed.end()
    )]
    UnsupportedVersion {
        /// Host and port.
        address: String,
        /// What was needed.
        api: ApiKey,
        /// The versions that the broker offers.
        offered: RangeInclusive<i16>,
        /// The versions that would have done.
        needed: RangeInclusive<i16>,
    },
    /// A request cannot say at this version what it was meant to say.
    #[error("{} version {version} cannot be sent: {cause}", .api.name())]
    Unsendable {
        /// The request's API.
        api: ApiKey,
        /// The version that both sides know.
        version: i16,
        /// The field that is in the way.
        cause: String,
    },
    /// The cluster refused.
    #[error("{}", refusal(.code, .message.as_deref()))]
    Refused {
        /// Kafka's error code.
        code: ErrorCode,
        /// The cluster's own words, where it has some.
        message: Option<String>,
    },
    /// A partition holds bytes that are no records.
    #[error("records of {topic}-{partition} at offset {offset} cannot be read: {cause}")]
    UnreadableRecords {
        /// The topic.
        topic: String,
        /// Index of the partition.
        partition: i32,
        /// Where the bytes begin that cannot be read.
        offset: i64,
        /// What is wrong with them.
        cause: String,
    },
    /// librdkafka failed by itself: the cluster has not refused anything.
    #[error("{message}")]
    Librdkafka {
        /// What it says.
        message: String,
        /// Whether it cannot reach a broker.
        unreachable: bool,
    },
    /// librdkafka does not take a setting.
    #[error("{0}")]
    InvalidSetting(String),
    /// An address that is not `host:port`.
    #[error("not a host and port: {0:?}")]
    InvalidAddress(String),
}

fn join(errors: &[ClientError]) -> String {
    errors.iter().map(ClientError::to_string).collect::<Vec<_>>().join("; ")
}

fn refusal(code: &ErrorCode, message: Option<&str>) -> String {
    match message.filter(|message| !message.is_empty()).or(code.message()) {
        Some(message) => format!("{message} ({code})"),
        None => code.to_string(),
    }
}

impl ClientError {
    /// `Ok` for [`ErrorCode::NONE`], [`ClientError::Refused`] for all others.
    pub fn check(code: ErrorCode, message: Option<String>) -> Result<(), ClientError> {
        code.ok().map_err(|code| ClientError::Refused { code, message })
    }

    /// The code of a refusal; `None` if it was not the cluster that refused.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether the same request may succeed a moment later, perhaps at another broker.
    ///
    /// A topic that is not known counts as an answer, although Kafka's table calls it retriable:
    /// who asks for a topic wants to hear that it is not there.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Disconnected { .. } => true,
            Self::Refused { code, .. } => {
                let names_nothing =
                    [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ErrorCode::UNKNOWN_TOPIC_ID];
                let moved = [ErrorCode::NOT_CONTROLLER, ErrorCode::NOT_COORDINATOR];
                moved.contains(code) || (code.is_retriable() && !names_nothing.contains(code))
            }
            _ => false,
        }
    }

    /// The error that reading a frame from `address` ended with.
    pub(super) fn from_frame(address: &str, error: FrameError) -> Self {
        let address = address.to_owned();
        match error {
            FrameError::Io(cause) => Self::Disconnected { address, cause: Arc::new(cause) },
            FrameError::Tls => Self::TlsPeer(address),
            FrameError::Http => Self::HttpPeer(address),
            FrameError::Length { .. } => Self::Protocol { address, cause: error.to_string() },
        }
    }
}
