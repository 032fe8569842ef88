//! The rules for topics: names, partition counts, replicas. Plain functions from the metadata and
//! a wish to records or a refusal, with the codes that Kafka's controller gives.

use std::collections::BTreeMap;

use super::image::{Image, ResourceKind, Topic};
use super::records::MetadataRecord;
use super::{ChangeError, METADATA_TOPIC};
use crate::base::topic_name;
use crate::base::uuid::Uuid;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata_log::{ConfigRecord, PartitionRecord, TopicRecord};

/// Most partitions that one request may create, as in Kafka's controller.
pub const MAX_NEW_PARTITIONS: usize = 10_000;

/// Topics that belong to the broker.
const INTERNAL_TOPICS: [&str; 3] =
    ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Id of the one log directory, until there are several (KIP-858: "unassigned" is all zeros).
const UNASSIGNED_DIRECTORY: Uuid = Uuid::ZERO;

/// Whether a topic belongs to the broker: clients may read it, not write it.
pub fn is_internal(name: &str) -> bool {
    INTERNAL_TOPICS.contains(&name)
}

/// Why a change is not made: the code that the client gets, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What a client acts on.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: String,
}

impl From<ChangeError> for Refusal {
    fn from(error: ChangeError) -> Self {
        let code = match error {
            ChangeError::Storage(_) => ErrorCode::KAFKA_STORAGE_ERROR,
            ChangeError::Encode(_) | ChangeError::TooLarge(_) => ErrorCode::INVALID_REQUEST,
        };
        Self::new(code, error.to_string())
    }
}

impl Refusal {
    /// A refusal of this code with this sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Checks the name of a topic that a client speaks of: Kafka's rules, and not the metadata's own.
///
/// # Errors
/// INVALID_TOPIC_EXCEPTION.
pub fn check_topic_name(name: &str) -> Result<(), Refusal> {
    let what = match topic_name::check_topic_name(name) {
        Ok(()) if name != METADATA_TOPIC => return Ok(()),
        Ok(()) => format!("'{METADATA_TOPIC}' belongs to the controller"),
        Err(error) => error.to_string(),
    };
    let message = format!("Topic name is invalid: {what}");
    Err(Refusal::new(ErrorCode::INVALID_TOPIC_EXCEPTION, message))
}

/// A topic that somebody wants.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Number of partitions; -1 for the broker's default.
    pub partitions: i32,
    /// Number of replicas of each partition; -1 for the broker's default.
    pub replication_factor: i16,
    /// Brokers of each partition, by index, if chosen by hand; empty otherwise.
    pub assignments: Vec<(i32, Vec<i32>)>,
    /// Config overrides; checked by the caller.
    pub configs: BTreeMap<String, String>,
}

/// What a wish is filled in with.
#[derive(Clone, Copy, Debug)]
pub struct TopicDefaults {
    /// This broker, the only one.
    pub node_id: i32,
    /// `num.partitions`.
    pub partitions: i32,
    /// `default.replication.factor`.
    pub replication_factor: i16,
}

/// The records that create a topic with the given id, or why it is not created.
pub fn plan_topic(
    image: &Image,
    wish: &NewTopic,
    id: Uuid,
    defaults: TopicDefaults,
) -> Result<Vec<MetadataRecord>, Refusal> {
    check_topic_name(&wish.name)?;
    if image.topic(&wish.name).is_some() {
        return Err(Refusal::new(
            ErrorCode::TOPIC_ALREADY_EXISTS,
            format!("Topic '{}' already exists.", wish.name),
        ));
    }
    check_collision(image, &wish.name)?;
    let replicas = if wish.assignments.is_empty() {
        let factor = default_if_unset(wish.replication_factor, defaults.replication_factor);
        let partitions = default_if_unset(wish.partitions, defaults.partitions);
        check_partition_count(partitions)?;
        check_replication_factor(factor)?;
        vec![vec![defaults.node_id]; partitions as usize]
    } else {
        check_assignments(wish, defaults.node_id)?
    };
    let mut records = vec![TopicRecord { name: wish.name.clone(), topic_id: id }.into()];
    records.extend(wish.configs.iter().map(|(name, value)| {
        MetadataRecord::from(ConfigRecord {
            resource_type: ResourceKind::Topic as i8,
            resource_name: wish.name.clone(),
            name: name.clone(),
            value: Some(value.clone()),
        })
    }));
    records.extend(partition_records(id, 0, &replicas));
    Ok(records)
}

