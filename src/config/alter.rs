//! What a resource's overrides are after an alteration: replaced as a whole (AlterConfigs), or
//! after SET, DELETE, APPEND and SUBTRACT (KIP-339). Whether the outcome is valid is for
//! [`TopicConfig`](super::topic::TopicConfig) and its like to say.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{ConfigTable, ConfigType};
use super::error::ConfigError;

/// What to do with one config, with the id on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum AlterOperation {
    /// Give it a value.
    Set = 0,
    /// Drop the override.
    Delete = 1,
    /// Add items to a list.
    Append = 2,
    /// Take items out of a list.
    Subtract = 3,
}

impl AlterOperation {
    /// The operation of this id.
    pub fn from_id(id: i8) -> Option<Self> {
        [Self::Set, Self::Delete, Self::Append, Self::Subtract]
            .into_iter()
            .find(|operation| *operation as i8 == id)
    }
}

/// One change to one config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alteration {
    /// The config's name.
    pub name: String,
    /// What to do.
    pub operation: AlterOperation,
    /// The value, or the items separated by commas; ignored by DELETE.
    pub value: Option<String>,
}

/// The overrides after the alterations. APPEND and SUBTRACT start from the override, else from
/// what `inherited` gives for the config: the broker's value or the default.
///
/// # Errors
/// A config that is named twice, a value that is missing, or APPEND and SUBTRACT on a config that
/// is not a list.
pub fn alter(
    table: &ConfigTable,
    overrides: &BTreeMap<String, String>,
    alterations: &[Alteration],
    inherited: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let names: BTreeSet<&str> = alterations.iter().map(|change| change.name.as_str()).collect();
    if names.len() != alterations.len() {
        return Err(ConfigError::DuplicateKeys);
    }
    check_values(alterations.iter().filter_map(|change| {
        let needs_value = change.operation != AlterOperation::Delete;
        needs_value.then_some((&change.name, &change.value))
    }))?;
    let mut altered = overrides.clone();
    for Alteration { name, operation, value } in alterations {
        if *operation == AlterOperation::Delete {
            altered.remove(name);
            continue;
        }
        let value = value.as_deref().unwrap_or_default();
        let current = || altered.get(name).cloned().or_else(|| inherited(name)).unwrap_or_default();
        let value = match operation {
            AlterOperation::Append => {
                check_list(table, name, "APPEND")?;
                append(&current(), value)
            }
            AlterOperation::Subtract => {
                check_list(table, name, "SUBTRACT")?;
                subtract(&current(), value)
            }
            AlterOperation::Set | AlterOperation::Delete => value.to_owned(),
        };
        altered.insert(name.clone(), value);
    }
    Ok(altered)
}

/// The overrides that replace all there were.
///
/// # Errors
/// A config that is named twice, or a value that is missing.
pub fn replace(
    configs: &[(String, Option<String>)],
) -> Result<BTreeMap<String, String>, ConfigError> {
    check_values(configs.iter().map(|(name, value)| (name, value)))?;
    let values = configs.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
    let replaced: BTreeMap<_, _> = values.collect();
    if replaced.len() != configs.len() {
        return Err(ConfigError::DuplicateKeys);
    }
    Ok(replaced)
}

fn check_values<'a>(
    configs: impl Iterator<Item = (&'a String, &'a Option<String>)>,
) -> Result<(), ConfigError> {
    let missing: Vec<_> =
        configs.filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(ConfigError::NullValue(missing.join(", "))),
    }
}

fn check_list(table: &ConfigTable, name: &str, operation: &'static str) -> Result<(), ConfigError> {
    match table.get(name) {
        Some(definition) if definition.kind == ConfigType::List => Ok(()),
        _ => Err(ConfigError::NotAList { operation, name: name.to_owned() }),
    }
}

fn items(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
}

fn append(list: &str, added: &str) -> String {
    let mut list = items(list);
    for item in items(added) {
        if !list.contains(&item) {
            list.push(item);
        }
    }
    list.join(",")
}

fn subtract(list: &str, removed: &str) -> String {
    let removed = items(removed);
    let mut list = items(list);
    list.retain(|item| !removed.contains(item));
    list.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::topic::TOPIC_CONFIGS;
    use AlterOperation::{Append, Delete, Set, Subtract};

    fn after(
        start: &[(&str, &str)],
        alterations: &[(&str, AlterOperation, Option<&str>)],
    ) -> Result<String, String> {
        let start = start.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let alterations: Vec<_> = alterations
            .iter()
            .map(|(name, operation, value)| Alteration {
                name: name.to_string(),
                operation: *operation,
                value: value.map(str::to_owned),
            })
            .collect();
        let inherited = |name: &str| Some(TOPIC_CONFIGS.get(name)?.default?.to_owned());
        alter(&TOPIC_CONFIGS, &start.collect(), &alterations, inherited)
            .map(|altered| {
                let entries = altered.iter().map(|(name, value)| format!("{name}={value}"));
                entries.collect::<Vec<_>>().join(" ")
            })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn set_gives_and_delete_drops_an_override() {
        let start = [("retention.ms", "1"), ("flush.ms", "2")];
        let alterations = [("retention.ms", Set, Some("5")), ("flush.ms", Delete, None)];
        assert_eq!(after(&start, &alterations), Ok("retention.ms=5".to_owned()));
        assert_eq!(after(&[], &[("flush.ms", Delete, None)]), Ok(String::new()));
    }

    #[test]
    fn append_and_subtract_start_from_what_applies() {
        for (operation, value, expected) in [
            (Append, "compact", "cleanup.policy=delete,compact"),
            (Append, "delete", "cleanup.policy=delete"),
            (Subtract, "delete", "cleanup.policy="),
            (Subtract, "compact", "cleanup.policy=delete"),
        ] {
            let alterations = [("cleanup.policy", operation, Some(value))];
            assert_eq!(after(&[], &alterations), Ok(expected.to_owned()), "{operation:?} {value}");
        }
        let start = [("cleanup.policy", "compact")];
        let alterations = [("cleanup.policy", Append, Some("delete"))];
        assert_eq!(after(&start, &alterations), Ok("cleanup.policy=compact,delete".to_owned()));
    }

    #[test]
    fn refusals_have_the_text_of_kafka() {
        for (alterations, text) in [
            (
                vec![("retention.ms", Append, Some("1"))],
                "Can't APPEND to key retention.ms because its type is not LIST.",
            ),
            (
                vec![("nope", Subtract, Some("1"))],
                "Can't SUBTRACT to key nope because its type is not LIST.",
            ),
            (
                vec![("retention.ms", Set, None), ("flush.ms", Append, None)],
                "Null value not supported for : retention.ms, flush.ms",
            ),
            (
                vec![("flush.ms", Set, Some("1")), ("flush.ms", Delete, None)],
                "Error due to duplicate config keys",
            ),
        ] {
            assert_eq!(after(&[], &alterations), Err(text.to_owned()));
        }
    }

    #[test]
    fn operations_have_the_ids_of_the_wire() {
        let operations = [Some(Set), Some(Delete), Some(Append), Some(Subtract), None];
        assert_eq!([0, 1, 2, 3, 4].map(AlterOperation::from_id), operations);
        assert_eq!(AlterOperation::from_id(-1), None);
    }
}
