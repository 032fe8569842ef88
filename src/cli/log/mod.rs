//! `kf log`: what the files of a stopped broker hold, proved, and repaired if that is wanted.
//!
//! No script of Kafka's does this. [`verify`] changes nothing and works on the data directory of an
//! Apache Kafka as well; [`findings`] shows what is the matter.

mod findings;
mod verify;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use super::context::Context;
use super::error::{CliError, Outcome};
use super::output::OutputOptions;
use crate::broker::data_dir::DataDirError;
use crate::storage::PartitionId;

/// Prove the files of a broker that is stopped
///
/// --verify reads every byte: the checksums of all batches, their offsets and leader epochs,
/// indexes, snapshots and checkpoints. It changes nothing, and Apache Kafka's data directories are
/// welcome. It ends with 1 if acknowledged records are damaged, and with 5 if something could not
/// be read.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    action: Action,

    #[command(flatten)]
    subject: Subject,

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
    verify::run(arguments, context)
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

/// As many as there are cores.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
