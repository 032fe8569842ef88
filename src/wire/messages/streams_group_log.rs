//! Records of streams groups (KIP-1071) in `__consumer_offsets`.
//!
//! A key is preceded by the number of its kind, a value by a version, both as an int16.

use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Key of a group (17).
    message StreamsGroupMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// A group, its epoch, and what its assignment was made from.
    message StreamsGroupMetadataValue [0..=0, flexible 0] {
        epoch: i32 [0..],
        metadata_hash: i64 [0..],
        validated_topology_epoch: i32 [0.., default(-1), tag(0)],
        last_assignment_configs: Option<Vec<LastAssignmentConfig>> [0.., nullable(0..), tag(1)],
    }

    /// `last_assignment_configs` of [`StreamsGroupMetadataValue`].
    struct LastAssignmentConfig {
        key: String [0..],
        value: String [0..],
    }
}

message! {
    /// Key of a member (19).
    message StreamsGroupMemberMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// A member and where it is.
    message StreamsGroupMemberMetadataValue [0..=0, flexible 0] {
        instance_id: Option<String> [0.., nullable(0..)],
        rack_id: Option<String> [0.., nullable(0..)],
        client_id: String [0..],
        client_host: String [0..],
        rebalance_timeout_ms: i32 [0.., default(-1)],
        topology_epoch: i32 [0..],
        process_id: String [0..],
        user_endpoint: Option<Endpoint> [0.., nullable(0..)],
        client_tags: Vec<KeyValue> [0..],
    }

    /// `user_endpoint` of [`StreamsGroupMemberMetadataValue`].
    struct Endpoint {
        host: String [0..],
        port: u16 [0..],
    }

    /// `client_tags` of [`StreamsGroupMemberMetadataValue`].
    struct KeyValue {
        key: String [0..],
        value: String [0..],
    }
}

message! {
    /// Key of a group's target assignment (20).
    message StreamsGroupTargetAssignmentMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// The epoch of a target assignment.
    message StreamsGroupTargetAssignmentMetadataValue [0..=0, flexible 0] {
        assignment_epoch: i32 [0..],
    }
}

message! {
    /// Key of the tasks that a member is to have (21).
    message StreamsGroupTargetAssignmentMemberKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// The tasks that a member is to have.
    message StreamsGroupTargetAssignmentMemberValue [0..=0, flexible 0] {
        active_tasks: Vec<TargetTaskIds> [0..],
        standby_tasks: Vec<TargetTaskIds> [0..],
        warmup_tasks: Vec<TargetTaskIds> [0..],
    }

    /// `active_tasks` of [`StreamsGroupTargetAssignmentMemberValue`].
    struct TargetTaskIds {
        subtopology_id: String [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Key of the tasks that a member has (22).
    message StreamsGroupCurrentMemberAssignmentKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// The tasks that a member has, and how far it is on the way to its target.
    message StreamsGroupCurrentMemberAssignmentValue [0..=0, flexible 0] {
        member_epoch: i32 [0..],
        previous_member_epoch: i32 [0..],
        state: i8 [0..],
        active_tasks: Vec<CurrentTaskIds> [0..],
        standby_tasks: Vec<CurrentTaskIds> [0..],
        warmup_tasks: Vec<CurrentTaskIds> [0..],
        active_tasks_pending_revocation: Vec<CurrentTaskIds> [0..],
        standby_tasks_pending_revocation: Vec<CurrentTaskIds> [0..],
        warmup_tasks_pending_revocation: Vec<CurrentTaskIds> [0..],
    }

    /// `active_tasks` of [`StreamsGroupCurrentMemberAssignmentValue`].
    struct CurrentTaskIds {
        subtopology_id: String [0..],
        partitions: Vec<i32> [0..],
        assignment_epochs: Option<Vec<i32>> [0.., nullable(0..), tag(0)],
    }
}

message! {
    /// Key of a group's topology (23).
    message StreamsGroupTopologyKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// The topology that the members of a group run.
    message StreamsGroupTopologyValue [0..=0, flexible 0] {
        epoch: i32 [0..],
        subtopologies: Vec<Subtopology> [0..],
    }

    /// `subtopologies` of [`StreamsGroupTopologyValue`].
    struct Subtopology {
        subtopology_id: String [0..],
        source_topics: Vec<String> [0..],
        source_topic_regex: Vec<String> [0..],
        state_changelog_topics: Vec<TopicInfo> [0..],
        repartition_sink_topics: Vec<String> [0..],
        repartition_source_topics: Vec<TopicInfo> [0..],
        copartition_groups: Vec<CopartitionGroup> [0..],
    }

    /// `state_changelog_topics` of [`Subtopology`].
    struct TopicInfo {
        name: String [0..],
        partitions: i32 [0..],
        replication_factor: i16 [0..],
        topic_configs: Vec<TopicConfig> [0..],
    }

    /// `topic_configs` of [`TopicInfo`].
    struct TopicConfig {
        key: String [0..],
        value: String [0..],
    }

    /// `copartition_groups` of [`Subtopology`].
    struct CopartitionGroup {
        source_topics: Vec<i16> [0..],
        source_topic_regex: Vec<i16> [0..],
        repartition_source_topics: Vec<i16> [0..],
    }
}
