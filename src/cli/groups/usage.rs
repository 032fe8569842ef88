//! Which options of `kf groups` go together. Sentences and their order are those of Kafka's script.

use super::arguments::Arguments;
use crate::cli::error::CliError;

/// An option, and whether it was used.
type Used<'a> = (&'a str, bool);

/// Refuses options that do not go together.
pub(super) fn check(arguments: &Arguments) -> Result<(), CliError> {
    check_availability(arguments)?;
    let Arguments { actions, subject, .. } = arguments;
    if actions.describe {
        check_describe(arguments)?;
    }
    if actions.delete {
        check_delete(arguments)?;
    }
    if actions.delete_offsets && (subject.group.is_empty() || subject.topic.is_empty()) {
        return Err(CliError::usage(
            "Option [delete-offsets] takes the following options: [group], [topic]",
        ));
    }
    if actions.reset_offsets {
        check_reset(arguments)?;
    }
    let (list, describe) = (("list", actions.list), ("describe", actions.describe));
    let delete = ("delete", actions.delete);
    let export = ("export", arguments.run.export);
    let group = ("group", !subject.group.is_empty());
    exclusive(group, &[("all-groups", subject.all_groups), list])?;
    exclusive(("topic", !subject.topic.is_empty()), &[list, describe])?;
    exclusive(("output", arguments.output.output.is_some()), &[delete, export])?;
    check_one_action(arguments)
}

fn check_one_action(arguments: &Arguments) -> Result<(), CliError> {
    let actions = &arguments.actions;
    let used = [
        actions.list,
        actions.describe,
        actions.delete,
        actions.reset_offsets,
        actions.delete_offsets,
        actions.validate_regex.is_some(),
    ];
    match used.iter().filter(|used| **used).count() {
        1 => Ok(()),
        _ => Err(CliError::usage(
            "Command must include exactly one action: --list, --describe, --delete, \
             --reset-offsets, --delete-offsets, --validate-regex",
        )),
    }
}

/// Some options exist only beside others.
fn check_availability(arguments: &Arguments) -> Result<(), CliError> {
    let Arguments { actions, view, .. } = arguments;
    let unavailable = [
        ("members", view.members && !actions.describe),
        ("offsets", view.offsets && !actions.describe),
        ("verbose", view.verbose && !actions.describe),
        ("state", view.state.is_some() && !actions.describe && !actions.list),
        ("type", view.group_type.is_some() && !actions.list),
    ];
    let names: Vec<&str> =
        unavailable.iter().filter(|(_, used)| *used).map(|(name, _)| *name).collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(CliError::usage(format!(
            "Option(s) [{}] are unavailable given other options on the command line",
            names.join(", ")
        ))),
    }
}

fn check_describe(arguments: &Arguments) -> Result<(), CliError> {
    check_group_scope("describe", arguments)?;
    let view = &arguments.view;
    let views = [view.members, view.offsets, view.state.is_some()];
    if views.iter().filter(|used| **used).count() > 1 {
        return Err(CliError::usage(
            "Option [describe] takes at most one of these options: [members], [offsets], [state]",
        ));
    }
    match view.state {
        Some(Some(_)) => {
            Err(CliError::usage("Option [describe] does not take a value for [state]"))
        }
        _ => Ok(()),
    }
}

fn check_delete(arguments: &Arguments) -> Result<(), CliError> {
    check_group_scope("delete", arguments)?;
    match arguments.subject.topic.is_empty() {
        true => Ok(()),
        false => Err(CliError::usage(
            "The consumer does not support topic-specific offset deletion from a consumer group.",
        )
        .hint("--delete-offsets deletes a group's offsets for some topics")),
    }
}

fn check_reset(arguments: &Arguments) -> Result<(), CliError> {
    if arguments.run.dry_run && arguments.run.execute {
        return Err(CliError::usage(
            "Option [reset-offsets] only accepts one of [execute] and [dry-run]",
        ));
    }
    check_group_scope("reset-offsets", arguments)?;
    let targets = targets(arguments);
    for (index, target) in targets.iter().enumerate() {
        exclusive(*target, &targets[index + 1..])?;
    }
    Ok(())
}

fn check_group_scope(action: &str, arguments: &Arguments) -> Result<(), CliError> {
    match arguments.subject.group.is_empty() && !arguments.subject.all_groups {
        true => Err(CliError::usage(format!(
            "Option [{action}] takes one of these options: [group], [all-groups]"
        ))),
        false => Ok(()),
    }
}

/// The ways to say where offsets go.
pub(super) fn targets(arguments: &Arguments) -> [Used<'static>; 8] {
    let target = &arguments.target;
    [
        ("to-offset", target.to_offset.is_some()),
        ("to-datetime", target.to_datetime.is_some()),
        ("by-duration", target.by_duration.is_some()),
        ("to-earliest", target.to_earliest),
        ("to-latest", target.to_latest),
        ("to-current", target.to_current),
        ("shift-by", target.shift_by.is_some()),
        ("from-file", target.from_file.is_some()),
    ]
}

/// Refuses an option that was used beside one that it does not go with.
fn exclusive(option: Used<'_>, others: &[Used<'_>]) -> Result<(), CliError> {
    match others.iter().find(|(_, other_is_used)| option.1 && *other_is_used) {
        Some((other, _)) => Err(CliError::usage(format!(
            "Option \"[{}]\" can't be used with option \"[{other}]\"",
            option.0
        ))),
        None => Ok(()),
    }
}
