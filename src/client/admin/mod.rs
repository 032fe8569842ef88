//! Questions and changes that are not about records: topics, configs, offsets, groups.
//!
//! Plain functions over a [`Cluster`](super::cluster::Cluster) that return plain values. Each finds
//! the broker to ask (any, the controller, a coordinator, a partition's leader), takes the highest
//! version both sides know, and asks again when a broker has only moved. They serve all brokers
//! since Kafka 2.1; what a broker cannot do is an error that says so.
//!
//! Where several things are asked for, each has a result of its own. An outer error means that
//! nothing is known of any of them.

pub mod cluster;
pub mod configs;
pub mod groups;
pub mod offsets;
pub mod reassignments;
pub mod topics;

use super::error::ClientError;
use super::partition::TopicPartition;

/// How long brokers may take to carry out a change before they answer that it is under way.
const CHANGE_TIMEOUT_MS: i32 = 8_000;

/// Sorted partitions under their topics, in the form that requests have: `row` turns what belongs
/// to one partition into the request's row, `topic` a topic's rows into the request's topic.
fn by_topic<'a, V: 'a, R, T>(
    partitions: impl IntoIterator<Item = (&'a TopicPartition, V)>,
    row: impl Fn(i32, V) -> R,
    topic: impl Fn(String, Vec<R>) -> T,
) -> Vec<T> {
    let mut topics: Vec<(&str, Vec<R>)> = Vec::new();
    for (partition, value) in partitions {
        let row = row(partition.partition, value);
        match topics.last_mut() {
            Some((name, rows)) if *name == partition.topic => rows.push(row),
            _ => topics.push((&partition.topic, vec![row])),
        }
    }
    topics.into_iter().map(|(name, rows)| topic(name.to_owned(), rows)).collect()
}

/// An error in passing if that is all there is: then asking again makes sense, and it cannot do
/// twice what has been done already.
fn all_retriable<'a, T: 'a>(
    results: impl IntoIterator<Item = &'a Result<T, ClientError>>,
) -> Option<ClientError> {
    let mut first = None;
    for result in results {
        match result {
            Err(error) if error.is_retriable() => first = first.or(Some(error)),
            _ => return None,
        }
    }
    first.cloned()
}
