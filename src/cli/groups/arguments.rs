//! What was typed, and what it means: [`Arguments::action`] holds all rules of
//! `kafka-consumer-groups.sh` on which options go together, in its order and with its sentences.

use std::path::PathBuf;

use super::reset::plan::Target;
use super::reset::time::{parse_datetime, parse_duration};
use super::selection::{Topics, parse_topics};
use crate::cli::context::ConnectionOptions;
use crate::cli::error::CliError;
use crate::cli::output::OutputOptions;
use crate::client::admin_groups::{GroupFilter, GroupState, GroupType};

/// List, describe and delete consumer groups, and reset their offsets
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    /// List all consumer groups
    #[arg(long)]
    list: bool,

    /// Show a group's offsets and lag, its members or its state
    #[arg(long)]
    describe: bool,

    /// Delete groups with their offsets
    #[arg(long)]
    delete: bool,

    /// Move the offsets of inactive groups
    #[arg(long)]
    reset_offsets: bool,

    /// Delete a group's offsets for some topics
    #[arg(long)]
    delete_offsets: bool,

    /// Say whether a regular expression for a subscription is valid
    #[arg(long, value_name = "REGEX")]
    validate_regex: Option<String>,

    /// The group to act on; may be repeated
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,

    /// Act on all groups
    #[arg(long)]
    all_groups: bool,

    /// The topic to act on, with all or some of its partitions; may be repeated
    #[arg(long, value_name = "TOPIC[:0,1,2]")]
    topic: Vec<String>,

    /// Act on all topics that the group has offsets for
    #[arg(long)]
    all_topics: bool,

    /// Bound on each answer, in milliseconds [default: 30000]
    #[arg(long, value_name = "MS")]
    timeout: Option<u64>,

    /// Describe offsets and lag (what --describe does by itself)
    #[arg(long, help_heading = "Describe and list")]
    offsets: bool,

    /// Describe the members
    #[arg(long, help_heading = "Describe and list")]
    members: bool,

    /// Describe the state; with --list, show states, and only groups in these
    #[arg(long, value_name = "STATE,...", num_args = 0..=1, help_heading = "Describe and list")]
    state: Option<Option<String>>,

    /// With --list, show types, and only groups of these
    #[arg(long = "type", value_name = "TYPE,...", num_args = 0..=1)]
    #[arg(help_heading = "Describe and list")]
    group_type: Option<Option<String>>,

    /// Describe more: leader epochs, assignments, group epochs
    #[arg(long, help_heading = "Describe and list")]
    verbose: bool,

    /// Show what would be done, and do nothing (what --reset-offsets does by itself)
    #[arg(long, help_heading = "Change")]
    dry_run: bool,

    /// Reset the offsets
    #[arg(long, help_heading = "Change")]
    execute: bool,

    /// Do not ask before deleting
    #[arg(long, short, help_heading = "Change")]
    yes: bool,

    /// Print the new offsets as CSV, as --from-file reads it
    #[arg(long, help_heading = "Change")]
    export: bool,

    /// Reset to an offset
    #[arg(long, value_name = "OFFSET", allow_negative_numbers = true)]
    #[arg(help_heading = "New offsets")]
    to_offset: Option<i64>,

    /// Reset to offsets from a file: topic,partition,offset or group,topic,partition,offset
    #[arg(long, value_name = "FILE", help_heading = "New offsets")]
    from_file: Option<PathBuf>,

    /// Reset to the first record since this time: YYYY-MM-DDThh:mm:ss.sss, with a zone or in UTC
    #[arg(long, value_name = "DATETIME", value_parser = parse_datetime)]
    #[arg(help_heading = "New offsets")]
    to_datetime: Option<i64>,

    /// Reset to the first record of the last so much time: PnDTnHnMnS
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    #[arg(allow_hyphen_values = true, help_heading = "New offsets")]
    by_duration: Option<i64>,

    /// Reset to the first record that is still there
    #[arg(long, help_heading = "New offsets")]
    to_earliest: bool,

    /// Reset to the end, to see only what is new
    #[arg(long, help_heading = "New offsets")]
    to_latest: bool,

    /// Reset to where the group stands; to the end where it has no offset
    #[arg(long, help_heading = "New offsets")]
    to_current: bool,

    /// Reset so many records forward, or backward if negative
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    #[arg(help_heading = "New offsets")]
    shift_by: Option<i64>,

    #[command(flatten)]
    connection: ConnectionOptions,

    #[command(flatten)]
    pub(super) output: OutputOptions,
}

