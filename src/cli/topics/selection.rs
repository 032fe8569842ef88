//! Which topics the arguments mean.

use std::collections::BTreeSet;

use regex::Regex;

use super::Arguments;
use crate::cli::error::CliError;
use crate::client::admin::topics::{is_unknown_topic, list_topics};
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;
use crate::wire::error::ErrorCode;

/// Topics that exist, and what is wrong with the others that were asked for.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Sorted, each once.
    pub(super) names: Vec<String>,
    /// One error for each topic or pattern that names nothing.
    pub(super) failures: Vec<anyhow::Error>,
}

impl Selection {
    /// How many things were asked for.
    pub(super) fn total(&self) -> usize {
        self.names.len() + self.failures.len()
    }
}

/// Looks up the topics of `--topic`; all topics if it is not given.
pub(super) async fn select(cluster: &Cluster, arguments: &Arguments) -> anyhow::Result<Selection> {
    match arguments.subject.regex || arguments.subject.topic.is_empty() {
        true => select_by_pattern(cluster, arguments).await,
        false => select_by_name(cluster, arguments).await,
    }
}

async fn select_by_pattern(cluster: &Cluster, arguments: &Arguments) -> anyhow::Result<Selection> {
    let patterns: Vec<Regex> = arguments
        .subject
        .topic
        .iter()
        .map(|pattern| whole_name(pattern))
        .collect::<Result<_, _>>()?;
    let topics = list_topics(cluster).await?;
    let shown = topics
        .into_iter()
        .filter(|topic| !(arguments.subject.exclude_internal && topic.is_internal));
    let all: Vec<String> = shown.map(|topic| topic.name).collect();
    if patterns.is_empty() {
        return Ok(Selection { names: all, failures: Vec::new() });
    }
    let matched = |name: &String| patterns.iter().any(|pattern| pattern.is_match(name));
    let without_match = patterns.iter().zip(&arguments.subject.topic).filter(|(pattern, _)| {
        !arguments.subject.if_exists && !all.iter().any(|name| pattern.is_match(name))
    });
    let failures = without_match.map(|(_, text)| does_not_exist(text, arguments).into()).collect();
    Ok(Selection { names: all.into_iter().filter(matched).collect(), failures })
}

async fn select_by_name(cluster: &Cluster, arguments: &Arguments) -> anyhow::Result<Selection> {
    let wanted: BTreeSet<String> = arguments.subject.topic.iter().cloned().collect();
    let wanted: Vec<String> = wanted.into_iter().collect();
    let mut selection = Selection::default();
    for topic in cluster.metadata(Some(&wanted)).await?.topics {
        let Some(name) = topic.name else { continue };
        if topic.is_internal && arguments.subject.exclude_internal {
            continue;
        }
        match ClientError::check(topic.error_code, None) {
            // A topic whose leader is being elected is there.
            Ok(()) => selection.names.push(name),
            Err(error) if error.code() == Some(ErrorCode::LEADER_NOT_AVAILABLE) => {
                selection.names.push(name);
            }
            Err(error) if !is_unknown_topic(&error) && !is_impossible(&error) => {
                selection.failures.push(anyhow::Error::new(error).context(format!("topic {name}")));
            }
            Err(_) if arguments.subject.if_exists => {}
            Err(_) => selection.failures.push(does_not_exist(&name, arguments).into()),
        }
    }
    selection.names.sort_unstable();
    Ok(selection)
}

/// Whether no topic can have the name that was asked for.
fn is_impossible(error: &ClientError) -> bool {
    error.code() == Some(ErrorCode::INVALID_TOPIC_EXCEPTION)
}

/// A pattern that matches whole names, as Kafka's filters do.
fn whole_name(pattern: &str) -> Result<Regex, CliError> {
    Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
        // The last line says what is wrong; those before it draw where.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        CliError::usage(format!("not a regular expression: {pattern}: {reason}"))
    })
}

/// The error about a topic that is not there.
pub(super) fn does_not_exist(topic: &str, arguments: &Arguments) -> CliError {
    let error = CliError::failed(format!("Topic '{topic}' does not exist as expected"));
    let like_a_pattern = topic.contains(['*', '+', '?', '|', '[', '(', '^', '$', ',']);
    match like_a_pattern && !arguments.subject.regex {
        true => error.hint("a topic's name is taken literally; --regex makes it a pattern"),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names_only() {
        let pattern = whole_name("a|b.c").unwrap();
        let matches = |name| pattern.is_match(name);
        assert!(matches("a") && matches("b.c") && matches("b-c"));
        assert!(!matches("ab") && !matches("xa") && !matches("b.cd"));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused_in_one_line() {
        let error = whole_name("a[").unwrap_err();
        assert_eq!(error.to_string(), "not a regular expression: a[: unclosed character class");
    }
}
