//! The options of `kf groups`, as they are typed.

use std::path::PathBuf;

use super::reset::time::{parse_datetime, parse_duration};
use crate::cli::context::ConnectionOptions;
use crate::cli::output::OutputOptions;

/// List, describe and delete consumer groups, and reset their offsets
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) actions: ActionOptions,

    #[command(flatten)]
    pub(super) subject: Subject,

    #[command(flatten)]
    pub(super) view: ViewOptions,

    #[command(flatten)]
    pub(super) target: TargetOptions,

    #[command(flatten)]
    pub(super) run: RunOptions,

    #[command(flatten)]
    pub(super) output: OutputOptions,

    #[command(flatten)]
    pub(super) connection: ConnectionOptions,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Actions")]
pub(super) struct ActionOptions {
    /// List consumer groups
    #[arg(long)]
    pub(super) list: bool,

    /// Show offsets and lag of groups, or their members or state
    #[arg(long)]
    pub(super) describe: bool,

    /// Delete groups with their offsets
    #[arg(long)]
    pub(super) delete: bool,

    /// Move the offsets of groups that have no members
    #[arg(long)]
    pub(super) reset_offsets: bool,

    /// Delete a group's offsets for some topics
    #[arg(long)]
    pub(super) delete_offsets: bool,

    /// Say whether a regular expression to subscribe with is valid
    #[arg(long, value_name = "REGEX")]
    pub(super) validate_regex: Option<String>,
}

/// The groups and topics that the action is about.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which groups and topics")]
pub(super) struct Subject {
    /// A group; can be repeated
    #[arg(long, value_name = "GROUP")]
    pub(super) group: Vec<String>,

    /// All groups
    #[arg(long)]
    pub(super) all_groups: bool,

    /// A topic, with all of its partitions or with these; can be repeated
    #[arg(long, value_name = "TOPIC[:0,1,2]")]
    pub(super) topic: Vec<String>,

    /// All topics that the group has offsets for
    #[arg(long)]
    pub(super) all_topics: bool,
}

/// What of a group is shown.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "To describe and list")]
pub(super) struct ViewOptions {
    /// Show offsets and lag (what --describe does by itself)
    #[arg(long)]
    pub(super) offsets: bool,

    /// Show the members
    #[arg(long)]
    pub(super) members: bool,

    /// Show the state; with --list, only groups in these states if any are named
    #[arg(long, value_name = "STATE,...", num_args = 0..=1)]
    pub(super) state: Option<Option<String>>,

    /// With --list, show the type, and only groups of these types if any are named
    #[arg(long = "type", value_name = "TYPE,...", num_args = 0..=1)]
    pub(super) group_type: Option<Option<String>>,

    /// Show more: leader epochs, assignments, group epochs
    #[arg(long)]
    pub(super) verbose: bool,
}

/// Where offsets are moved to.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "New offsets")]
pub(super) struct TargetOptions {
    /// This offset
    #[arg(long, value_name = "OFFSET", allow_negative_numbers = true)]
    pub(super) to_offset: Option<i64>,

    /// The first record since YYYY-MM-DDThh:mm:ss.sss, in the zone that follows or in UTC
    #[arg(long, value_name = "DATETIME", value_parser = parse_datetime)]
    pub(super) to_datetime: Option<i64>,

    /// The first record in the last so much time: PnDTnHnMnS
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    #[arg(allow_hyphen_values = true)]
    pub(super) by_duration: Option<i64>,

    /// The first record that is still there
    #[arg(long)]
    pub(super) to_earliest: bool,

    /// The end, to see only what is new
    #[arg(long)]
    pub(super) to_latest: bool,

    /// Where the group stands; the end where it has no offset
    #[arg(long)]
    pub(super) to_current: bool,

    /// So many records forward, or backward if negative
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub(super) shift_by: Option<i64>,

    /// The offsets in a file of topic,partition,offset or group,topic,partition,offset
    #[arg(long, value_name = "FILE")]
    pub(super) from_file: Option<PathBuf>,
}

/// How the action is carried out.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "To change")]
pub(super) struct RunOptions {
    /// Show what would be done, and do nothing (what --reset-offsets does by itself)
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Reset the offsets
    #[arg(long)]
    pub(super) execute: bool,

    /// Print the new offsets as CSV, as --from-file reads it
    #[arg(long)]
    pub(super) export: bool,

    /// Delete without asking
    #[arg(long, short)]
    pub(super) yes: bool,

    /// Bound on each answer, in milliseconds [default: 30000]
    #[arg(long, value_name = "MS")]
    pub(super) timeout: Option<u64>,
}
