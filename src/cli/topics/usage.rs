//! Which options of `kf topics` go together. The sentences are those of Kafka's script.

use super::Arguments;
use crate::cli::error::CliError;

/// What to do with topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    List,
    Describe,
    Create,
    Alter,
    Delete,
}

impl Action {
    fn option(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Describe => "describe",
            Self::Create => "create",
            Self::Alter => "alter",
            Self::Delete => "delete",
        }
    }
}

/// The one action, if all options go with it and with each other.
pub(super) fn check(arguments: &Arguments) -> Result<Action, CliError> {
    let action = only_action(arguments)?;
    check_required(arguments, action)?;
    check_allowed(arguments, action)?;
    check_together(arguments, action)?;
    Ok(action)
}

fn only_action(arguments: &Arguments) -> Result<Action, CliError> {
    use Action::*;
    let flags = arguments.action;
    let all = [
        (flags.list, List),
        (flags.describe, Describe),
        (flags.create, Create),
        (flags.alter, Alter),
        (flags.delete, Delete),
    ];
    let mut given = all.into_iter().filter(|(given, _)| *given).map(|(_, action)| action);
    match (given.next(), given.next()) {
        (Some(action), None) => Ok(action),
        _ => Err(CliError::usage(
            "Command must include exactly one action: --list, --describe, --create, --alter or \
             --delete",
        )),
    }
}

fn check_required(arguments: &Arguments, action: Action) -> Result<(), CliError> {
    let missing =
        |option: &str| CliError::usage(format!("Missing required argument \"[{option}]\""));
    let named = !arguments.subject.topic.is_empty();
    match action {
        Action::List => Ok(()),
        Action::Describe
            if arguments.subject.if_exists && !named && arguments.subject.topic_id.is_none() =>
        {
            Err(CliError::usage("--topic or --topic-id is required to describe a topic"))
        }
        Action::Describe => Ok(()),
        Action::Create | Action::Alter | Action::Delete if !named => Err(missing("topic")),
        Action::Alter if !arguments.shape.config.is_empty() => Err(CliError::usage(
            "Option combination \"[bootstrap-server],[config]\" can't be used with option \
             \"[alter]\"",
        )
        .hint("`kf configs` alters the configs of a topic")),
        Action::Alter if arguments.shape.partitions.is_none() => Err(missing("partitions")),
        Action::Create | Action::Alter | Action::Delete => Ok(()),
    }
}

fn check_allowed(arguments: &Arguments, action: Action) -> Result<(), CliError> {
    use Action::*;
    let filter = arguments.filter;
    let rules: &[(&str, bool, &[Action])] = &[
        ("config", !arguments.shape.config.is_empty(), &[Create]),
        ("partitions", arguments.shape.partitions.is_some(), &[Create, Alter]),
        ("replication-factor", arguments.shape.replication_factor.is_some(), &[Create]),
        ("replica-assignment", arguments.shape.replica_assignment.is_some(), &[Create, Alter]),
        ("under-replicated-partitions", filter.under_replicated_partitions, &[Describe]),
        ("under-min-isr-partitions", filter.under_min_isr_partitions, &[Describe]),
        ("at-min-isr-partitions", filter.at_min_isr_partitions, &[Describe]),
        ("unavailable-partitions", filter.unavailable_partitions, &[Describe]),
        ("topics-with-overrides", arguments.filter.topics_with_overrides, &[Describe]),
        ("if-exists", arguments.subject.if_exists, &[Alter, Delete, Describe]),
        ("if-not-exists", arguments.subject.if_not_exists, &[Create]),
        ("exclude-internal", arguments.subject.exclude_internal, &[List, Describe]),
        ("topic-id", arguments.subject.topic_id.is_some(), &[Describe]),
        ("regex", arguments.subject.regex, &[List, Describe, Alter, Delete]),
        ("dry-run", arguments.run.dry_run, &[Create, Alter, Delete]),
        ("output", arguments.output.output.is_some(), &[List, Describe]),
    ];
    let broken = rules.iter().find(|(_, given, actions)| *given && !actions.contains(&action));
    broken.map_or(Ok(()), |(option, ..)| Err(conflict(option, action.option())))
}

fn check_together(arguments: &Arguments, action: Action) -> Result<(), CliError> {
    let assigned = arguments.shape.replica_assignment.is_some() && action == Action::Create;
    if assigned && arguments.shape.partitions.is_some() {
        return Err(conflict("replica-assignment", "partitions"));
    }
    if assigned && arguments.shape.replication_factor.is_some() {
        return Err(conflict("replica-assignment", "replication-factor"));
    }
    let filter = arguments.filter;
    let filters = [
        ("under-replicated-partitions", filter.under_replicated_partitions),
        ("under-min-isr-partitions", filter.under_min_isr_partitions),
        ("at-min-isr-partitions", filter.at_min_isr_partitions),
        ("unavailable-partitions", filter.unavailable_partitions),
    ];
    let filtered = filters.into_iter().find(|(_, given)| *given);
    match filtered.filter(|_| arguments.filter.topics_with_overrides) {
        Some((option, _)) => Err(conflict(option, "topics-with-overrides")),
        None => Ok(()),
    }
}

fn conflict(option: &str, other: &str) -> CliError {
    CliError::usage(format!("Option \"[{option}]\" can't be used with option \"[{other}]\""))
}
