//! `kf dump-log`: what the files of a partition hold, as `kafka-dump-log.sh` shows it.
//!
//! - [`log`]: `.log` and `.checkpoint`; [`batches`] reads them a batch at a time, [`control`]
//!   has the records that Kafka writes for itself, [`decoder`] everything else.
//! - [`offset_index`], [`time_index`]: the indexes, compared with the log beside them;
//!   [`aborted`]: `.txnindex`. All three are read by [`entries`].
//! - [`producers`]: the producers in a `.snapshot`.
//! - [`java`]: how Java shows text, numbers and JSON.
//! - [`report`]: where the dump goes, and what was found to be wrong.
//!
//! Nothing is trusted and nothing is written: no file is read into memory whole, and none is
//! created (the script makes an `.index` that is missing).
//!
//! What the script does differently:
//!
//! - It ends with 0 whatever it finds, or dies with a stack trace at what it cannot read. Here the
//!   damage is named with its place, the rest is dumped where it can be, and the exit code is 1.
//!   Gaps between offsets are named as well, but are no damage: compaction makes them.
//! - Indexes are compared when their turn comes, not after all files.
//! - Batches of the formats before version 2 are refused.
//! - `DefaultDecoder` shows bytes in hexadecimal, not the address of an array.
//! - `--remote-log-metadata-decoder` is not offered; decoders do not go together.
//! - A leader change, a set of voters and the like are read at the version that they name.
//! - A terminal gets no control characters.

mod aborted;
mod batches;
mod control;
mod decoder;
mod entries;
mod java;
mod log;
mod offset_index;
mod producers;
mod report;
mod time_index;

use std::io;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::error::{CliError, Outcome};
use decoder::{Class, Decoder};
use report::{Report, Stop};

/// Show what the files of a partition hold: batches, records, indexes, producers
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The files to dump: .log, .index, .timeindex, .txnindex, .snapshot, .checkpoint
    #[arg(long, value_name = "FILE,FILE,...", required = true, value_delimiter = ',')]
    files: Vec<PathBuf>,

    #[command(flatten)]
    records: RecordOptions,

    #[command(flatten)]
    decoders: DecoderOptions,

    #[command(flatten)]
    indexes: IndexOptions,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Logs")]
struct RecordOptions {
    /// Show the records' keys and values; every decoder does
    #[arg(long)]
    print_data_log: bool,

    /// Show the records of each batch, not only the batch; --print-data-log does so too
    #[arg(long)]
    deep_iteration: bool,

    /// Show nothing of a record but its key and value
    #[arg(long)]
    skip_record_metadata: bool,

    /// How many bytes at the start of each log to look at [default: all]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(i32).range(0..))]
    max_bytes: Option<i32>,
}

/// The class that is meant where the option stands without one.
const STRING_DECODER: &str = "org.apache.kafka.tools.api.StringDecoder";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Decoders")]
struct DecoderOptions {
    #[command(flatten)]
    of_topic: TopicDecoder,

    /// How to show keys: org.apache.kafka.tools.api.StringDecoder, IntegerDecoder, LongDecoder or
    /// DefaultDecoder (hexadecimal)
    #[arg(long, value_name = "CLASS", num_args = 0..=1, default_missing_value = STRING_DECODER)]
    key_decoder_class: Option<Class>,

    /// How to show values; the classes are those of keys
    #[arg(long, value_name = "CLASS", num_args = 0..=1, default_missing_value = STRING_DECODER)]
    value_decoder_class: Option<Class>,
}

/// What topic the log is of, where Kafka gives the records a meaning.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false, conflicts_with_all = ["key_decoder_class", "value_decoder_class"])]
struct TopicDecoder {
    /// Show the records of __consumer_offsets as JSON
    #[arg(long)]
    offsets_decoder: bool,

    /// Show the records of __transaction_state as JSON
    #[arg(long)]
    transaction_log_decoder: bool,

    /// Show the records of __cluster_metadata as JSON
    #[arg(long)]
    cluster_metadata_decoder: bool,

    /// Show the records of __share_group_state as JSON
    #[arg(long)]
    share_group_state_decoder: bool,

