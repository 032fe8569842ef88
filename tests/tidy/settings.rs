//! The tables of settings tell the truth: what is marked as obeyed is read, and of each topic
//! config a test shows the effect; what is marked as having none is not read.

use kf::config::broker::BROKER_CONFIGS;
use kf::config::definition::{ConfigDefinition, ConfigTable, Effect};
use kf::config::topic::TOPIC_CONFIGS;

use super::{Source, assert_none, project};

/// The test that shows the effect of each topic config that is obeyed: its file and its name.
const SHOWN_BY: &[(&str, &str, &str)] = &[
    (
        "cleanup.policy",
        "src/broker/validation/tests.rs",
        "a_compacted_topic_wants_keys_and_names_the_records_without",
    ),
    ("compression.gzip.level", "tests/broker/topic_configs.rs", "the_level_of_a_codec_is_obeyed"),
    (
        "compression.type",
        "tests/broker/produce.rs",
        "the_codec_of_the_topic_replaces_that_of_the_producer_from_one_request_to_the_next",
    ),
    ("compression.zstd.level", "tests/broker/topic_configs.rs", "the_level_of_a_codec_is_obeyed"),
    ("delete.retention.ms", "tests/scenarios/compaction.rs", "a_tombstone_whose_time_is_over_goes"),
    (
        "durability",
        "tests/broker/topic_configs.rs",
        "an_async_topic_is_answered_before_anything_is_synced",
    ),
    (
        "file.delete.delay.ms",
        "tests/broker/topic_configs.rs",
        "the_files_of_deleted_segments_stay_for_a_while",
    ),
    (
        "flush.messages",
        "tests/broker/topic_configs.rs",
        "flush_messages_and_flush_ms_sync_what_nobody_waits_for",
    ),
    (
        "flush.ms",
        "tests/broker/topic_configs.rs",
        "flush_messages_and_flush_ms_sync_what_nobody_waits_for",
    ),
    (
        "index.interval.bytes",
        "tests/broker/topic_configs.rs",
        "index_interval_bytes_says_how_dense_the_index_is",
    ),
    (
        "max.compaction.lag.ms",
        "tests/scenarios/compaction.rs",
        "old_records_do_not_wait_for_more_dirt",
    ),
    (
        "max.message.bytes",
        "tests/broker/configs.rs",
        "a_changed_config_is_obeyed_by_the_next_request",
    ),
    (
        "message.timestamp.after.max.ms",
        "src/broker/validation/tests.rs",
        "timestamps_must_be_within_the_limits_of_the_topic",
    ),
    (
        "message.timestamp.before.max.ms",
        "src/broker/validation/tests.rs",
        "timestamps_must_be_within_the_limits_of_the_topic",
    ),
    (
        "message.timestamp.type",
        "src/broker/validation/tests.rs",
        "log_append_time_replaces_the_timestamps",
    ),
    (
        "min.cleanable.dirty.ratio",
        "tests/scenarios/compaction.rs",
        "a_topic_is_compacted_when_it_is_told_to_be",
    ),
    (
        "min.compaction.lag.ms",
        "tests/scenarios/compaction.rs",
        "young_records_wait_for_as_long_as_the_topic_says",
    ),
    (
        "min.insync.replicas",
        "tests/broker/produce.rs",
        "acks_of_more_replicas_than_there_are_cannot_be_given",
    ),
    (
        "preallocate",
        "tests/broker/topic_configs.rs",
        "a_segment_has_all_its_room_from_the_start_if_the_topic_wants_it",
    ),
    (
        "retention.bytes",
        "tests/scenarios/retention.rs",
        "a_log_is_cut_back_to_retention_bytes_by_whole_segments",
    ),
    (
        "retention.ms",
        "tests/scenarios/retention.rs",
        "records_past_retention_ms_go_from_the_active_segment_too_and_stay_gone",
    ),
    (
        "segment.bytes",
        "tests/broker/topic_configs.rs",
        "a_segment_has_all_its_room_from_the_start_if_the_topic_wants_it",
    ),
    ("segment.index.bytes", "tests/broker/topic_configs.rs", "a_full_index_closes_the_segment"),
    ("segment.jitter.ms", "tests/broker/topic_configs.rs", "jitter_closes_segments_earlier"),
    (
        "segment.ms",
        "tests/broker/topic_configs.rs",
        "a_segment_is_closed_when_its_records_span_more_than_segment_ms",
    ),
];

/// Complaints about obeyed configs of topics whose effect no test shows, and about tests that are
/// not there or do not name the config.
fn not_shown(
    table: &ConfigTable,
    shown_by: &[(&str, &str, &str)],
    sources: &[Source],
) -> Vec<String> {
    let mut complaints = Vec::new();
    for row in table.rows() {
        let shown: Vec<_> = shown_by.iter().filter(|(name, ..)| *name == row.name).collect();
        let is_obeyed = row.effect == Effect::Obeyed;
        if is_obeyed == shown.is_empty() {
            let wrong = if is_obeyed { "obeyed and shown by no test" } else { "shown, not obeyed" };
            complaints.push(format!("{} is {wrong}; see SHOWN_BY", row.name));
        }
        for (name, path, test) in shown {
            let body = sources.iter().find(|source| source.path == *path).and_then(|source| {
                let (_, after) = source.text.split_once(&format!("fn {test}()"))?;
                after.split("\n}\n").next()
            });
            if !body.is_some_and(|body| body.contains(&format!("\"{name}\""))) {
                complaints.push(format!("{path} has no test {test} that sets {name}"));
            }
        }
    }
    complaints
}

