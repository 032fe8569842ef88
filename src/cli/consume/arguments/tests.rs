use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

fn plan(line: &str) -> Result<Plan, String> {
    let words = ["consume"].into_iter().chain(line.split_whitespace());
    let command = Command::try_parse_from(words).map_err(|error| error.to_string())?;
    Plan::new(command.arguments, &Context::default()).map_err(|error| format!("{error:#}"))
}

#[test]
fn wrong_usage_is_refused_in_kafkas_words() {
    let rows = [
        ("", "Exactly one of the following arguments is required: [topic], [include]"),
        (
            "--topic t --include t",
            "Exactly one of the following arguments is required: [topic], [include]",
        ),
        ("--include t --partition 0", "The topic is required when partition is specified."),
        ("--topic t --offset 0", "The partition is required when offset is specified."),
        (
            "--topic t --offset 0 --from-beginning",
            "The partition is required when offset is specified.",
        ),
        (
            "--topic t --partition 0 --offset 0 --from-beginning",
            "Options from-beginning and offset cannot be specified together.",
        ),
        (
            "--topic t --partition 0 --group g",
            "Options group and partition cannot be specified together.",
        ),
        (
            "--topic t --partition 0 --command-property group.id=g",
            "Options group and partition cannot be specified together.",
        ),
        (
            "--topic t --group a --command-property group.id=b",
            "The group ids provided in different places (directly using '--group', via \
             '--command-property', or via '--command-config') do not match. Detected group ids: \
             'a', 'b'",
        ),
        (
            "--topic t --from-beginning --command-property auto.offset.reset=latest",
            "Can't simultaneously specify --from-beginning and 'auto.offset.reset=latest', please \
             remove one option",
        ),
        (
            "--topic t --partition 0 --offset x",
            "The provided offset value 'x' is incorrect. Valid values are 'earliest', 'latest', \
             or a non-negative long.",
        ),
        (
            "--topic t --partition 0 --offset -1",
            "The provided offset value '-1' is incorrect. Valid values are 'earliest', 'latest', \
             or a non-negative long.",
        ),
        (
            "--topic t --property print.key=true --formatter-property print.key=true",
            "Options --property and --formatter-property cannot be specified together.",
        ),
        (
            "--topic t --consumer-property a=b --command-property a=b",
            "Options --consumer-property and --command-property cannot be specified together.",
        ),
        (
            "--topic t --consumer.config /dev/null --command-config /dev/null",
            "Options --consumer.config and --command-config cannot be specified together.",
        ),
    ];
    for (line, sentence) in rows {
        assert_eq!(plan(line).unwrap_err(), sentence, "{line}");
    }
}

#[test]
fn classes_that_do_not_exist_here_are_refused_with_the_list() {
    let rows = [
        ("--formatter com.example.Mine", "no formatter com.example.Mine; supported: Default"),
        ("--value-deserializer Avro", "no deserializer Avro; supported: StringDeserializer"),
        ("--formatter-property key.deserializer=X", "no deserializer X; supported: "),
    ];
    for (line, beginning) in rows {
        let error = plan(&format!("--topic t {line}")).unwrap_err();
        assert!(error.starts_with(beginning), "{error}");
    }
}

#[test]
fn reading_starts_where_the_options_say() {
    let rows = [
        ("", StartAt::Latest),
        ("--from-beginning", StartAt::Earliest),
        ("--partition 0", StartAt::Latest),
        ("--partition 0 --from-beginning", StartAt::Earliest),
        ("--partition 0 --offset 7", StartAt::Offset(7)),
        ("--partition 0 --offset EARLIEST", StartAt::Earliest),
        ("--partition 0 --offset latest", StartAt::Latest),
        ("--command-property auto.offset.reset=earliest", StartAt::Earliest),
        ("--from-beginning --command-property auto.offset.reset=earliest", StartAt::Earliest),
    ];
    for (line, start_at) in rows {
        assert_eq!(plan(&format!("--topic t {line}")).unwrap().fetch.start_at, start_at, "{line}");
    }
}

#[test]
fn the_group_comes_from_the_option_or_a_property() {
    for line in ["--group g", "-X group.id=g", "--group g --consumer-property group.id=g"] {
        assert_eq!(plan(&format!("--topic t {line}")).unwrap().group.as_deref(), Some("g"));
    }
    assert_eq!(plan("--topic t").unwrap().group, None);
}

#[test]
fn a_group_member_reads_uncommitted_unless_told_otherwise() {
    let level = |line: &str| {
        let settings = plan(&format!("--topic t --group g {line}")).unwrap().settings("g");
        settings.into_iter().find(|(name, _)| *name == "isolation.level").unwrap().1
    };
    assert_eq!(level(""), "read_uncommitted");
    assert_eq!(level("--isolation-level read_committed"), "read_committed");
    assert_eq!(level("--command-property isolation.level=read_committed"), "read_committed");
}

#[test]
fn minus_one_means_no_limit() {
    let limits = |line: &str| {
        let plan = plan(&format!("--topic t {line}")).unwrap();
        (plan.max_messages, plan.timeout)
    };
    assert_eq!(limits("--max-messages -1 --timeout-ms -1"), (None, None));
    assert_eq!(limits("--max-messages 0"), (Some(0), None));
    assert_eq!(limits("--timeout-ms 0"), (None, Some(Duration::ZERO)));
}

#[test]
fn an_included_topic_matches_with_its_whole_name() {
    let TopicSelection::Matching(pattern) = plan("--include a|b.*").unwrap().selection else {
        panic!("not a pattern");
    };
    assert!(pattern.is_match("a") && pattern.is_match("bc"));
    assert!(!pattern.is_match("ab") && !pattern.is_match("xb"));
}

#[test]
fn properties_of_the_client_shape_the_fetch() {
    let line = "--topic t --command-property fetch.max.wait.ms=7 -X fetch.min.bytes=8 \
                --command-property max.partition.fetch.bytes=9";
    let fetch = plan(line).unwrap().fetch;
    assert_eq!((fetch.max_wait_ms, fetch.min_bytes, fetch.partition_max_bytes), (7, 8, 9));
}
