//! `kf topics`: create, list, describe, alter and delete topics, as `kafka-topics.sh` does.
//!
//! - One action per run; [`usage`] has the rules of which options go together.
//! - A topic's name is literal. With `--regex` it is a pattern that the whole name must match, as
//!   `--topic` always is for the script (where `a.b` also hits `a-b`). `--topic` may be repeated.
//! - stdout is the script's text where it is not a terminal; warnings and errors go to stderr.
//! - Each topic succeeds or fails by itself, and the exit code tells.

mod alter;
mod create;
mod delete;
mod describe;
mod list;
mod selection;
mod usage;

use super::context::{ConnectionOptions, Context};
use super::error::{self, Outcome};
use super::output::OutputOptions;
use usage::Action;

/// Create, list, describe, alter and delete topics
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    action: ActionFlags,

    #[command(flatten)]
    subject: Subject,

    #[command(flatten)]
    shape: Shape,

    #[command(flatten)]
    filter: Filter,

    #[command(flatten)]
    run: RunOptions,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    connection: ConnectionOptions,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Actions")]
struct ActionFlags {
    /// List topics by name
    #[arg(long)]
    list: bool,

    /// Show partitions, replicas and configs of topics
    #[arg(long)]
    describe: bool,

    /// Create topics
    #[arg(long)]
    create: bool,

    /// Add partitions to topics
    #[arg(long)]
    alter: bool,

    /// Delete topics and all their records
    #[arg(long)]
    delete: bool,
}

/// The topics that the action is about.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which topics")]
struct Subject {
    /// A topic; can be repeated
    #[arg(long, value_name = "TOPIC")]
    topic: Vec<String>,

    /// Take --topic as a regular expression that whole names match
    #[arg(long)]
    regex: bool,

    /// The id of the topic to describe
    #[arg(long, value_name = "ID")]
    topic_id: Option<String>,

    /// Leave out Kafka's own topics
    #[arg(long)]
    exclude_internal: bool,

    /// Succeed if a topic to describe, alter or delete does not exist
    #[arg(long)]
    if_exists: bool,

    /// Succeed if a topic to create exists
    #[arg(long)]
    if_not_exists: bool,
}

/// What a topic is to be like.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "To create and alter")]
struct Shape {
    /// How many partitions to create, or to have after --alter [default: the broker's]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    partitions: Option<i32>,

    /// How many replicas each partition has [default: the broker's]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    replication_factor: Option<i32>,

    /// Node ids of each partition's replicas, as 1:2,2:3 for two partitions
    #[arg(long, value_name = "ID:ID,ID:ID,...")]
    replica_assignment: Option<String>,

    /// A config of the topic to create; can be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    config: Vec<String>,

    /// Has no effect since Kafka 4.0
    #[arg(long, value_name = "NAME", hide = true)]
    delete_config: Vec<String>,
}

/// How the action is carried out.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "How")]
struct RunOptions {
    /// Check what would be done, and do not do it
    #[arg(long)]
    dry_run: bool,

    /// Do not ask before topics are deleted
    #[arg(long, short)]
    yes: bool,

    /// How many partitions to take in one answer when describing
    #[arg(long, value_name = "NUMBER", default_value_t = 2000)]
    partition_size_limit_per_response: i32,
}

/// What is shown; everything if none is set, what any applies to otherwise.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "To describe only some")]
struct Filter {
    /// Show only partitions that lack replicas in sync
    #[arg(long)]
    under_replicated_partitions: bool,

    /// Show only partitions without a leader that is alive
    #[arg(long)]
    unavailable_partitions: bool,

    /// Show only partitions with fewer replicas in sync than min.insync.replicas
    #[arg(long)]
    under_min_isr_partitions: bool,

    /// Show only partitions with exactly min.insync.replicas in sync
    #[arg(long)]
    at_min_isr_partitions: bool,

    /// Show only the topics that have configs of their own
    #[arg(long)]
    topics_with_overrides: bool,
}

impl Filter {
    /// Whether only some partitions are shown.
    fn selects_partitions(self) -> bool {
        self.under_replicated_partitions
            || self.unavailable_partitions
            || self.under_min_isr_partitions
            || self.at_min_isr_partitions
    }
}

/// Runs the one action that the arguments name.
pub async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let action = usage::check(&arguments)?;
    if !arguments.shape.delete_config.is_empty() {
        error::warn("--delete-config has no effect since Kafka 4.0");
    }
    match action {
        Action::List => list::run(&arguments, context).await,
        Action::Describe => describe::run(&arguments, context).await,
        Action::Create => create::run(&arguments, context).await,
        Action::Alter => alter::run(&arguments, context).await,
        Action::Delete => delete::run(&arguments, context).await,
    }
}