/// The one thing that a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    List(List),
    Describe { groups: Groups, view: View, verbose: bool },
    Delete { groups: Groups, caution: Caution },
    ResetOffsets(Reset),
    DeleteOffsets { group: String, topics: Vec<Topics>, caution: Caution },
    ValidateRegex(String),
}

/// Which groups to list, and what of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) filter: GroupFilter,
    pub(super) with_type: bool,
    pub(super) with_state: bool,
}

/// The groups that an action is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    Named(Vec<String>),
    All,
}

/// What of a group is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    Offsets,
    Members,
    State,
}

/// How something is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caution {
    /// Only say what would be deleted.
    pub(super) dry_run: bool,
    /// Do not ask first.
    pub(super) yes: bool,
}

/// Which offsets are moved, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reset {
    pub(super) groups: Groups,
    /// `None` for all topics that the group has offsets for.
    pub(super) topics: Option<Vec<Topics>>,
    pub(super) to: ResetTo,
    pub(super) execute: bool,
    /// Neither `--dry-run` nor `--execute` was given: the user must hear that nothing is done.
    pub(super) by_default: bool,
    pub(super) export: bool,
}

/// Where offsets are moved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ResetTo {
    Target(Target),
    File(PathBuf),
}

impl Arguments {
    /// How to reach the cluster, in the time that `--timeout` leaves.
    pub(super) fn connection(&self) -> ConnectionOptions {
        let mut connection = self.connection.clone();
        if let Some(timeout_ms) = self.timeout {
            let connect_ms = timeout_ms.min(10_000);
            connection.command_property.extend([
                format!("request.timeout.ms={timeout_ms}"),
                format!("socket.connection.setup.timeout.ms={connect_ms}"),
            ]);
        }
        connection
    }

    /// What is asked for. `now_ms` is what `--by-duration` counts back from.
    ///
    /// # Errors
    /// A usage error if the options do not go together.
    pub(super) fn action(&self, now_ms: i64) -> Result<Action, CliError> {
        self.check_availability()?;
        if self.describe {
            self.check_describe()?;
        }
        if self.delete {
            self.check_delete()?;
        }
        if self.delete_offsets && (self.group.is_empty() || self.topic.is_empty()) {
            let options = "takes the following options: [group], [topic]";
            return Err(CliError::usage(format!("Option [delete-offsets] {options}")));
        }
        if self.reset_offsets {
            self.check_reset()?;
        }
        let named = !self.group.is_empty();
        let lists_or_describes = [("list", self.list), ("describe", self.describe)];
        exclusive(("group", named), &[("all-groups", self.all_groups), ("list", self.list)])?;
        exclusive(("topic", !self.topic.is_empty()), &lists_or_describes)?;
        self.only_action(now_ms)
    }

