//! The options of `kf produce`, and what they come to.

use std::path::PathBuf;
use std::time::Duration;

use super::line_reader::{self, LineReader};
use crate::cli::context::ConnectionOptions;
use crate::cli::error::{self, CliError};
use crate::cli::properties::{layered, renamed};
use crate::config::properties::Properties;

/// Turn lines of stdin into records
///
/// Each line is a value or, with reader properties, `[headers TAB][key TAB]value`. Exits with 1 if
/// any record was not delivered.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Topic to write to
    #[arg(long, help_heading = "Records")]
    topic: String,

    /// How to read a line: parse.key, parse.headers, ignore.error (true or false [default: false]),
    /// key.separator [default: tab], headers.delimiter [default: tab], headers.separator
    /// [default: ,], headers.key.separator [default: :], null.marker
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Records")]
    reader_property: Vec<String>,

    /// File of reader properties
    #[arg(long, value_name = "FILE", help_heading = "Records")]
    reader_config: Option<PathBuf>,

    /// Class that reads the lines; there is one
    #[arg(
        long,
        value_name = "CLASS",
        default_value = "LineMessageReader",
        help_heading = "Records"
    )]
    line_reader: String,

    /// Wait for each record's delivery before reading the next line; stop at the first failure
    #[arg(long, help_heading = "Delivery")]
    sync: bool,

    /// Acknowledgements to wait for: 0, 1, or all (-1) [default: all]
    #[arg(
        long, value_name = "ACKS", allow_hyphen_values = true, value_parser = ACKS,
        hide_possible_values = true, help_heading = "Delivery"
    )]
    request_required_acks: Option<String>,

    /// How often a batch is sent again after a passing error [default: as often as time allows]
    #[arg(long, value_name = "COUNT", help_heading = "Delivery")]
    message_send_max_retries: Option<u32>,

    /// Pause before sending again [default: 100]
    #[arg(long, value_name = "MS", help_heading = "Delivery")]
    retry_backoff_ms: Option<u32>,

    /// How long the broker may wait for its replicas [default: 30000]
    #[arg(long, value_name = "MS", help_heading = "Delivery")]
    request_timeout_ms: Option<u32>,

    /// How long a line waits for the topic to exist and for room in memory
    #[arg(long, value_name = "MS", default_value_t = 60_000, help_heading = "Delivery")]
    max_block_ms: u64,

    /// none, gzip, snappy, lz4 or zstd [default: none; without CODEC: gzip]
    #[arg(
        long, value_name = "CODEC", num_args = 0..=1, default_missing_value = "gzip",
        value_parser = CODECS, hide_possible_values = true, help_heading = "Batches and memory"
    )]
    compression_codec: Option<String>,

    /// Most bytes of a batch before compression [default: 1000000]
    #[arg(long, value_name = "BYTES", help_heading = "Batches and memory")]
    batch_size: Option<u32>,

    /// How long a record waits for others to fill a batch [default: 5]
    #[arg(long, value_name = "MS", help_heading = "Batches and memory")]
    timeout: Option<u32>,

    /// Memory for records that are not delivered yet [default: 67108864]
    #[arg(long, value_name = "BYTES", help_heading = "Batches and memory")]
    max_memory_bytes: Option<u64>,

    /// Size of the socket's send buffer [default: the system's]
    #[arg(long, value_name = "BYTES", help_heading = "Batches and memory")]
    socket_buffer_size: Option<u32>,

    /// How often topics and leaders are looked up while all is well [default: 900000]
    #[arg(long, value_name = "MS", help_heading = "Batches and memory")]
    metadata_expiry_ms: Option<u32>,

    /// Old name of --batch-size; wins over it
    #[arg(long, value_name = "BYTES", hide = true)]
    max_partition_memory_bytes: Option<u32>,

    /// Old name of --reader-property
    #[arg(long = "property", value_name = "KEY=VALUE", hide = true)]
    old_property: Vec<String>,

    /// Old name of --command-property
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    producer_property: Vec<String>,

    /// Old name of --command-config
    #[arg(long = "producer.config", value_name = "FILE", hide = true)]
    producer_config: Option<PathBuf>,

    #[command(flatten)]
    connection: ConnectionOptions,
}

