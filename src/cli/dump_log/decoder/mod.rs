//! What keys and values mean: text or a number, or a record of one of Kafka's own topics.

mod coordinator;
mod metadata;

use std::fmt::Write as _;
use std::str::FromStr;

use super::java;
use crate::wire::records::Record;

/// How keys and values are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decoder {
    /// As what a class of Kafka's takes them for.
    Classes { key: Class, value: Class },
    /// As records of `__consumer_offsets`.
    Offsets,
    /// As records of `__transaction_state`.
    TransactionLog,
    /// As records of `__cluster_metadata`.
    ClusterMetadata,
    /// As records of `__share_group_state`.
    ShareGroupState,
}

/// What is shown of a record.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) key: Option<String>,
    pub(super) payload: Option<String>,
    /// Why that is not what the record says.
    pub(super) wrong: Option<String>,
}

impl Decoder {
    pub(super) fn decode(self, record: &Record<'_>) -> Decoded {
        match self {
            Self::Classes { key, value } => decode_by_class(key, value, record),
            Self::Offsets => coordinator::decode(&coordinator::offsets(), record),
            Self::TransactionLog => coordinator::decode(&coordinator::transactions(), record),
            Self::ShareGroupState => coordinator::decode(&coordinator::share_group_state(), record),
            Self::ClusterMetadata => metadata::decode(record),
        }
    }
}

fn decode_by_class(key: Class, value: Class, record: &Record<'_>) -> Decoded {
    let mut decoded = Decoded::default();
    for (class, bytes, shown, part) in [
        (key, record.key, &mut decoded.key, "key"),
        (value, record.value, &mut decoded.payload, "value"),
    ] {
        let Some(bytes) = bytes else { continue };
        *shown = class.decode(bytes);
        if shown.is_none() {
            let length = bytes.len();
            decoded.wrong = Some(format!("a {part} of {length} bytes is not {}", class.holds()));
        }
    }
    decoded
}

/// The classes that Kafka has for keys and values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Class {
    #[default]
    String,
    Integer,
    Long,
    Bytes,
}

impl Class {
    /// The text of the bytes, if they are what the class wants.
    fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::String => Some(java::text(bytes)),
            Self::Integer => {
                bytes.first_chunk().map(|bytes| i32::from_be_bytes(*bytes).to_string())
            }
            Self::Long => bytes.first_chunk().map(|bytes| i64::from_be_bytes(*bytes).to_string()),
            Self::Bytes => Some(bytes.iter().fold(String::new(), |mut text, byte| {
                // Writing to a string does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            })),
        }
    }

    fn holds(self) -> &'static str {
        match self {
            Self::String | Self::Bytes => "text",
            Self::Integer => "an integer of 4 bytes",
            Self::Long => "an integer of 8 bytes",
        }
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.strip_prefix("org.apache.kafka.tools.api.").unwrap_or(name) {
            "StringDecoder" => Ok(Self::String),
            "IntegerDecoder" => Ok(Self::Integer),
            "LongDecoder" => Ok(Self::Long),
            "DefaultDecoder" => Ok(Self::Bytes),
            _ => Err("Java classes cannot be loaded; StringDecoder, IntegerDecoder, LongDecoder \
                      and DefaultDecoder are known"
                .to_owned()),
        }
    }
}