    fn only_action(&self, now_ms: i64) -> Result<Action, CliError> {
        let actions = [
            self.list,
            self.describe,
            self.delete,
            self.reset_offsets,
            self.delete_offsets,
            self.validate_regex.is_some(),
        ];
        if actions.iter().filter(|asked| **asked).count() != 1 {
            return Err(CliError::usage(
                "Command must include exactly one action: --list, --describe, --delete, \
                 --reset-offsets, --delete-offsets, --validate-regex",
            ));
        }
        let caution = Caution { dry_run: self.dry_run, yes: self.yes };
        Ok(match actions {
            [true, ..] => Action::List(self.list_of()?),
            [_, true, ..] => {
                Action::Describe { groups: self.groups(), view: self.view(), verbose: self.verbose }
            }
            [_, _, true, ..] => Action::Delete { groups: self.groups(), caution },
            [_, _, _, true, ..] => Action::ResetOffsets(self.reset(now_ms)?),
            [_, _, _, _, true, _] => {
                let topics = parse_topics(&self.topic)?;
                Action::DeleteOffsets { group: self.only_group()?, topics, caution }
            }
            _ => Action::ValidateRegex(self.validate_regex.clone().unwrap_or_default()),
        })
    }

    /// Some options exist only beside others.
    fn check_availability(&self) -> Result<(), CliError> {
        let lists_or_describes = self.describe || self.list;
        let unavailable = [
            ("members", self.members && !self.describe),
            ("offsets", self.offsets && !self.describe),
            ("verbose", self.verbose && !self.describe),
            ("state", self.state.is_some() && !lists_or_describes),
            ("type", self.group_type.is_some() && !self.list),
        ];
        let names: Vec<_> =
            unavailable.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        match names.is_empty() {
            true => Ok(()),
            false => Err(CliError::usage(format!(
                "Option(s) [{}] are unavailable given other options on the command line",
                names.join(", ")
            ))),
        }
    }

    fn check_describe(&self) -> Result<(), CliError> {
        self.check_group_scope("describe")?;
        let views = [self.members, self.offsets, self.state.is_some()];
        if views.iter().filter(|asked| **asked).count() > 1 {
            let views = "[members], [offsets], [state]";
            let message = format!("Option [describe] takes at most one of these options: {views}");
            return Err(CliError::usage(message));
        }
        match &self.state {
            Some(Some(_)) => {
                Err(CliError::usage("Option [describe] does not take a value for [state]"))
            }
            _ => Ok(()),
        }
    }

    fn check_delete(&self) -> Result<(), CliError> {
        self.check_group_scope("delete")?;
        match self.topic.is_empty() {
            true => Ok(()),
            false => Err(CliError::usage(
                "The consumer does not support topic-specific offset deletion from a consumer \
                 group.",
            )
            .hint("--delete-offsets deletes a group's offsets for some topics")),
        }
    }

    fn check_reset(&self) -> Result<(), CliError> {
        if self.dry_run && self.execute {
            return Err(CliError::usage(
                "Option [reset-offsets] only accepts one of [execute] and [dry-run]",
            ));
        }
        self.check_group_scope("reset-offsets")?;
        let targets = self.targets();
        for (index, target) in targets.iter().enumerate() {
            exclusive(*target, &targets[index + 1..])?;
        }
        Ok(())
    }

    fn check_group_scope(&self, action: &str) -> Result<(), CliError> {
        match self.group.is_empty() && !self.all_groups {
            true => Err(CliError::usage(format!(
                "Option [{action}] takes one of these options: [group], [all-groups]"
            ))),
            false => Ok(()),
        }
    }

