//! What a command line means: the one action that it asks for, with everything parsed.

use std::path::PathBuf;

use super::arguments::Arguments;
use super::reset::plan::Target;
use super::selection::{Topics, parse_topics};
use super::usage;
use crate::cli::context::ConnectionOptions;
use crate::cli::error::CliError;
use crate::client::admin::groups::{GroupFilter, GroupState, GroupType};

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

impl Groups {
    /// The group, if exactly one is named.
    pub(super) fn only(&self) -> Option<&str> {
        match self {
            Self::Named(ids) if ids.len() == 1 => ids.first().map(String::as_str),
            _ => None,
        }
    }
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
        if let Some(timeout_ms) = self.run.timeout {
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
    /// A usage error if the options do not go together, or make no sense.
    pub(super) fn action(&self, now_ms: i64) -> Result<Action, CliError> {
        usage::check(self)?;
        let actions = &self.actions;
        let caution = Caution { dry_run: self.run.dry_run, yes: self.run.yes };
        if let Some(regex) = &actions.validate_regex {
            Ok(Action::ValidateRegex(regex.clone()))
        } else if actions.list {
            self.list().map(Action::List)
        } else if actions.describe {
            let (view, verbose) = (self.view(), self.view.verbose);
            Ok(Action::Describe { groups: self.groups(), view, verbose })
        } else if actions.delete {
            Ok(Action::Delete { groups: self.groups(), caution })
        } else if actions.delete_offsets {
            let topics = parse_topics(&self.subject.topic)?;
            Ok(Action::DeleteOffsets { group: self.only_group()?, topics, caution })
        } else {
            self.reset(now_ms).map(Action::ResetOffsets)
        }
    }

    fn groups(&self) -> Groups {
        match self.subject.all_groups {
            true => Groups::All,
            false => {
                let mut groups = self.subject.group.clone();
                groups.sort();
                groups.dedup();
                Groups::Named(groups)
            }
        }
    }

    fn only_group(&self) -> Result<String, CliError> {
        match self.subject.group.as_slice() {
            [group] => Ok(group.clone()),
            _ => Err(CliError::usage(
                "Found multiple arguments for option group, but you asked for only one",
            )),
        }
    }

    fn view(&self) -> View {
        match (self.view.members, self.view.state.is_some()) {
            (true, _) => View::Members,
            (false, true) => View::State,
            (false, false) => View::Offsets,
        }
    }

    fn list(&self) -> Result<List, CliError> {
        let named = |option: &Option<Option<String>>| option.clone().flatten().unwrap_or_default();
        let states = parse_states(&named(&self.view.state))?;
        let types = parse_types(&named(&self.view.group_type))?;
        Ok(List {
            filter: GroupFilter { states, types },
            with_type: self.view.group_type.is_some(),
            with_state: self.view.state.is_some(),
        })
    }

    fn reset(&self, now_ms: i64) -> Result<Reset, CliError> {
        let to = self.reset_to(now_ms)?;
        let topics = match self.subject.all_topics {
            true => None,
            false => Some(parse_topics(&self.subject.topic)?),
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
            execute: self.run.execute,
            by_default: !self.run.execute && !self.run.dry_run,
            export: self.run.export,
        })
    }

    fn reset_to(&self, now_ms: i64) -> Result<ResetTo, CliError> {
        let options = &self.target;
        if let Some(path) = &options.from_file {
            return Ok(ResetTo::File(path.clone()));
        }
        let since = options.by_duration.map(|duration_ms| now_ms.saturating_sub(duration_ms));
        let target = (options.to_offset.map(Target::Offset))
            .or(options.to_datetime.or(since).map(Target::Timestamp))
            .or(options.shift_by.map(Target::ShiftBy))
            .or(options.to_earliest.then_some(Target::Earliest))
            .or(options.to_latest.then_some(Target::Latest))
            .or(options.to_current.then_some(Target::Current));
        target.map(ResetTo::Target).ok_or_else(|| {
            let names = usage::targets(self).map(|(name, _)| format!("[{name}]")).join(", ");
            CliError::usage(format!(
                "Option '[reset-offsets]' requires one of the following scenarios: [{names}]"
            ))
        })
    }
}

fn parse_states(list: &str) -> Result<Vec<GroupState>, CliError> {
    let states: Vec<GroupState> = items(list).map(GroupState::of).collect();
    match states.contains(&GroupState::Unknown) {
        true => Err(CliError::usage(format!(
            "Invalid state list '{list}'. Valid states are: {}",
            GroupState::ALL.map(|state| state.to_string()).join(", ")
        ))),
        false => Ok(states),
    }
}

fn parse_types(list: &str) -> Result<Vec<GroupType>, CliError> {
    let types: Option<Vec<GroupType>> =
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
