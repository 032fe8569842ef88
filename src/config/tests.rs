//! What holds for every row of every table.

use std::collections::BTreeMap;

use super::broker::{BROKER_CONFIGS, BrokerConfig, BrokerSources};
use super::definition::{ConfigDefinition, ConfigTable, Synonym, Update};
use super::describe::describe_topic;
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

/// Another valid value than the default.
fn other_value(row: &ConfigDefinition) -> String {
    let candidates = ["7", "2000000", "0.25", "true", "false", "compact", "async", "zstd"];
    let more = ["LogAppendTime", "range"];
    let differs = |text: &&str| {
        row.parse(text).is_ok_and(|value| Some(value.to_string().as_str()) != row.default)
    };
    let other = candidates.into_iter().chain(more).find(differs);
    other.unwrap_or_else(|| panic!("no other value for {}", row.name)).to_owned()
}

/// The value of a topic config on a broker.
fn effective(broker: &BrokerConfig, name: &str, overrides: &[(&str, &str)]) -> Option<String> {
    let overrides = overrides.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let described = describe_topic(broker, &overrides.collect()).expect("valid overrides");
    described.into_iter().find(|config| config.name == name)?.value
}

#[test]
fn topics_follow_every_broker_config_that_gives_a_default_until_they_are_told_otherwise() {
    for row in TOPIC_CONFIGS.rows() {
        for Synonym { name, factor } in row.synonyms {
            let broker_row = BROKER_CONFIGS.get(name).expect("a broker config");
            let set = (name.to_string(), other_value(broker_row));
            let expected = match set.1.parse::<i64>() {
                Ok(number) => (number * factor).to_string(),
                Err(_) => set.1.clone(),
            };
            let sources = BrokerSources { overrides: vec![set.clone()], ..Default::default() };
            let mut brokers = vec![BrokerConfig::load(&sources).expect("a valid value").0];
            if broker_row.update != Update::ReadOnly {
                let changed = BrokerConfig::default().with_dynamic([set].into(), BTreeMap::new());
                brokers.push(changed.expect("a valid value"));
            }
            for broker in brokers {
                assert_eq!(effective(&broker, row.name, &[]).as_ref(), Some(&expected), "{name}");
                let default = row.default.expect("all topic configs have one");
                let told_otherwise = effective(&broker, row.name, &[(row.name, default)]);
                assert_eq!(told_otherwise.as_deref(), Some(default), "{name}");
            }
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
