//! Records of the cluster metadata log `__cluster_metadata` (KIP-631).
//!
//! Each is preceded by a frame version, the number of its type and its version, all unsigned
//! variable-length integers.

use bytes::Bytes;

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

message! {
    /// A controller registered (KIP-919).
    message RegisterControllerRecord [0..=0, flexible 0] {
        controller_id: i32 [0..],
        incarnation_id: Uuid [0..],
        zk_migration_ready: bool [0..],
        end_points: Vec<ControllerEndpoint> [0..],
        features: Vec<ControllerFeature> [0..],
    }

    /// `end_points` of [`RegisterControllerRecord`].
    struct ControllerEndpoint {
        name: String [0..],
        host: String [0..],
        port: u16 [0..],
        security_protocol: i16 [0..],
    }

    /// `features` of [`RegisterControllerRecord`].
    struct ControllerFeature {
        name: String [0..],
        min_supported_version: i16 [0..],
        max_supported_version: i16 [0..],
    }
}

message! {
    /// A broker was unregistered.
    message UnregisterBrokerRecord [0..=0, flexible 0] {
        broker_id: i32 [0..],
        broker_epoch: i64 [0..],
    }
}

message! {
    /// A broker was fenced; written before Kafka 3.3 only.
    message FenceBrokerRecord [0..=0, flexible 0] {
        id: i32 [0..],
        epoch: i64 [0..],
    }
}

message! {
    /// A broker was unfenced; written before Kafka 3.3 only.
    message UnfenceBrokerRecord [0..=0, flexible 0] {
        id: i32 [0..],
        epoch: i64 [0..],
    }
}

message! {
    /// A broker was fenced or unfenced, began to shut down, or changed its directories.
    message BrokerRegistrationChangeRecord [0..=2, flexible 0] {
        broker_id: i32 [0..],
        broker_epoch: i64 [0..],
        fenced: i8 [0.., tag(0)],
        in_controlled_shutdown: i8 [1.., tag(1)],
        log_dirs: Vec<Uuid> [2.., tag(2)],
    }
}

message! {
    /// The eligible leader replicas of a topic, or of all, were cleared (KIP-966).
    message ClearElrRecord [0..=0, flexible 0] {
        topic_name: String [0..],
    }
}

message! {
    /// A delegation token was made or renewed.
    message DelegationTokenRecord [0..=0, flexible 0] {
        owner: String [0..],
        requester: String [0..],
        renewers: Vec<String> [0..],
        issue_timestamp: i64 [0..],
        max_timestamp: i64 [0..],
        expiration_timestamp: i64 [0..],
        token_id: String [0..],
    }
}

message! {
    /// A delegation token expired or was removed.
    message RemoveDelegationTokenRecord [0..=0, flexible 0] {
        token_id: String [0..],
    }
}

message! {
    /// A SCRAM credential was set.
    message UserScramCredentialRecord [0..=0, flexible 0] {
        name: String [0..],
        mechanism: i8 [0..],
        salt: Bytes [0..],
        stored_key: Bytes [0..],
        server_key: Bytes [0..],
        iterations: i32 [0..],
    }
}

message! {
    /// A SCRAM credential was removed.
    message RemoveUserScramCredentialRecord [0..=0, flexible 0] {
        name: String [0..],
        mechanism: i8 [0..],
    }
}

message! {
    /// A quota was set or removed.
    message ClientQuotaRecord [0..=0, flexible 0] {
        entity: Vec<EntityData> [0..],
        key: String [0..],
        value: f64 [0..],
        remove: bool [0..],
    }

    /// `entity` of [`ClientQuotaRecord`].
    struct EntityData {
        entity_type: String [0..],
        entity_name: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// An access control entry was added.
    message AccessControlEntryRecord [0..=0, flexible 0] {
        id: Uuid [0..],
        resource_type: i8 [0..],
        resource_name: String [0..],
        pattern_type: i8 [0..],
        principal: String [0..],
        host: String [0..],
        operation: i8 [0..],
        permission_type: i8 [0..],
    }
}

message! {
    /// An access control entry was removed.
    message RemoveAccessControlEntryRecord [0..=0, flexible 0] {
        id: Uuid [0..],
    }
}

message! {
    /// What follows takes effect together (KIP-868).
    message BeginTransactionRecord [0..=0, flexible 0] {
        name: Option<String> [0.., nullable(0..), tag(0)],
    }
}

message! {
    /// What followed [`BeginTransactionRecord`] takes effect.
    message EndTransactionRecord [0..=0, flexible 0] {}
}

message! {
    /// What followed [`BeginTransactionRecord`] takes no effect.
    message AbortTransactionRecord [0..=0, flexible 0] {
        reason: Option<String> [0.., nullable(0..), tag(0)],
    }
}

message! {
    /// How far the migration from ZooKeeper is.
    message ZkMigrationStateRecord [0..=0, flexible 0] {
        zk_migration_state: i8 [0..],
    }
}

message! {
    /// Nothing: it moves the high watermark (KIP-835).
    message NoOpRecord [0..=0, flexible 0] {}
}