/// The records that raise a topic's partitions to `count`, or why they are not added. Brokers of
/// the new partitions may be chosen by hand.
pub fn plan_partitions(
    topic: &Topic,
    count: i32,
    assignments: Option<&[Vec<i32>]>,
    node_id: i32,
) -> Result<Vec<MetadataRecord>, Refusal> {
    let refuse = |message: String| Err(Refusal::new(ErrorCode::INVALID_PARTITIONS, message));
    let current = topic.partitions.len();
    let wanted = usize::try_from(count).unwrap_or(0);
    if wanted == current {
        return refuse(format!("Topic already has {current} partition(s)."));
    }
    if wanted < current {
        return refuse(format!(
            "The topic {} currently has {current} partition(s); {count} would not be an increase.",
            topic.name
        ));
    }
    let added = wanted - current;
    check_partition_count(added as i32)?;
    let replicas = match assignments {
        None => vec![vec![node_id]; added],
        Some(assignments) if assignments.len() != added => {
            return Err(Refusal::new(
                ErrorCode::INVALID_REPLICA_ASSIGNMENT,
                format!(
                    "Attempted to add {added} additional partition(s), but only {} assignment(s) \
                     were specified.",
                    assignments.len()
                ),
            ));
        }
        Some(assignments) => {
            for (index, brokers) in assignments.iter().enumerate() {
                check_brokers((current + index) as i32, brokers, node_id)?;
            }
            assignments.to_vec()
        }
    };
    Ok(partition_records(topic.id, current as i32, &replicas).collect())
}

fn default_if_unset<T: From<i8> + PartialEq>(value: T, default: T) -> T {
    if value == T::from(-1) { default } else { value }
}

/// Names that differ only in `.` and `_` would share a metric name, so Kafka keeps them apart.
fn check_collision(image: &Image, name: &str) -> Result<(), Refusal> {
    let unified = |name: &str| name.replace('.', "_");
    if !name.contains(['.', '_']) {
        return Ok(());
    }
    match image.topics().find(|topic| unified(&topic.name) == unified(name)) {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            format!("Topic '{name}' collides with existing topic: {}", other.name),
        )),
    }
}

fn check_partition_count(partitions: i32) -> Result<(), Refusal> {
    if partitions <= 0 {
        return Err(Refusal::new(
            ErrorCode::INVALID_PARTITIONS,
            "Number of partitions was set to an invalid non-positive value.",
        ));
    }
    if partitions as usize > MAX_NEW_PARTITIONS {
        return Err(Refusal::new(
            ErrorCode::POLICY_VIOLATION,
            format!(
                "Excessively large number of partitions: {partitions}, at most \
                 {MAX_NEW_PARTITIONS} can be created at once."
            ),
        ));
    }
    Ok(())
}

fn check_replication_factor(factor: i16) -> Result<(), Refusal> {
    let refuse =
        |message: String| Err(Refusal::new(ErrorCode::INVALID_REPLICATION_FACTOR, message));
    match factor {
        1 => Ok(()),
        ..=0 => refuse(
            "Replication factor must be larger than 0, or -1 to use the default value.".to_owned(),
        ),
        _ => refuse(format!(
            "Unable to replicate the partition {factor} time(s): The target replication factor of \
             {factor} cannot be reached because only 1 broker(s) are registered."
        )),
    }
}

fn check_assignments(wish: &NewTopic, node_id: i32) -> Result<Vec<Vec<i32>>, Refusal> {
    let refuse = |code, message: String| Err(Refusal::new(code, message));
    if wish.replication_factor != -1 {
        return refuse(
            ErrorCode::INVALID_REQUEST,
            "A manual partition assignment was specified, but replication factor was not set to \
             -1."
            .to_owned(),
        );
    }
    if wish.partitions != -1 {
        return refuse(
            ErrorCode::INVALID_REQUEST,
            "A manual partition assignment was specified, but numPartitions was not set to -1."
                .to_owned(),
        );
    }
    let mut sorted = wish.assignments.clone();
    sorted.sort_by_key(|(index, _)| *index);
    check_partition_count(i32::try_from(sorted.len()).unwrap_or(i32::MAX))?;
    for (expected, (index, brokers)) in (0..).zip(&sorted) {
        if *index != expected {
            return refuse(
                ErrorCode::INVALID_REPLICA_ASSIGNMENT,
                "partitions should be a consecutive 0-based integer sequence".to_owned(),
            );
        }
        check_brokers(*index, brokers, node_id)?;
    }
    Ok(sorted.into_iter().map(|(_, brokers)| brokers).collect())
}

fn check_brokers(partition: i32, brokers: &[i32], node_id: i32) -> Result<(), Refusal> {
    let refuse =
        |message: String| Err(Refusal::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, message));
    if brokers.is_empty() {
        return refuse(format!(
            "The manual partition assignment includes an empty replica list for partition \
             {partition}."
        ));
    }
    if let Some(unknown) = brokers.iter().find(|broker| **broker != node_id) {
        return refuse(format!(
            "The manual partition assignment includes broker {unknown}, but no such broker is \
             registered."
        ));
    }
    if brokers.len() > 1 {
        return refuse(format!(
            "The manual partition assignment includes the broker {node_id} more than once."
        ));
    }
    Ok(())
}

