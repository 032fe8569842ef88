//! `kf topics --create`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::Arguments;
use crate::cli::context::Context;
use crate::cli::error::{self, CliError, Outcome};
use crate::client::admin::topics::{NewTopic, create_topics};
use crate::wire::error::ErrorCode;

/// Creates the topics, or with `--dry-run` asks the cluster whether it would.
pub(super) async fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let topics = new_topics(arguments)?;
    let cluster = context.connect(&arguments.connection).await?;
    if topics.iter().any(|topic| topic.name.contains(['.', '_'])) {
        error::warn(
            "metric names replace '.' by '_', so topics whose names differ in these alone \
             collide; use one of the two, not both",
        );
    }
    let results = create_topics(&cluster, &topics, arguments.run.dry_run).await?;
    let total = results.len();
    let mut failures = Vec::new();
    let mut out = io::stdout().lock();
    for (name, result) in results {
        match result {
            Ok(()) if arguments.run.dry_run => writeln!(out, "Would create topic {name}.")?,
            Ok(()) => writeln!(out, "Created topic {name}.")?,
            Err(error) if exists(error.code()) && arguments.subject.if_not_exists => {}
            Err(error) => failures.push(error.into()),
        }
    }
    Outcome::of_items(total, failures)
}

fn exists(code: Option<ErrorCode>) -> bool {
    code == Some(ErrorCode::TOPIC_ALREADY_EXISTS)
}

fn new_topics(arguments: &Arguments) -> Result<Vec<NewTopic>, CliError> {
    let replication_factor =
        arguments.shape.replication_factor.map(replication_factor).transpose()?;
    if arguments.shape.partitions.is_some_and(|partitions| partitions < 1) {
        return Err(CliError::usage("The partitions must be greater than 0"));
    }
    let assignments = arguments.shape.replica_assignment.as_deref().map(parse_assignment);
    let template = NewTopic {
        name: String::new(),
        partitions: arguments.shape.partitions,
        replication_factor,
        assignments: assignments.transpose()?.unwrap_or_default(),
        configs: arguments
            .shape
            .config
            .iter()
            .map(|pair| parse_config(pair))
            .collect::<Result<_, _>>()?,
    };
    let names: BTreeSet<&String> = arguments.subject.topic.iter().collect();
    Ok(names.into_iter().map(|name| NewTopic { name: name.clone(), ..template.clone() }).collect())
}

fn replication_factor(number: i32) -> Result<i16, CliError> {
    let valid = i16::try_from(number).ok().filter(|factor| *factor >= 1);
    valid.ok_or_else(|| {
        CliError::usage("The replication factor must be between 1 and 32767 inclusive")
    })
}

fn parse_config(pair: &str) -> Result<(String, String), CliError> {
    let split = pair.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    match split.filter(|(name, _)| !name.is_empty()) {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(CliError::usage(
            "Invalid topic config: all configs to be added must be in the format \"key=val\".",
        )),
    }
}

/// Reads `1:2,2:3`: the node ids of each partition's replicas, as many for each.
pub(super) fn parse_assignment(text: &str) -> Result<Vec<Vec<i32>>, CliError> {
    let mut partitions: Vec<Vec<i32>> = Vec::new();
    for (partition, list) in text.split(',').enumerate() {
        let node_ids = list.split(':').map(|id| id.trim().parse::<i32>());
        let replicas: Vec<i32> = node_ids.collect::<Result<_, _>>().map_err(|_| {
            CliError::usage(format!("not the node ids of replicas: {list:?}"))
                .hint("1:2,2:3 puts partition 0 on brokers 1 and 2, partition 1 on 2 and 3")
        })?;
        let mut seen = BTreeSet::new();
        let duplicates: BTreeSet<&i32> = replicas.iter().filter(|id| !seen.insert(**id)).collect();
        if !duplicates.is_empty() {
            let ids: Vec<String> = duplicates.iter().map(|id| id.to_string()).collect();
            return Err(CliError::usage(format!(
                "Partition replica lists may not contain duplicate entries: {}",
                ids.join(",")
            )));
        }
        if partitions.first().is_some_and(|first| first.len() != replicas.len()) {
            return Err(CliError::usage(format!(
                "Partition {partition} has different replication factor: {replicas:?}"
            )));
        }
        partitions.push(replicas);
    }
    Ok(partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_names_the_replicas_of_each_partition() {
        assert_eq!(parse_assignment("1:2,2: 3").unwrap(), [[1, 2], [2, 3]]);
        assert_eq!(parse_assignment("0").unwrap(), [[0]]);
    }

    #[test]
    fn assignments_that_make_no_sense_are_refused_in_the_words_of_the_script() {
        for (text, expected) in [
            ("1:1", "Partition replica lists may not contain duplicate entries: 1"),
            ("1:2,1", "Partition 1 has different replication factor: [1]"),
            ("a", "not the node ids of replicas: \"a\""),
            ("1,,2", "not the node ids of replicas: \"\""),
        ] {
            assert_eq!(parse_assignment(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_config_is_split_at_the_first_equals_sign() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(parse_config("a = b=c").unwrap(), pair("a", "b=c"));
        assert_eq!(parse_config("a=").unwrap(), pair("a", ""));
        assert!(parse_config("a").is_err() && parse_config("=b").is_err());
    }
}
