//! What holds for every row of every table.

use super::broker::BROKER_CONFIGS;
use super::definition::{ConfigDefinition, ConfigTable};
use super::group::GROUP_CONFIGS;
use super::topic::TOPIC_CONFIGS;

const TABLES: [&ConfigTable; 3] = [&TOPIC_CONFIGS, &GROUP_CONFIGS, &BROKER_CONFIGS];

fn rows() -> impl Iterator<Item = &'static ConfigDefinition> {
    TABLES.into_iter().flat_map(|table| table.rows())
}

#[test]
fn names_are_sorted_and_none_is_there_twice() {
    for table in TABLES {
        for pair in table.rows().windows(2) {
            assert!(pair[0].name < pair[1].name, "{} {}", pair[0].name, pair[1].name);
        }
    }
}

#[test]
fn every_row_is_found_by_its_name() {
    for table in TABLES {
        for row in table.rows() {
            assert_eq!(table.get(row.name).map(|found| found.name), Some(row.name));
        }
        assert!(table.get("no.such.config").is_none());
    }
}

#[test]
fn every_default_is_valid_and_in_its_own_canonical_text() {
    for row in rows() {
        let Some(default) = row.default else { continue };
        let value = row.parse(default).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(value.to_string(), default, "{}", row.name);
    }
}

#[test]
fn every_documentation_is_one_line_that_ends_with_a_full_stop() {
    for row in rows() {
        let text = row.documentation;
        assert!(text.len() > 10 && text.ends_with('.') && !text.contains('\n'), "{}", row.name);
        assert!(text.starts_with(|c: char| !c.is_lowercase() || text.starts_with("gzip")));
    }
}

#[test]
fn every_synonym_is_a_broker_config_of_a_fitting_type() {
    for row in rows() {
        for synonym in row.synonyms {
            let broker = BROKER_CONFIGS.get(synonym.name);
            let broker = broker.unwrap_or_else(|| panic!("{} <- {}", row.name, synonym.name));
            // A longer unit needs fewer bits.
            assert!(synonym.factor != 1 || broker.kind == row.kind, "{}", synonym.name);
        }
    }
}

#[test]
fn a_default_agrees_with_the_default_of_the_broker_that_gives_it() {
    let nothing_set = super::broker::Layers::default();
    for row in TOPIC_CONFIGS.rows().iter().chain(GROUP_CONFIGS.rows()) {
        let inherited = nothing_set.inherited(row).expect("valid defaults");
        assert_eq!(
            inherited.map(|value| value.to_string()).as_deref(),
            row.default,
            "{}",
            row.name
        );
    }
}