fn partition_records(
    topic_id: Uuid,
    first: i32,
    replicas: &[Vec<i32>],
) -> impl Iterator<Item = MetadataRecord> {
    (first..).zip(replicas).map(move |(partition_id, replicas)| {
        PartitionRecord {
            partition_id,
            topic_id,
            replicas: replicas.clone(),
            isr: replicas.clone(),
            leader: replicas.first().copied().unwrap_or(-1),
            leader_epoch: 0,
            partition_epoch: 0,
            directories: vec![UNASSIGNED_DIRECTORY; replicas.len()],
            ..PartitionRecord::default()
        }
        .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: TopicDefaults =
        TopicDefaults { node_id: 1, partitions: 1, replication_factor: 1 };

    fn wish(name: &str, partitions: i32, replication_factor: i16) -> NewTopic {
        NewTopic { name: name.to_owned(), partitions, replication_factor, ..NewTopic::default() }
    }

    fn image_with(name: &str, partitions: i32) -> Image {
        let mut image = Image::default();
        let records = plan_topic(&image, &wish(name, partitions, 1), Uuid([1; 16]), DEFAULTS);
        records.unwrap().iter().for_each(|record| image.apply(record));
        image
    }

    fn code(wish: &NewTopic) -> ErrorCode {
        plan_topic(&image_with("a.b", 1), wish, Uuid([2; 16]), DEFAULTS)
            .map_or_else(|refusal| refusal.code, |_| ErrorCode::NONE)
    }

    #[test]
    fn impossible_names_are_refused() {
        for name in ["", ".", "..", "a b", "ä", "a/b", &"x".repeat(250)] {
            assert_eq!(code(&wish(name, 1, 1)), ErrorCode::INVALID_TOPIC_EXCEPTION, "{name}");
        }
        assert_eq!(code(&wish(&"x".repeat(249), 1, 1)), ErrorCode::NONE);
    }

    #[test]
    fn names_that_differ_only_in_dot_and_underscore_collide() {
        assert_eq!(code(&wish("a_b", 1, 1)), ErrorCode::INVALID_TOPIC_EXCEPTION);
        assert_eq!(code(&wish("a.b", 1, 1)), ErrorCode::TOPIC_ALREADY_EXISTS);
        assert_eq!(code(&wish("a-b", 1, 1)), ErrorCode::NONE);
    }

    #[test]
    fn impossible_counts_are_refused() {
        for partitions in [0, -2, i32::MIN] {
            assert_eq!(code(&wish("t", partitions, 1)), ErrorCode::INVALID_PARTITIONS);
        }
        assert_eq!(code(&wish("t", 10_001, 1)), ErrorCode::POLICY_VIOLATION);
        for factor in [0, -2, 2, 3] {
            assert_eq!(code(&wish("t", 1, factor)), ErrorCode::INVALID_REPLICATION_FACTOR);
        }
        assert_eq!(code(&wish("t", -1, -1)), ErrorCode::NONE);
    }

    #[test]
    fn assignments_by_hand_are_checked() {
        let by_hand = |assignments: &[(i32, &[i32])]| NewTopic {
            assignments: assignments.iter().map(|(i, b)| (*i, b.to_vec())).collect(),
            ..wish("t", -1, -1)
        };
        assert_eq!(code(&by_hand(&[(1, &[1]), (0, &[1])])), ErrorCode::NONE);
        for wrong in [
            by_hand(&[(1, &[1])]),
            by_hand(&[(0, &[])]),
            by_hand(&[(0, &[2])]),
            by_hand(&[(0, &[1, 1])]),
            by_hand(&[(0, &[1]), (0, &[1])]),
        ] {
            assert_eq!(code(&wrong), ErrorCode::INVALID_REPLICA_ASSIGNMENT);
        }
        let both = NewTopic { partitions: 1, ..by_hand(&[(0, &[1])]) };
        assert_eq!(code(&both), ErrorCode::INVALID_REQUEST);
    }

    #[test]
    fn partitions_can_only_be_added() {
        let mut image = image_with("t", 3);
        let topic = image.topic("t").unwrap().clone();
        for count in [-1, 0, 2, 3] {
            let refusal = plan_partitions(&topic, count, None, 1).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::INVALID_PARTITIONS);
        }
        let records = plan_partitions(&topic, 5, None, 1).unwrap();
        records.iter().for_each(|record| image.apply(record));
        assert_eq!(image.topic("t").unwrap().partitions.len(), 5);
    }
}
