//! From a record to a line of output, as the script's message formatters do it.
//!
//! The pieces come in a fixed order, joined by `key.separator` and ended by `line.separator`:
//! timestamp, partition, offset, delivery, epoch, headers, key, value. Two things are better than
//! in the script: a null is always `null.literal`, which no deserializer gets to see, and the epoch
//! is the leader epoch of the record's batch where the reader knows it.

use std::fmt::Display;
use std::io::Write;

use crate::config::properties::Properties;
use crate::wire::records::{Header, TimestampType};

use super::deserializer::{DeserializeError, Deserializer, UnknownDeserializer};
use crate::cli::printable;

/// The properties that the formatter knows; `headers.deserializer` has a misspelt twin in the
/// script's help.
const PROPERTIES: [&str; 16] = [
    "print.timestamp",
    "print.partition",
    "print.offset",
    "print.delivery",
    "print.epoch",
    "print.headers",
    "print.key",
    "print.value",
    "key.separator",
    "line.separator",
    "headers.separator",
    "null.literal",
    "key.deserializer",
    "value.deserializer",
    "headers.deserializer",
    "header.deserializer",
];

const PACKAGE: &str = "org.apache.kafka.tools.consumer.";

/// The class that `--formatter` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormatterClass {
    /// Writes the pieces that its properties ask for.
    Default,
    /// The same, and tells the log of each record.
    Logging,
    /// Writes nothing.
    NoOp,
}

/// A class that has no native counterpart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no formatter {0}; supported: DefaultMessageFormatter, LoggingMessageFormatter, \
     NoOpMessageFormatter"
)]
pub(super) struct UnknownFormatter(String);

impl FormatterClass {
    /// The formatter of a class, given with or without its package (`kafka.tools.` was its name
    /// before Kafka 4).
    ///
    /// # Errors
    /// A class that is not known; the error lists those that are.
    pub(super) fn from_name(name: &str) -> Result<Self, UnknownFormatter> {
        let simple = name.strip_prefix(PACKAGE).or(name.strip_prefix("kafka.tools."));
        match simple.unwrap_or(name) {
            "DefaultMessageFormatter" => Ok(Self::Default),
            "LoggingMessageFormatter" => Ok(Self::Logging),
            "NoOpMessageFormatter" => Ok(Self::NoOp),
            _ => Err(UnknownFormatter(name.to_owned())),
        }
    }
}

/// What the formatter needs to know of a record, wherever it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordView<'a, H> {
    /// Index of the partition.
    pub(super) partition: i32,
    /// Offset in the partition.
    pub(super) offset: i64,
    /// Epoch of the leader that appended the record, if the reader knows it.
    pub(super) leader_epoch: Option<i32>,
    /// Whose clock, and milliseconds since the Unix epoch.
    pub(super) timestamp: Option<(TimestampType, i64)>,
    /// The key, if there is one.
    pub(super) key: Option<&'a [u8]>,
    /// The value, if there is one.
    pub(super) value: Option<&'a [u8]>,
    /// The headers in order.
    pub(super) headers: H,
}

/// Writes records as its class and its properties say.
#[derive(Clone, Debug)]
pub(super) struct Formatter {
    class: FormatterClass,
    print_timestamp: bool,
    print_partition: bool,
    print_offset: bool,
    print_delivery: bool,
    print_epoch: bool,
    print_headers: bool,
    print_key: bool,
    print_value: bool,
    key_separator: Vec<u8>,
    line_separator: Vec<u8>,
    headers_separator: Vec<u8>,
    null_literal: Vec<u8>,
    key_deserializer: Option<Deserializer>,
    value_deserializer: Option<Deserializer>,
    headers_deserializer: Option<Deserializer>,
    escape: bool,
}

impl Formatter {
    /// A formatter that follows `properties`; those that it does not know are left out. With
    /// `escape`, payloads are made safe for a terminal.
    ///
    /// # Errors
    /// A deserializer that is not known.
    pub(super) fn new(
        class: FormatterClass,
        properties: &Properties,
        escape: bool,
    ) -> Result<Self, UnknownDeserializer> {
        let is_true = |name: &str, default: bool| {
            properties.get(name).map_or(default, |text| text.trim().eq_ignore_ascii_case("true"))
        };
        let bytes = |name: &str, default: &str| -> Vec<u8> {
            properties.get(name).unwrap_or(default).into()
        };
        let deserializer =
            |name: &str| properties.get(name).map(Deserializer::from_class).transpose();
        Ok(Self {
            class,
            print_timestamp: is_true("print.timestamp", false),
            print_partition: is_true("print.partition", false),
            print_offset: is_true("print.offset", false),
            print_delivery: is_true("print.delivery", false),
            print_epoch: is_true("print.epoch", false),
            print_headers: is_true("print.headers", false),
            print_key: is_true("print.key", false),
            print_value: is_true("print.value", true),
            key_separator: bytes("key.separator", "\t"),
            line_separator: bytes("line.separator", "\n"),
            headers_separator: bytes("headers.separator", ","),
            null_literal: bytes("null.literal", "null"),
            key_deserializer: deserializer("key.deserializer")?,
            value_deserializer: deserializer("value.deserializer")?,
            headers_deserializer: match deserializer("headers.deserializer")? {
                None => deserializer("header.deserializer")?,
                known => known,
            },
            escape,
        })
    }

