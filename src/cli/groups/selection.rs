//! The topics of a command line, `orders` or `orders:0,1,2`, and the partitions that they mean.

use std::collections::BTreeSet;

use crate::cli::error::CliError;
use crate::client::partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata::MetadataResponse;

/// A topic with all of its partitions, or with some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topics {
    pub(super) topic: String,
    /// `None` for all.
    pub(super) partitions: Option<Vec<i32>>,
}

/// Reads every `--topic`.
///
/// # Errors
/// A usage error with the script's sentences.
pub(super) fn parse_topics(arguments: &[String]) -> Result<Vec<Topics>, CliError> {
    arguments.iter().map(|argument| parse(argument)).collect()
}

fn parse(argument: &str) -> Result<Topics, CliError> {
    let Some((topic, indexes)) = argument.split_once(':') else {
        return Ok(Topics { topic: argument.to_owned(), partitions: None });
    };
    if topic.is_empty() || indexes.is_empty() || indexes.contains(':') {
        return Err(CliError::usage(format!(
            "Invalid topic arg '{argument}', expected topic name and partitions"
        )));
    }
    let index = |text: &str| {
        text.parse().map_err(|_| {
            CliError::usage(format!(
                "Invalid partition '{text}' specified in topic arg '{argument}'"
            ))
        })
    };
    let partitions = indexes.split(',').map(index).collect::<Result<_, _>>()?;
    Ok(Topics { topic: topic.to_owned(), partitions: Some(partitions) })
}

/// What a cluster has of the partitions that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Located {
    /// These have a leader.
    pub(super) led: BTreeSet<TopicPartition>,
    /// These exist, but nobody leads them.
    pub(super) leaderless: BTreeSet<TopicPartition>,
    /// These do not exist.
    pub(super) missing: BTreeSet<TopicPartition>,
    /// These topics do not exist, or may not be seen, and no partitions of them were named.
    pub(super) missing_topics: BTreeSet<String>,
}

/// Sorts the partitions of `wanted` by what `metadata` says of them.
pub(super) fn locate(wanted: &[Topics], metadata: &MetadataResponse) -> Located {
    let mut located = Located::default();
    for Topics { topic, partitions } in wanted {
        let known = metadata
            .topics
            .iter()
            .find(|known| known.name.as_ref() == Some(topic) && !known.error_code.is_error());
        let leads = |index: i32| {
            let known = known?.partitions.iter().find(|p| p.partition_index == index)?;
            Some(known.leader_id >= 0 && known.error_code != ErrorCode::LEADER_NOT_AVAILABLE)
        };
        let indexes: Vec<i32> = match (partitions, known) {
            (Some(indexes), _) => indexes.clone(),
            (None, Some(known)) => known.partitions.iter().map(|p| p.partition_index).collect(),
            (None, None) => {
                located.missing_topics.insert(topic.clone());
                continue;
            }
        };
        for index in indexes {
            let kind = match leads(index) {
                Some(true) => &mut located.led,
                Some(false) => &mut located.leaderless,
                None => &mut located.missing,
            };
            kind.insert(TopicPartition::new(topic, index));
        }
    }
    located
}

/// The same partitions, gathered by topic.
pub(super) fn by_topic<'a>(
    partitions: impl IntoIterator<Item = &'a TopicPartition>,
) -> Vec<Topics> {
    let mut topics: Vec<Topics> = Vec::new();
    for TopicPartition { topic, partition } in partitions {
        match topics.last_mut().filter(|last| last.topic == *topic) {
            Some(last) => last.partitions.get_or_insert_default().push(*partition),
            None => {
                let partitions = Some(vec![*partition]);
                topics.push(Topics { topic: topic.clone(), partitions });
            }
        }
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::metadata::{MetadataResponsePartition, MetadataResponseTopic};

    fn topics(arguments: &[&str]) -> Result<Vec<Topics>, String> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        parse_topics(&arguments).map_err(|error| error.to_string())
    }

    fn all(topic: &str) -> Topics {
        Topics { topic: topic.to_owned(), partitions: None }
    }

    fn some(topic: &str, partitions: &[i32]) -> Topics {
        Topics { topic: topic.to_owned(), partitions: Some(partitions.to_vec()) }
    }

    #[test]
    fn a_topic_may_name_partitions() {
        assert_eq!(
            topics(&["a", "b:0", "c:2,1"]),
            Ok(vec![all("a"), some("b", &[0]), some("c", &[2, 1])])
        );
    }

    #[test]
    fn a_malformed_topic_is_refused_with_the_scripts_sentence() {
        for argument in ["a:", ":0", "a:0:1"] {
            let expected =
                format!("Invalid topic arg '{argument}', expected topic name and partitions");
            assert_eq!(topics(&[argument]), Err(expected));
        }
        assert_eq!(
            topics(&["a:0,x"]).unwrap_err(),
            "Invalid partition 'x' specified in topic arg 'a:0,x'"
        );
    }

    #[test]
    fn partitions_are_sorted_by_what_the_cluster_has_of_them() {
        let partition = |partition_index, leader_id| MetadataResponsePartition {
            partition_index,
            leader_id,
            ..Default::default()
        };
        let orders = MetadataResponseTopic {
            name: Some("orders".to_owned()),
            partitions: vec![partition(1, 5), partition(0, -1)],
            ..Default::default()
        };
        let gone = MetadataResponseTopic {
            name: Some("gone".to_owned()),
            error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            ..Default::default()
        };
        let metadata = MetadataResponse { topics: vec![orders, gone], ..Default::default() };

        let located = locate(&[all("orders"), some("orders", &[7]), all("gone")], &metadata);
        assert_eq!(located.led, BTreeSet::from([TopicPartition::new("orders", 1)]));
        assert_eq!(located.leaderless, BTreeSet::from([TopicPartition::new("orders", 0)]));
        assert_eq!(located.missing, BTreeSet::from([TopicPartition::new("orders", 7)]));
        assert_eq!(located.missing_topics, BTreeSet::from(["gone".to_owned()]));
    }

    #[test]
    fn partitions_are_gathered_by_topic() {
        let partitions =
            [("a", 0), ("a", 1), ("b", 0)].map(|(topic, index)| TopicPartition::new(topic, index));
        assert_eq!(by_topic(&partitions), [some("a", &[0, 1]), some("b", &[0])]);
    }
}
