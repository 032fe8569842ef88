//! The rules of the command line, one by one.

use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Kf {
    #[command(flatten)]
    arguments: Arguments,
}

const NOW_MS: i64 = 1_000_000;

/// What the words after `kf groups` mean, or why they mean nothing.
fn action(line: &str) -> Result<Action, String> {
    let words = std::iter::once("groups").chain(line.split_whitespace());
    let kf = Kf::try_parse_from(words).map_err(|error| error.to_string())?;
    kf.arguments.action(NOW_MS).map_err(|error| error.to_string())
}

fn refusal(line: &str) -> String {
    action(line).expect_err(line)
}

fn reset(line: &str) -> Reset {
    match action(&format!("--reset-offsets --group g {line}")) {
        Ok(Action::ResetOffsets(reset)) => reset,
        other => panic!("{line}: {other:?}"),
    }
}

fn target(line: &str) -> Target {
    match reset(&format!("--all-topics {line}")).to {
        ResetTo::Target(target) => target,
        ResetTo::File(path) => panic!("{path:?}"),
    }
}

#[test]
fn there_is_exactly_one_action() {
    let sentence = "Command must include exactly one action: --list, --describe, --delete, \
                    --reset-offsets, --delete-offsets, --validate-regex";
    assert_eq!(refusal(""), sentence);
    assert_eq!(refusal("--group g"), sentence);
    assert_eq!(refusal("--list --validate-regex a.*"), sentence);
    assert_eq!(refusal("--describe --delete --group g"), sentence);
}

#[test]
fn an_action_on_groups_says_which() {
    for action in ["describe", "delete", "reset-offsets"] {
        let sentence =
            format!("Option [{action}] takes one of these options: [group], [all-groups]");
        assert_eq!(refusal(&format!("--{action}")), sentence);
        let both = refusal(&format!("--{action} --group g --all-groups"));
        assert_eq!(both, "Option \"[group]\" can't be used with option \"[all-groups]\"");
    }
}

#[test]
fn a_list_takes_no_group_and_no_topic() {
    let sentence = "Option \"[group]\" can't be used with option \"[list]\"";
    assert_eq!(refusal("--list --group g"), sentence);
    assert_eq!(refusal("--list --describe --group g"), sentence);
    let sentence = "Option \"[topic]\" can't be used with option \"[list]\"";
    assert_eq!(refusal("--list --topic t"), sentence);
    let sentence = "Option \"[topic]\" can't be used with option \"[describe]\"";
    assert_eq!(refusal("--describe --group g --topic t"), sentence);
}