/// Complaints about configs of which the table says something else than the code does. A config is
/// a field of its name of the struct in the file `structs`, unless it becomes a part of another
/// field there. `effect_by_others` tells the effect of those that only give others their default.
fn misjudged(
    table: &ConfigTable,
    structs: &str,
    sources: &[Source],
    effect_by_others: impl Fn(&str) -> Option<Effect>,
) -> Vec<String> {
    let structs = sources.iter().find(|source| source.path == structs);
    let structs: Vec<_> = structs.expect("the file of the struct").code().collect();
    let users = sources.iter().filter(|source| {
        source.path.starts_with("src/") && !source.path.starts_with("src/config/")
    });
    let users: Vec<_> = users.flat_map(Source::code).collect();
    let has = |code: &[(usize, &str)], wanted: &dyn Fn(&str) -> bool| {
        code.iter().any(|(_, line)| wanted(line))
    };
    let is_read = |row: &ConfigDefinition| {
        let field = row.name.replace('.', "_");
        match has(&structs, &|line| line.trim().starts_with(&format!("pub {field}:"))) {
            true => has(&users, &|line| is_field_in(line, &field)),
            false => has(&structs, &|line| line.contains(&format!("\"{}\"", row.name))),
        }
    };
    let mut complaints = Vec::new();
    for row in table.rows().iter().filter(|row| !matches!(row.effect, Effect::OnlyDefault(_))) {
        let effect = effect_by_others(row.name).unwrap_or(match is_read(row) {
            true => Effect::Obeyed,
            false => Effect::NoEffect,
        });
        if row.effect != effect {
            complaints
                .push(format!("{} is marked as {:?} and is {effect:?}", row.name, row.effect));
        }
    }
    complaints
}

/// Whether a line uses a field of this name, and not of a longer one.
fn is_field_in(line: &str, field: &str) -> bool {
    let used = format!(".{field}");
    line.split(&used)
        .skip(1)
        .any(|after| !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '(')))
}

/// The effect of the topic config that a broker config gives the default.
fn effect_on_topics(broker_config: &str) -> Option<Effect> {
    let gives_default =
        |row: &&ConfigDefinition| row.synonyms.iter().any(|synonym| synonym.name == broker_config);
    TOPIC_CONFIGS.rows().iter().find(gives_default).map(|row| row.effect)
}

#[test]
fn every_topic_config_that_is_obeyed_is_shown_to_be_by_a_test() {
    assert_none(&not_shown(&TOPIC_CONFIGS, SHOWN_BY, &project()));
}

#[test]
fn topic_configs_are_read_or_marked_as_having_no_effect() {
    let own = |_: &str| None;
    assert_none(&misjudged(&TOPIC_CONFIGS, "src/config/topic/mod.rs", &project(), own));
}

#[test]
fn broker_configs_are_read_or_marked_as_having_no_effect() {
    let structs = "src/config/broker/mod.rs";
    assert_none(&misjudged(&BROKER_CONFIGS, structs, &project(), effect_on_topics));
}

#[test]
fn a_table_that_lies_is_caught() {
    let structs = "pub struct C {\n    pub flush_ms: i64,\n    pub preallocate: bool,\n}\n";
    let test = "#[test]\nfn flushes() {\n    set(\"flush.ms\");\n}\n";
    let sources = |code: &str| {
        [
            Source::new("src/config/x.rs", structs),
            Source::new("src/storage/x.rs", code),
            Source::new("tests/x.rs", test),
        ]
    };
    let about = |complaints: Vec<String>, config: &str| {
        complaints.iter().filter(|complaint| complaint.contains(config)).count()
    };
    for (code, expected) in [
        ("fn f(c: &C) { c.flush_ms }\n", 0),
        ("fn f(c: &C) { c.flush_ms_later; c.flush_ms() }\n// c.flush_ms\n", 1),
        ("", 1),
    ] {
        let complaints = misjudged(&TOPIC_CONFIGS, "src/config/x.rs", &sources(code), |_| None);
        assert_eq!(about(complaints, "flush.ms"), expected, "{code}");
    }
    for (shown_by, expected) in [
        (&[("flush.ms", "tests/x.rs", "flushes")][..], 0),
        (&[("flush.ms", "tests/x.rs", "is_not_there")], 1),
        (&[("flush.ms", "tests/y.rs", "flushes")], 1),
        (&[], 1),
    ] {
        let complaints = not_shown(&TOPIC_CONFIGS, shown_by, &sources(""));
        assert_eq!(about(complaints, "flush.ms"), expected, "{shown_by:?}");
    }
    let other = [("preallocate", "tests/x.rs", "flushes")];
    assert_eq!(about(not_shown(&TOPIC_CONFIGS, &other, &sources("")), "sets preallocate"), 1);
}
