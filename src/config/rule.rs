//! What a value must fulfil beyond its type. The texts of refusals are those of Kafka.

use super::definition::Value;
use super::error::ConfigError;

/// A condition on the value of one config.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Every value of the type.
    Any,
    /// A number that is not below this one.
    AtLeast(i64),
    /// A number from the first to the second, both included.
    Between(i64, i64),
    /// A number from the first to the second, both included, or the third.
    BetweenOr(i64, i64, i64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts, in capitals or not.
    OneOfIgnoringCase(&'static [&'static str]),
    /// A list of any of these texts, or an empty one.
    EachOf(&'static [&'static str]),
    /// Replicas to throttle: `*`, or a list of `partition:broker`.
    ThrottledReplicas,
}

impl Rule {
    /// Checks the value of the config of this name.
    pub(crate) fn check(&self, name: &str, value: &Value) -> Result<(), ConfigError> {
        match (self, value) {
            (Rule::AtLeast(min), _) => check_range(name, value, *min, None),
            (Rule::Between(min, max), _) => check_range(name, value, *min, Some(*max)),
            (Rule::BetweenOr(min, max, other), Value::Integer(number)) => {
                if (min..=max).contains(&number) || number == other {
                    return Ok(());
                }
                let reason = format!("Value must be between {min} and {max} or equal to {other}");
                Err(ConfigError::invalid(name, value, reason))
            }
            (Rule::OneOf(allowed), Value::Text(text)) => check_one_of(name, text, allowed),
            (Rule::OneOfIgnoringCase(allowed), Value::Text(text)) => {
                let known = allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(text));
                let reason = || format!("String must be one of: {}", allowed.join(", "));
                known.then_some(()).ok_or_else(|| ConfigError::invalid(name, text, reason()))
            }
            (Rule::EachOf(allowed), Value::List(items)) => {
                if items.iter().any(String::is_empty) {
                    return Err(ConfigError::EmptyListItem(name.to_owned()));
                }
                items.iter().try_for_each(|item| check_one_of(name, item, allowed))
            }
            (Rule::ThrottledReplicas, Value::List(items)) => check_throttled(name, items),
            _ => Ok(()),
        }
    }
}

fn check_range(name: &str, value: &Value, min: i64, max: Option<i64>) -> Result<(), ConfigError> {
    let (below, above) = match value {
        Value::Integer(number) => (*number < min, max.is_some_and(|max| *number > max)),
        Value::Double(number) => {
            (*number < min as f64, max.is_some_and(|max| *number > max as f64))
        }
        _ => (false, false),
    };
    match max {
        _ if below => {
            Err(ConfigError::invalid(name, value, format!("Value must be at least {min}")))
        }
        Some(max) if above => {
            Err(ConfigError::invalid(name, value, format!("Value must be no more than {max}")))
        }
        _ => Ok(()),
    }
}

fn check_one_of(name: &str, text: &str, allowed: &[&str]) -> Result<(), ConfigError> {
    if allowed.contains(&text) {
        return Ok(());
    }
    let reason = format!("String must be one of: {}", allowed.join(", "));
    Err(ConfigError::invalid(name, text, reason))
}

fn check_throttled(name: &str, items: &[String]) -> Result<(), ConfigError> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_replica = |item: &String| {
        item.split_once(':')
            .is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
    };
    if items == ["*"] || items.iter().all(is_replica) {
        return Ok(());
    }
    let reason = format!(
        "{name} must be the literal '*' or a list of replicas in the following format: \
         [partitionId]:[brokerId],[partitionId]:[brokerId],..."
    );
    Err(ConfigError::invalid(name, format!("[{}]", items.join(", ")), reason))
}