    /// The ways to say where offsets go, and which of them were used.
    fn targets(&self) -> [(&'static str, bool); 8] {
        [
            ("to-offset", self.to_offset.is_some()),
            ("to-datetime", self.to_datetime.is_some()),
            ("by-duration", self.by_duration.is_some()),
            ("to-earliest", self.to_earliest),
            ("to-latest", self.to_latest),
            ("to-current", self.to_current),
            ("shift-by", self.shift_by.is_some()),
            ("from-file", self.from_file.is_some()),
        ]
    }

    fn groups(&self) -> Groups {
        match self.all_groups {
            true => Groups::All,
            false => {
                let mut groups = self.group.clone();
                groups.sort();
                groups.dedup();
                Groups::Named(groups)
            }
        }
    }

    fn only_group(&self) -> Result<String, CliError> {
        match self.group.as_slice() {
            [group] => Ok(group.clone()),
            _ => Err(CliError::usage(
                "Found multiple arguments for option group, but you asked for only one",
            )),
        }
    }

    fn view(&self) -> View {
        match (self.members, self.state.is_some()) {
            (true, _) => View::Members,
            (false, true) => View::State,
            (false, false) => View::Offsets,
        }
    }

    fn list_of(&self) -> Result<List, CliError> {
        let states = self.state.as_ref().and_then(Option::as_deref).unwrap_or_default();
        let types = self.group_type.as_ref().and_then(Option::as_deref).unwrap_or_default();
        let filter = GroupFilter { states: parse_states(states)?, types: parse_types(types)? };
        let (with_type, with_state) = (self.group_type.is_some(), self.state.is_some());
        Ok(List { filter, with_type, with_state })
    }

    fn reset(&self, now_ms: i64) -> Result<Reset, CliError> {
        let to = self.reset_to(now_ms)?;
        let topics = match self.all_topics {
            true => None,
            false => Some(parse_topics(&self.topic)?),
        };
        if topics.as_ref().is_some_and(Vec::is_empty) && !matches!(to, ResetTo::File(_)) {
            return Err(CliError::usage(
                "One of the reset scopes should be defined: --all-topics, --topic.",
            ));
        }
        Ok(Reset {
            groups: self.groups(),
            topics,
            to,
            execute: self.execute,
            by_default: !self.execute && !self.dry_run,
            export: self.export,
        })
    }

    fn reset_to(&self, now_ms: i64) -> Result<ResetTo, CliError> {
        if let Some(path) = &self.from_file {
            return Ok(ResetTo::File(path.clone()));
        }
        let since = self.by_duration.map(|duration_ms| now_ms.saturating_sub(duration_ms));
        let target = (self.to_offset.map(Target::Offset))
            .or(self.to_datetime.or(since).map(Target::Timestamp))
            .or(self.shift_by.map(Target::ShiftBy))
            .or(self.to_earliest.then_some(Target::Earliest))
            .or(self.to_latest.then_some(Target::Latest))
            .or(self.to_current.then_some(Target::Current));
        target.map(ResetTo::Target).ok_or_else(|| {
            let names: Vec<_> =
                self.targets().iter().map(|(name, _)| format!("[{name}]")).collect();
            CliError::usage(format!(
                "Option '[reset-offsets]' requires one of the following scenarios: [{}]",
                names.join(", ")
            ))
        })
    }
}

/// Refuses an option that was used beside one that it does not go with.
fn exclusive(used: (&str, bool), others: &[(&str, bool)]) -> Result<(), CliError> {
    match others.iter().find(|(_, other_is_used)| used.1 && *other_is_used) {
        Some((other, _)) => Err(CliError::usage(format!(
            "Option \"[{}]\" can't be used with option \"[{other}]\"",
            used.0
        ))),
        None => Ok(()),
    }
}

fn parse_states(list: &str) -> Result<Vec<GroupState>, CliError> {
    let states: Vec<_> = items(list).map(GroupState::of).collect();
    match states.contains(&GroupState::Unknown) {
        true => Err(CliError::usage(format!(
            "Invalid state list '{list}'. Valid states are: {}",
            GroupState::ALL.map(|state| state.to_string()).join(", ")
        ))),
        false => Ok(states),
    }
}

fn parse_types(list: &str) -> Result<Vec<GroupType>, CliError> {
    let types: Option<Vec<_>> =
        items(list).map(|name| GroupType::of(name).filter(|_| !name.is_empty())).collect();
    types.ok_or_else(|| {
        let valid = "Classic, Consumer";
        CliError::usage(format!("Invalid types list '{list}'. Valid types are: {valid}"))
    })
}

/// The items of a list with commas; none if nothing was given.
fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(move |_| !list.is_empty())
}

#[cfg(test)]
mod tests;