#[test]
fn describe_shows_one_view() {
    let view = |line: &str| match action(&format!("--describe --group g {line}")) {
        Ok(Action::Describe { view, .. }) => view,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(view(""), View::Offsets);
    assert_eq!(view("--offsets --verbose"), View::Offsets);
    assert_eq!(view("--members"), View::Members);
    assert_eq!(view("--state"), View::State);
    assert_eq!(
        refusal("--describe --group g --members --state"),
        "Option [describe] takes at most one of these options: [members], [offsets], [state]"
    );
    assert_eq!(
        refusal("--describe --group g --state stable"),
        "Option [describe] does not take a value for [state]"
    );
}

#[test]
fn some_options_exist_only_beside_others() {
    let sentence = |names: &str| {
        format!("Option(s) [{names}] are unavailable given other options on the command line")
    };
    assert_eq!(refusal("--list --members"), sentence("members"));
    assert_eq!(refusal("--list --offsets --verbose"), sentence("offsets, verbose"));
    assert_eq!(refusal("--delete --group g --state"), sentence("state"));
    assert_eq!(refusal("--describe --group g --type"), sentence("type"));
}

#[test]
fn groups_are_named_once_each_and_in_order() {
    let Ok(Action::Describe { groups, .. }) = action("--describe --group b --group a --group b")
    else {
        panic!("describe")
    };
    assert_eq!(groups, Groups::Named(vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn a_list_is_filtered_by_state_and_type() {
    let list = |line: &str| match action(&format!("--list {line}")) {
        Ok(Action::List(list)) => list,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(list(""), List::default());
    assert_eq!(list("--state"), List { with_state: true, ..List::default() });
    let states = vec![GroupState::Stable, GroupState::PreparingRebalance];
    let filtered = list("--state STABLE,preparingRebalance --type classic");
    assert_eq!(filtered.filter, GroupFilter { states, types: vec![GroupType::Classic] });
    assert!(filtered.with_state && filtered.with_type);
}

#[test]
fn an_unknown_state_or_type_is_refused_with_the_valid_ones() {
    assert_eq!(
        refusal("--list --state stable,bogus"),
        "Invalid state list 'stable,bogus'. Valid states are: PreparingRebalance, \
         CompletingRebalance, Stable, Dead, Empty, Assigning, Reconciling"
    );
    let sentence = "Valid types are: Classic, Consumer";
    for types in ["bogus", "share", "classic,", "unknown"] {
        let expected = format!("Invalid types list '{types}'. {sentence}");
        assert_eq!(refusal(&format!("--list --type {types}")), expected);
    }
}

#[test]
fn delete_takes_groups_and_no_topics() {
    assert_eq!(
        refusal("--delete --group g --topic t"),
        "The consumer does not support topic-specific offset deletion from a consumer group."
    );
    assert_eq!(
        action("--delete --group g --dry-run"),
        Ok(Action::Delete {
            groups: Groups::Named(vec!["g".to_owned()]),
            caution: Caution { dry_run: true, yes: false },
        })
    );
}

#[test]
fn delete_offsets_takes_one_group_and_topics() {
    let sentence = "Option [delete-offsets] takes the following options: [group], [topic]";
    assert_eq!(refusal("--delete-offsets --group g"), sentence);
    assert_eq!(refusal("--delete-offsets --topic t"), sentence);
    assert_eq!(
        refusal("--delete-offsets --group g --group h --topic t"),
        "Found multiple arguments for option group, but you asked for only one"
    );
}

#[test]
fn a_reset_has_one_target() {
    assert_eq!(
        refusal("--reset-offsets --group g --all-topics --to-earliest --to-latest"),
        "Option \"[to-earliest]\" can't be used with option \"[to-latest]\""
    );
    assert!(
        refusal("--reset-offsets --group g --all-topics")
            .starts_with("Option '[reset-offsets]' requires one of the following scenarios: [")
    );
}

#[test]
fn every_target_is_understood() {
    assert_eq!(target("--to-offset 7"), Target::Offset(7));
    assert_eq!(target("--to-offset -7"), Target::Offset(-7));
    assert_eq!(target("--to-earliest"), Target::Earliest);
    assert_eq!(target("--to-latest"), Target::Latest);
    assert_eq!(target("--to-current"), Target::Current);
    assert_eq!(target("--shift-by -5"), Target::ShiftBy(-5));
    assert_eq!(target("--shift-by=5"), Target::ShiftBy(5));
    assert_eq!(target("--to-datetime 1970-01-01T00:00:01.000"), Target::Timestamp(1_000));
    assert_eq!(target("--by-duration PT1S"), Target::Timestamp(NOW_MS - 1_000));
    assert_eq!(target("--by-duration -PT1S"), Target::Timestamp(NOW_MS + 1_000));
    assert_eq!(reset("--from-file plan.csv").to, ResetTo::File("plan.csv".into()));
}

#[test]
fn a_reset_says_which_topics_unless_a_file_does() {
    assert_eq!(
        refusal("--reset-offsets --group g --to-earliest"),
        "One of the reset scopes should be defined: --all-topics, --topic."
    );
    assert_eq!(reset("--to-earliest --all-topics").topics, None);
    assert_eq!(reset("--to-earliest --topic t:0").topics.map(|topics| topics.len()), Some(1));
}

#[test]
fn a_reset_is_a_dry_run_unless_it_is_to_be_executed() {
    let modes = |line| {
        let reset = reset(&format!("--all-topics --to-latest {line}"));
        (reset.execute, reset.by_default)
    };
    assert_eq!(modes(""), (false, true));
    assert_eq!(modes("--dry-run"), (false, false));
    assert_eq!(modes("--execute"), (true, false));
    assert_eq!(
        refusal("--reset-offsets --group g --all-topics --to-latest --dry-run --execute"),
        "Option [reset-offsets] only accepts one of [execute] and [dry-run]"
    );
}

#[test]
fn a_form_of_output_is_for_data_only() {
    let sentence = "Option \"[output]\" can't be used with option";
    assert_eq!(refusal("--delete --group g -o json"), format!("{sentence} \"[delete]\""));
    let export = "--reset-offsets --group g --all-topics --to-latest --export -o csv";
    assert_eq!(refusal(export), format!("{sentence} \"[export]\""));
}

#[test]
fn values_that_cannot_be_read_are_refused() {
    for line in ["--to-offset x", "--shift-by 1.5", "--to-datetime today", "--by-duration P1W"] {
        let refused = refusal(&format!("--reset-offsets --group g --all-topics {line}"));
        assert!(refused.starts_with("error: invalid value"), "{refused}");
    }
    assert!(refusal("--list --timeout -1").starts_with("error:"));
}
