//! Records of the cluster metadata log `__cluster_metadata` (KIP-631).
//!
//! Each is preceded by a frame version, the number of its type and its version, all unsigned
//! variable-length integers.

use crate::base::uuid::Uuid;
use crate::message;

message! {
    /// A topic was created.
    message TopicRecord [0..=0, flexible 0] {
        name: String [0..],
        topic_id: Uuid [0..],
    }
}

message! {
    /// A partition was created.
    message PartitionRecord [0..=2, flexible 0] {
        partition_id: i32 [0.., default(-1)],
        topic_id: Uuid [0..],
        replicas: Vec<i32> [0..],
        isr: Vec<i32> [0..],
        removing_replicas: Vec<i32> [0..],
        adding_replicas: Vec<i32> [0..],
        leader: i32 [0.., default(-1)],
        leader_recovery_state: i8 [0.., tag(0)],
        leader_epoch: i32 [0.., default(-1)],
        partition_epoch: i32 [0.., default(-1)],
        directories: Vec<Uuid> [1..],
        eligible_leader_replicas: Option<Vec<i32>> [2.., nullable(2..), tag(1)],
        last_known_elr: Option<Vec<i32>> [2.., nullable(2..), tag(2)],
    }
}

message! {
    /// A partition's leader, replicas or in-sync replicas changed.
    message PartitionChangeRecord [0..=2, flexible 0] {
        partition_id: i32 [0.., default(-1)],
        topic_id: Uuid [0..],
        isr: Option<Vec<i32>> [0.., nullable(0..), tag(0)],
        leader: i32 [0.., default(-2), tag(1)],
        replicas: Option<Vec<i32>> [0.., nullable(0..), tag(2)],
        removing_replicas: Option<Vec<i32>> [0.., nullable(0..), tag(3)],
        adding_replicas: Option<Vec<i32>> [0.., nullable(0..), tag(4)],
        leader_recovery_state: i8 [0.., default(-1), tag(5)],
        directories: Option<Vec<Uuid>> [1.., nullable(1..), tag(8)],
        eligible_leader_replicas: Option<Vec<i32>> [2.., nullable(2..), tag(6)],
        last_known_elr: Option<Vec<i32>> [2.., nullable(2..), tag(7)],
    }
}

message! {
    /// A config was set, or reset if the value is null.
    message ConfigRecord [0..=0, flexible 0] {
        resource_type: i8 [0..],
        resource_name: String [0..],
        name: String [0..],
        value: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// A topic was deleted, with all its partitions and configs.
    message RemoveTopicRecord [0..=0, flexible 0] {
        topic_id: Uuid [0..],
    }
}

message! {
    /// A block of producer ids was handed out.
    message ProducerIdsRecord [0..=0, flexible 0] {
        broker_id: i32 [0..],
        broker_epoch: i64 [0.., default(-1)],
        next_producer_id: i64 [0..],
    }
}

message! {
    /// A feature level was finalized.
    message FeatureLevelRecord [0..=0, flexible 0] {
        name: String [0..],
        feature_level: i16 [0..],
    }
}

message! {
    /// A broker registered.
    message RegisterBrokerRecord [0..=3, flexible 0] {
        broker_id: i32 [0..],
        is_migrating_zk_broker: bool [2..],
        incarnation_id: Uuid [0..],
        broker_epoch: i64 [0..],
        end_points: Vec<BrokerEndpoint> [0..],
        features: Vec<BrokerFeature> [0..],
        rack: Option<String> [0.., nullable(0..)],
        fenced: bool [0.., default(true)],
        in_controlled_shutdown: bool [1..],
        log_dirs: Vec<Uuid> [3.., tag(0)],
    }

    /// `features` of [`RegisterBrokerRecord`].
    struct BrokerFeature {
        name: String [0..],
        min_supported_version: i16 [0..],
        max_supported_version: i16 [0..],
    }

    /// `end_points` of [`RegisterBrokerRecord`].
    struct BrokerEndpoint {
        name: String [0..],
        host: String [0..],
        port: u16 [0..],
        security_protocol: i16 [0..],
    }
}
