//! What files and `KEY=VALUE` options say, and options that have changed their name.

use std::path::Path;

use anyhow::Context as _;

use super::error::{self, CliError};
use crate::config::properties::Properties;

/// Reads a `.properties` file.
///
/// # Errors
/// The file cannot be read, or is not in Java's format.
pub fn read_file(file: &Path) -> anyhow::Result<Properties> {
    let named = || file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|cause| CliError::usage(format!("{}: {cause}", named())))?;
    Properties::parse(&text).with_context(named)
}

/// `key=value`, at the first `=`; without one, the value is empty, as in Kafka's scripts.
///
/// # Errors
/// There is no key.
pub fn split_pair(pair: &str) -> Result<(String, String), CliError> {
    match pair.split_once('=').unwrap_or((pair, "")) {
        ("", _) => {
            Err(CliError::usage(format!("not a property: {pair:?}"))
                .hint("a property is KEY=VALUE"))
        }
        (key, value) => Ok((key.to_owned(), value.to_owned())),
    }
}

/// The properties of a file, if there is one, and over them those of `KEY=VALUE` options.
///
/// # Errors
/// The file cannot be read, or an option has no key.
pub fn layered(file: Option<&Path>, pairs: &[String]) -> anyhow::Result<Properties> {
    let mut properties = file.map(read_file).transpose()?.unwrap_or_default();
    for pair in pairs {
        let (key, value) = split_pair(pair)?;
        properties.set(key, value);
    }
    Ok(properties)
}

/// The value of an option that was called `old` before Kafka 4.2. The old name still counts, with a
/// warning on stderr.
///
/// # Errors
/// Both names are used.
pub fn renamed<T: Default + PartialEq>(
    (old, old_value): (&str, T),
    (new, new_value): (&str, T),
) -> Result<T, CliError> {
    let unset = T::default();
    match (old_value == unset, new_value == unset) {
        (true, _) => Ok(new_value),
        (false, true) => {
            error::warn(&format!("{old} is deprecated since Kafka 4.2: use {new}"));
            Ok(old_value)
        }
        (false, false) => {
            Err(CliError::usage(format!("Options {old} and {new} cannot be specified together.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_equals_sign_splits() {
        for (text, key, value) in [("a=b=c", "a", "b=c"), ("a=", "a", ""), ("a", "a", "")] {
            assert_eq!(split_pair(text).unwrap(), (key.to_owned(), value.to_owned()));
        }
        assert!(split_pair("=b").is_err());
    }

    #[test]
    fn an_option_counts_under_either_name_but_not_under_both() {
        let renamed = |old, new| renamed(("--old", old), ("--new", new)).map_err(|e| e.to_string());
        assert_eq!(renamed(None, Some(1)), Ok(Some(1)));
        assert_eq!(renamed(Some(1), None), Ok(Some(1)));
        assert_eq!(renamed(None::<i32>, None), Ok(None));
        assert_eq!(
            renamed(Some(1), Some(1)).unwrap_err(),
            "Options --old and --new cannot be specified together."
        );
    }
}