    /// Whether lines show headers.
    pub(super) fn shows_headers(&self) -> bool {
        self.print_headers && self.class != FormatterClass::NoOp
    }

    /// Appends the record's line, all of it or, after an error, nothing.
    ///
    /// # Errors
    /// A deserializer refuses the bytes of a key, a value or a header.
    pub(super) fn write<'a, H>(
        &self,
        record: &RecordView<'a, H>,
        output: &mut Vec<u8>,
    ) -> Result<(), DeserializeError>
    where
        H: IntoIterator<Item = Header<'a>> + Clone,
    {
        if self.class == FormatterClass::NoOp {
            return Ok(());
        }
        let start = output.len();
        let written = self.write_pieces(record, output);
        if written.is_err() {
            output.truncate(start);
        } else if self.class == FormatterClass::Logging {
            log_record(record);
        }
        written
    }

    fn write_pieces<'a, H>(
        &self,
        record: &RecordView<'a, H>,
        output: &mut Vec<u8>,
    ) -> Result<(), DeserializeError>
    where
        H: IntoIterator<Item = Header<'a>> + Clone,
    {
        let mut line = Line { output, separator: &self.key_separator, pieces: 0 };
        if self.print_timestamp {
            match record.timestamp {
                Some((kind, milliseconds)) => {
                    line.put(format_args!("{}:{milliseconds}", timestamp_name(kind)));
                }
                None => line.put("NO_TIMESTAMP"),
            }
        }
        if self.print_partition {
            line.put(format_args!("Partition:{}", record.partition));
        }
        if self.print_offset {
            line.put(format_args!("Offset:{}", record.offset));
        }
        if self.print_delivery {
            // Only consumers of share groups are told how often a record was delivered.
            line.put("Delivery:NOT_PRESENT");
        }
        if self.print_epoch {
            match record.leader_epoch {
                Some(epoch) => line.put(format_args!("Epoch:{epoch}")),
                None => line.put("Epoch:NOT_PRESENT"),
            }
        }
        if self.print_headers {
            self.put_headers(record.headers.clone(), line.start_piece())?;
        }
        if self.print_key {
            self.put_payload(record.key, self.key_deserializer, line.start_piece())?;
        }
        if self.print_value {
            self.put_payload(record.value, self.value_deserializer, line.start_piece())?;
        }
        if line.pieces > 0 {
            output.extend_from_slice(&self.line_separator);
        }
        Ok(())
    }

    fn put_headers<'a>(
        &self,
        headers: impl IntoIterator<Item = Header<'a>>,
        output: &mut Vec<u8>,
    ) -> Result<(), DeserializeError> {
        let mut none = true;
        for header in headers {
            if !none {
                output.extend_from_slice(&self.headers_separator);
            }
            none = false;
            self.put_bytes(header.key, output);
            output.push(b':');
            self.put_payload(header.value, self.headers_deserializer, output)?;
        }
        if none {
            output.extend_from_slice(b"NO_HEADERS");
        }
        Ok(())
    }

    fn put_payload(
        &self,
        payload: Option<&[u8]>,
        deserializer: Option<Deserializer>,
        output: &mut Vec<u8>,
    ) -> Result<(), DeserializeError> {
        match (payload, deserializer) {
            (None, _) => output.extend_from_slice(&self.null_literal),
            (Some(bytes), None) => self.put_bytes(bytes, output),
            (Some(bytes), Some(deserializer)) => {
                self.put_bytes(&deserializer.read(bytes)?, output);
            }
        }
        Ok(())
    }

    fn put_bytes(&self, bytes: &[u8], output: &mut Vec<u8>) {
        match self.escape {
            true => printable::put_payload(output, bytes),
            false => output.extend_from_slice(bytes),
        }
    }
}

/// One line that grows piece by piece.
struct Line<'a> {
    output: &'a mut Vec<u8>,
    separator: &'a [u8],
    pieces: usize,
}

impl Line<'_> {
    fn start_piece(&mut self) -> &mut Vec<u8> {
        if self.pieces > 0 {
            self.output.extend_from_slice(self.separator);
        }
        self.pieces += 1;
        self.output
    }

    fn put(&mut self, piece: impl Display) {
        // A vector takes all that it is given.
        let _ = write!(self.start_piece(), "{piece}");
    }
}

/// Those names of `properties` that no formatter knows, as a misspelling would be.
pub(super) fn unknown_properties(properties: &Properties) -> Vec<&str> {
    let is_known = |name: &str| {
        PROPERTIES.contains(&name)
            || PROPERTIES.iter().any(|known| {
                known.ends_with("deserializer")
                    && name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
            })
    };
    properties.iter().map(|(name, _)| name).filter(|name| !is_known(name)).collect()
}

fn timestamp_name(kind: TimestampType) -> &'static str {
    match kind {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

fn log_record<H>(record: &RecordView<'_, H>) {
    let text = |bytes: Option<&[u8]>| {
        bytes.map_or("null".into(), |bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    tracing::info!(
        timestamp = record.timestamp.map(|(_, milliseconds)| milliseconds),
        key = text(record.key),
        value = text(record.value),
    );
}

#[cfg(test)]
mod tests;