/// What to do, with every rule checked that needs no cluster.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) topic: String,
    pub(super) sync: bool,
    pub(super) max_block: Duration,
    pub(super) line_reader: LineReader,
    /// Settings of librdkafka that options stand for.
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) connection: ConnectionOptions,
}

const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
const ACKS: [&str; 4] = ["all", "-1", "0", "1"];
const LINE_READERS: [&str; 3] = [
    "LineMessageReader",
    "org.apache.kafka.tools.LineMessageReader",
    "kafka.tools.ConsoleProducer$LineMessageReader",
];

impl Plan {
    /// Checks the arguments.
    ///
    /// # Errors
    /// A usage error in Kafka's words, or a file that cannot be read.
    pub(super) fn new(arguments: Arguments) -> anyhow::Result<Self> {
        let settings = arguments.settings();
        let mut connection = arguments.connection;
        connection.command_property = renamed(
            ("--producer-property", arguments.producer_property),
            ("--command-property", connection.command_property),
        )?;
        connection.command_config = renamed(
            ("--producer.config", arguments.producer_config),
            ("--command-config", connection.command_config),
        )?;
        let assignments = renamed(
            ("--property", arguments.old_property),
            ("--reader-property", arguments.reader_property),
        )?;
        if !LINE_READERS.contains(&arguments.line_reader.as_str()) {
            let name = arguments.line_reader;
            let message = format!("no line reader {name}; supported: {}", LINE_READERS[0]);
            return Err(CliError::usage(message).into());
        }
        let properties = layered(arguments.reader_config.as_deref(), &assignments)?;
        warn_of_unknown(&properties);
        let line_reader =
            LineReader::new(&properties).map_err(|error| CliError::usage(error.to_string()))?;
        Ok(Self {
            topic: arguments.topic,
            sync: arguments.sync,
            max_block: Duration::from_millis(arguments.max_block_ms),
            line_reader,
            settings,
            connection,
        })
    }
}

impl Arguments {
    /// The options in librdkafka's names.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let batch_size = self.max_partition_memory_bytes.or(self.batch_size);
        let linger = if self.sync { Some(0) } else { self.timeout };
        let numbers = [
            ("batch.size", batch_size.map(u64::from)),
            ("retries", self.message_send_max_retries.map(u64::from)),
            ("retry.backoff.ms", self.retry_backoff_ms.map(u64::from)),
            ("linger.ms", linger.map(u64::from)),
            ("request.timeout.ms", self.request_timeout_ms.map(u64::from)),
            ("metadata.max.age.ms", self.metadata_expiry_ms.map(u64::from)),
            ("socket.send.buffer.bytes", self.socket_buffer_size.map(u64::from)),
            (
                "queue.buffering.max.kbytes",
                self.max_memory_bytes.map(|bytes| (bytes / 1024).max(1)),
            ),
        ];
        let texts = [
            ("compression.type", self.compression_codec.clone()),
            ("acks", self.request_required_acks.clone()),
        ];
        let numbers =
            numbers.into_iter().map(|(name, number)| (name, number.map(|n| n.to_string())));
        numbers.chain(texts).filter_map(|(name, value)| value.map(|value| (name, value))).collect()
    }
}