    /// Not offered
    #[arg(long, hide = true)]
    remote_log_metadata_decoder: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Indexes")]
struct IndexOptions {
    /// Compare indexes with their logs, and show no entries
    #[arg(long)]
    verify_index_only: bool,

    /// Check indexes as a broker does at its start, and show no entries
    #[arg(long)]
    index_sanity_check: bool,

    /// The largest batch that an index entry may point at
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 5 * 1024 * 1024,
        value_parser = clap::value_parser!(i32).range(0..)
    )]
    max_message_size: i32,
}

/// Dumps each file, whatever is the matter with the others.
pub fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let decoder = arguments.decoder()?;
    let mut report = Report::to_stdout(context.stdout_is_terminal);
    for path in &arguments.files {
        match arguments.dump(path, &decoder, &mut report) {
            Ok(()) => {}
            Err(Stop::Output(error)) => return Err(error.into()),
            Err(Stop::File(reason)) => report.damage(path, &reason)?,
        }
    }
    Ok(report.finish()?)
}

impl Arguments {
    fn dump(&self, path: &Path, decoder: &Decoder, report: &mut Report) -> Result<(), Stop> {
        report.line(format_args!("Dumping {}", path.display()))?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("log" | "checkpoint") => log::dump(path, &self.log_options(decoder), report),
            Some("index") => offset_index::dump(path, self.indexes, report),
            Some("timeindex") => time_index::dump(path, self.indexes, report),
            Some("txnindex") => aborted::dump(path, report),
            Some("snapshot") => producers::dump(path, report),
            _ => Ok(report.note(format_args!("Ignoring unknown file {}", path.display()))?),
        }
    }

    fn log_options<'a>(&self, decoder: &'a Decoder) -> log::Options<'a> {
        let shows_data = self.records.print_data_log || self.decoders.is_any_given();
        log::Options {
            decoder: shows_data.then_some(decoder),
            shows_records: shows_data || self.records.deep_iteration,
            skips_metadata: self.records.skip_record_metadata,
            max_bytes: self.records.max_bytes.filter(|&bytes| bytes < i32::MAX),
        }
    }

    fn decoder(&self) -> Result<Decoder, CliError> {
        if self.decoders.of_topic.remote_log_metadata_decoder {
            return Err(CliError::usage("the records of __remote_log_metadata are not decoded")
                .hint("--print-data-log shows them as they are"));
        }
        Ok(self.decoders.decoder())
    }
}

impl DecoderOptions {
    fn is_any_given(&self) -> bool {
        self.key_decoder_class.is_some()
            || self.value_decoder_class.is_some()
            || !matches!(self.decoder(), Decoder::Classes { .. })
    }

    fn decoder(&self) -> Decoder {
        match self.of_topic {
            TopicDecoder { offsets_decoder: true, .. } => Decoder::Offsets,
            TopicDecoder { transaction_log_decoder: true, .. } => Decoder::TransactionLog,
            TopicDecoder { cluster_metadata_decoder: true, .. } => Decoder::ClusterMetadata,
            TopicDecoder { share_group_state_decoder: true, .. } => Decoder::ShareGroupState,
            _ => Decoder::Classes {
                key: self.key_decoder_class.unwrap_or_default(),
                value: self.value_decoder_class.unwrap_or_default(),
            },
        }
    }
}

/// The offset that a segment's file is named after.
fn base_offset(path: &Path) -> Result<i64, Stop> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let digits = name.split('.').next().unwrap_or_default();
    digits.parse().map_err(|_| Stop::file("its name does not begin with an offset"))
}

fn open(path: &Path) -> Result<std::fs::File, Stop> {
    std::fs::File::open(path).map_err(Stop::reading)
}

/// The file of the same segment with another extension, open.
fn open_beside(path: &Path, extension: &str) -> Result<std::fs::File, Stop> {
    let beside = path.with_extension(extension);
    let cannot_open =
        |error: io::Error| Stop::file(format!("cannot open {}: {error}", beside.display()));
    std::fs::File::open(&beside).map_err(cannot_open)
}
