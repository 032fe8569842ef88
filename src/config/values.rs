//! From a table and the texts that were set to the fields of a typed struct.

use super::definition::{ConfigDefinition, ConfigTable, Value};
use super::error::ConfigError;

/// Reads the effective values of one table.
pub(crate) struct Values<'a> {
    /// The table that knows the names.
    pub(crate) table: &'static ConfigTable,
    /// Finds what applies for a config: what was set or inherited, else the default.
    pub(crate) effective:
        &'a dyn Fn(&'static ConfigDefinition) -> Result<Option<Value>, ConfigError>,
}

impl Values<'_> {
    /// The value, if there is one; one without text counts as none.
    fn optional(&self, name: &str) -> Result<Option<Value>, ConfigError> {
        let definition = self.table.get(name).ok_or_else(|| unreadable(name))?;
        let value = (self.effective)(definition)?;
        Ok(value.filter(|value| !matches!(value, Value::Text(text) if text.is_empty())))
    }

    fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<T, ConfigError> {
        self.optional(name)?.and_then(read).ok_or_else(|| unreadable(name))
    }

    /// A boolean that has a default.
    pub(crate) fn boolean(&self, name: &str) -> Result<bool, ConfigError> {
        self.required(name, |value| match value {
            Value::Boolean(value) => Some(value),
            _ => None,
        })
    }

    /// A number that has a default; `T` is wide enough for the config's type and rule.
    pub(crate) fn integer<T: TryFrom<i64>>(&self, name: &str) -> Result<T, ConfigError> {
        self.required(name, |value| match value {
            Value::Integer(value) => T::try_from(value).ok(),
            _ => None,
        })
    }

    /// A floating-point number that has a default.
    pub(crate) fn double(&self, name: &str) -> Result<f64, ConfigError> {
        self.required(name, |value| match value {
            Value::Double(value) => Some(value),
            _ => None,
        })
    }

    /// The items of a list; none if it is not set.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        match self.optional(name)? {
            Some(Value::List(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// A text, if one is set.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        Ok(self.optional(name)?.map(|value| value.to_string()))
    }

    /// A text that has a default and names one of a few choices.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<T, ConfigError> {
        self.required(name, |value| {
            let text = value.to_string();
            choices.iter().find(|(known, _)| *known == text).map(|(_, choice)| *choice)
        })
    }
}

/// The table has no such row, or a row whose type or default does not fit its reader.
fn unreadable(name: &str) -> ConfigError {
    ConfigError::invalid(name, "", "has no readable value")
}