/// The script passes over misspelt properties in silence.
fn warn_of_unknown(properties: &Properties) {
    for (name, _) in properties.iter() {
        if !line_reader::PROPERTIES.contains(&name) {
            error::warn(&format!("the line reader has no property {name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn plan(line: &[&str]) -> Result<Plan, String> {
        let words = ["produce", "--topic", "t"].iter().chain(line);
        let command = Command::try_parse_from(words).map_err(|error| error.to_string())?;
        Plan::new(command.arguments).map_err(|error| error.to_string())
    }

    fn settings(line: &[&str]) -> Vec<(&'static str, String)> {
        plan(line).unwrap().settings
    }

    #[test]
    fn without_options_librdkafka_keeps_its_settings() {
        assert_eq!(settings(&[]), []);
    }

    #[test]
    fn each_option_sets_its_property() {
        let rows = [
            ("--batch-size", "batch.size"),
            ("--max-partition-memory-bytes", "batch.size"),
            ("--message-send-max-retries", "retries"),
            ("--retry-backoff-ms", "retry.backoff.ms"),
            ("--timeout", "linger.ms"),
            ("--request-timeout-ms", "request.timeout.ms"),
            ("--metadata-expiry-ms", "metadata.max.age.ms"),
            ("--socket-buffer-size", "socket.send.buffer.bytes"),
        ];
        for (option, property) in rows {
            assert_eq!(settings(&[option, "1"]), [(property, "1".to_owned())], "{option}");
        }
        assert_eq!(
            settings(&["--max-memory-bytes", "10240"]),
            [("queue.buffering.max.kbytes", "10".to_owned())]
        );
    }

    #[test]
    fn a_bare_codec_is_gzip() {
        let gzip = [("compression.type", "gzip".to_owned())];
        assert_eq!(settings(&["--compression-codec"]), gzip);
        assert_eq!(settings(&["--compression-codec=gzip"]), gzip);
        assert_eq!(settings(&["--compression-codec", "gzip"]), gzip);
    }

    #[test]
    fn acks_may_be_minus_one() {
        let acks = [("acks", "-1".to_owned())];
        assert_eq!(settings(&["--request-required-acks", "-1"]), acks);
    }

    #[test]
    fn sync_does_not_wait_for_batches() {
        assert_eq!(settings(&["--sync", "--timeout", "9"]), [("linger.ms", "0".to_owned())]);
    }

    #[test]
    fn both_generations_of_names_count_but_not_at_once() {
        let rows = [
            ["--property", "--reader-property", "parse.key=true"],
            ["--producer-property", "--command-property", "acks=1"],
            ["--producer.config", "--command-config", "/dev/null"],
        ];
        for [old, new, value] in rows {
            plan(&[old, value]).unwrap();
            plan(&[new, value]).unwrap();
            assert_eq!(
                plan(&[old, value, new, value]).unwrap_err(),
                format!("Options {old} and {new} cannot be specified together.")
            );
        }
    }

    #[test]
    fn wrong_usage_is_refused_with_a_sentence() {
        let rows: [(&[&str], &str); 6] = [
            (&["--line-reader", "com.example.Mine"], "no line reader com.example.Mine"),
            (
                &["--reader-property", "null.marker=,"],
                "null.marker and headers.separator may not be equal",
            ),
            (&["--batch-size", "x"], "error: invalid value 'x' for '--batch-size <BYTES>'"),
            (&["--compression-codec", "x"], "error: invalid value 'x' for '--compression-codec"),
            (&["--request-required-acks", "2"], "error: invalid value '2' for '--request-required"),
            (&["--reader-config", "/nonexistent"], "/nonexistent: No such file"),
        ];
        for (line, sentence) in rows {
            let error = plan(line).unwrap_err();
            assert!(error.starts_with(sentence), "{error}");
        }
    }

    #[test]
    fn reader_properties_win_over_their_file() {
        let file = std::env::temp_dir().join(format!("kf-reader-{}", std::process::id()));
        std::fs::write(&file, "parse.key=true\nkey.separator=|\n").unwrap();
        let path = file.to_string_lossy().into_owned();
        let plan = plan(&["--reader-config", &path, "--reader-property", "key.separator=:"]);
        std::fs::remove_file(&file).unwrap();
        let reader = plan.unwrap().line_reader;
        let record = reader.read(b"k:v|w", 1).unwrap();
        assert_eq!((record.key, record.value), (Some(&b"k"[..]), Some(&b"v|w"[..])));
    }
}
