//! `kf log`: what the files of a stopped broker hold, proved, and repaired if that is wanted.
//!
//! No script of Kafka's does this. [`verify`] changes nothing and works on the data directory of an
//! Apache Kafka as well; [`repair`] says what will be lost before it does anything; [`findings`]
//! shows what is the matter.

mod findings;
mod repair;
mod verify;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::context::Context;
use super::error::{CliError, Outcome};
use super::output::OutputOptions;
use crate::base::disk::{Disk, ReadOnlyDisk};
use crate::broker::data_dir::DataDirError;
use crate::storage::{self, PartitionId, StorageError, Verification};

/// Prove the files of a broker that is stopped, and repair them
///
/// --verify reads every byte: the checksums of all batches, their offsets and leader epochs,
/// indexes, snapshots and checkpoints. It changes nothing, and Apache Kafka's data directories are
/// welcome. It ends with 1 if acknowledged records are damaged, and with 5 if something could not
/// be read.
///
/// --repair takes what is damaged out of the logs, so that consumers pass over it as over any gap
/// between offsets, and makes wrong indexes again. It first says what is lost, and asks. What is
/// intact keeps its bytes and its offsets; the damaged bytes are kept beside the log.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    action: Action,

    #[command(flatten)]
    subject: Subject,

    #[command(flatten)]
    caution: Caution,

    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Actions")]
struct Action {
    /// Prove all files, and say what is the matter with which
    #[arg(long)]
    verify: bool,

    /// Take out what is damaged, and make again what can be made again
    #[arg(long)]
    repair: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Repair")]
struct Caution {
    /// Only say what a repair would do
    #[arg(long, conflicts_with = "verify")]
    dry_run: bool,

    /// Do not ask first
    #[arg(long, conflicts_with_all = ["verify", "dry_run"])]
    yes: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which logs")]
struct Subject {
    /// Directory of the data [default: where `kf broker` keeps it]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Only the partitions of this topic
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,

    /// Only this partition
    #[arg(long, value_name = "NUMBER", requires = "topic")]
    partition: Option<i32>,
}

impl Subject {
    fn directory(&self, context: &Context) -> anyhow::Result<PathBuf> {
        match &self.data_dir {
            Some(directory) => Ok(directory.clone()),
            None => Ok(context.data_home()?.join("broker")),
        }
    }

    fn selects(&self, id: &PartitionId) -> bool {
        self.topic.as_ref().is_none_or(|topic| topic == id.topic())
            && self.partition.is_none_or(|partition| partition == id.partition())
    }

    /// What to say if there is no such partition.
    fn not_found(&self, directory: &Path) -> CliError {
        let what = match (&self.topic, self.partition) {
            (Some(topic), Some(partition)) => format!("partition {partition} of topic {topic}"),
            (Some(topic), None) => format!("partition of topic {topic}"),
            _ => "partition".to_owned(),
        };
        CliError::failed(format!("there is no {what} in {}", directory.display()))
    }
}

/// Proves, or repairs.
pub fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    match arguments.action.repair {
        true => repair::run(arguments, context),
        false => verify::run(arguments, context),
    }
}

/// Looks at all that is selected.
fn look(arguments: &Arguments, directory: &Path) -> anyhow::Result<Verification> {
    let disk: Arc<dyn Disk> = Arc::new(ReadOnlyDisk);
    let selects = |id: &_| arguments.subject.selects(id);
    // As many threads as there are cores.
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let found = storage::verify(&disk, directory, threads, selects).map_err(failed)?;
    match found.partitions.is_empty() && arguments.subject.topic.is_some() {
        true => Err(arguments.subject.not_found(directory).into()),
        false => Ok(found),
    }
}

/// The message of such an error has its cause.
fn failed(error: StorageError) -> anyhow::Error {
    CliError::failed(error.to_string()).into()
}

fn in_use(error: DataDirError) -> anyhow::Error {
    match error {
        DataDirError::InUse(path) => {
            let message = format!("the data directory {} is in use", path.display());
            CliError::failed(message).hint("stop the broker that has it").into()
        }
        // The message has the cause.
        error => CliError::failed(error.to_string()).into(),
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
