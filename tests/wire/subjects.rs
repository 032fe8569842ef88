//! The messages under test, by name, so that a test can go over all of them.

use std::ops::RangeInclusive;

use bytes::{Buf, Bytes};
use kafka_protocol::protocol::{Decodable, Encodable, Message as PeerMessage};
use kf::wire::codec::{DecodeError, EncodeError};
use kf::wire::json::ToJson;
use kf::wire::schema::Message;

/// One of our messages, its type forgotten.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) versions: RangeInclusive<i16>,
    pub(crate) first_flexible: i16,
    /// Prints a message with nothing set.
    pub(crate) print_new: fn() -> String,
    /// Decodes, and prints what came out.
    pub(crate) print: fn(Bytes, i16) -> Result<String, DecodeError>,
    /// Decodes, and shows what came out as JSON.
    pub(crate) json: fn(Bytes, i16) -> Result<serde_json::Value, DecodeError>,
    /// Decodes what [`Subject::print`] takes, and encodes it at the version given last.
    pub(crate) rewrite: fn(Bytes, i16, i16) -> Result<Bytes, EncodeError>,
    /// Decodes, and drops what came out.
    pub(crate) decode: fn(Bytes, i16) -> Result<(), DecodeError>,
    /// The same message in the crate `kafka-protocol`, if it has it.
    pub(crate) peer: Option<Peer>,
}

/// A message of the crate `kafka-protocol`.
pub(crate) struct Peer {
    pub(crate) versions: RangeInclusive<i16>,
    /// Decodes and encodes.
    pub(crate) rewrite: fn(Bytes, i16) -> anyhow::Result<Bytes>,
}

impl Subject {
    fn new<M: Message + ToJson + std::fmt::Debug>(peer: Option<Peer>) -> Self {
        Self {
            name: M::NAME,
            versions: M::VERSIONS,
            first_flexible: M::FIRST_FLEXIBLE,
            print_new: || format!("{:?}", M::default()),
            print: |bytes, version| M::from_bytes(bytes, version).map(|m| format!("{m:?}")),
            json: |bytes, version| M::from_bytes(bytes, version).map(|m| m.to_json(version)),
            rewrite: |bytes, from, to| {
                M::from_bytes(bytes, from).expect("bytes that decode").to_bytes(to)
            },
            decode: |bytes, version| M::from_bytes(bytes, version).map(drop),
            peer,
        }
    }
}

impl Peer {
    fn new<M: PeerMessage + Encodable + Decodable>() -> Self {
        Self {
            versions: M::VERSIONS.min..=M::VERSIONS.max,
            rewrite: |mut bytes, version| {
                let message = M::decode(&mut bytes, version)?;
                anyhow::ensure!(!bytes.has_remaining(), "{} bytes left over", bytes.remaining());
                let mut again = bytes::BytesMut::new();
                message.encode(&mut again, version)?;
                Ok(again.freeze())
            },
        }
    }
}

macro_rules! subjects {
    (
        both { $($file:ident: $($name:ident)*;)* }
        ours_alone { $($alone_file:ident: $($alone:ident)*;)* }
    ) => {
        /// Every message that `kf` has.
        pub(crate) fn subjects() -> Vec<Subject> {
            use kf::wire::messages as ours;
            use kafka_protocol::messages as theirs;
            vec![
                $( $( Subject::new::<ours::$file::$name>(Some(Peer::new::<theirs::$name>())), )* )*
                $( $( Subject::new::<ours::$alone_file::$alone>(None), )* )*
            ]
        }
    };
}

subjects! {
    both {
        add_offsets_to_txn: AddOffsetsToTxnRequest AddOffsetsToTxnResponse;
        add_partitions_to_txn: AddPartitionsToTxnRequest AddPartitionsToTxnResponse;
        alter_client_quotas: AlterClientQuotasRequest AlterClientQuotasResponse;
        alter_configs: AlterConfigsRequest AlterConfigsResponse;
        alter_partition_reassignments: AlterPartitionReassignmentsRequest AlterPartitionReassignmentsResponse;
        alter_replica_log_dirs: AlterReplicaLogDirsRequest AlterReplicaLogDirsResponse;
        alter_user_scram_credentials: AlterUserScramCredentialsRequest AlterUserScramCredentialsResponse;
        api_versions: ApiVersionsRequest ApiVersionsResponse;
        consumer_group_describe: ConsumerGroupDescribeRequest ConsumerGroupDescribeResponse;
        consumer_group_heartbeat: ConsumerGroupHeartbeatRequest ConsumerGroupHeartbeatResponse;
        consumer_protocol: ConsumerProtocolSubscription ConsumerProtocolAssignment;
        control_records: EndTxnMarker SnapshotHeaderRecord SnapshotFooterRecord KRaftVersionRecord;
        create_acls: CreateAclsRequest CreateAclsResponse;
        create_delegation_token: CreateDelegationTokenRequest CreateDelegationTokenResponse;
        create_partitions: CreatePartitionsRequest CreatePartitionsResponse;
        create_topics: CreateTopicsRequest CreateTopicsResponse;
        delete_acls: DeleteAclsRequest DeleteAclsResponse;
        delete_groups: DeleteGroupsRequest DeleteGroupsResponse;
        delete_records: DeleteRecordsRequest DeleteRecordsResponse;
        delete_topics: DeleteTopicsRequest DeleteTopicsResponse;
        describe_acls: DescribeAclsRequest DescribeAclsResponse;
        describe_client_quotas: DescribeClientQuotasRequest DescribeClientQuotasResponse;
        describe_cluster: DescribeClusterRequest DescribeClusterResponse;
        describe_configs: DescribeConfigsRequest DescribeConfigsResponse;
        describe_groups: DescribeGroupsRequest DescribeGroupsResponse;
        describe_log_dirs: DescribeLogDirsRequest DescribeLogDirsResponse;
        describe_producers: DescribeProducersRequest DescribeProducersResponse;
        describe_quorum: DescribeQuorumRequest DescribeQuorumResponse;
        describe_topic_partitions: DescribeTopicPartitionsRequest DescribeTopicPartitionsResponse;
        describe_transactions: DescribeTransactionsRequest DescribeTransactionsResponse;
        describe_user_scram_credentials: DescribeUserScramCredentialsRequest DescribeUserScramCredentialsResponse;
        elect_leaders: ElectLeadersRequest ElectLeadersResponse;
        end_txn: EndTxnRequest EndTxnResponse;
        fetch: FetchRequest FetchResponse;
        find_coordinator: FindCoordinatorRequest FindCoordinatorResponse;
        heartbeat: HeartbeatRequest HeartbeatResponse;
        incremental_alter_configs: IncrementalAlterConfigsRequest IncrementalAlterConfigsResponse;
        init_producer_id: InitProducerIdRequest InitProducerIdResponse;
        join_group: JoinGroupRequest JoinGroupResponse;
        leave_group: LeaveGroupRequest LeaveGroupResponse;
        list_config_resources: ListConfigResourcesRequest ListConfigResourcesResponse;
        list_groups: ListGroupsRequest ListGroupsResponse;
        list_offsets: ListOffsetsRequest ListOffsetsResponse;
        list_partition_reassignments: ListPartitionReassignmentsRequest ListPartitionReassignmentsResponse;
        list_transactions: ListTransactionsRequest ListTransactionsResponse;
        metadata: MetadataRequest MetadataResponse;
        offset_commit: OffsetCommitRequest OffsetCommitResponse;
        offset_delete: OffsetDeleteRequest OffsetDeleteResponse;
        offset_fetch: OffsetFetchRequest OffsetFetchResponse;
        offset_for_leader_epoch: OffsetForLeaderEpochRequest OffsetForLeaderEpochResponse;
        produce: ProduceRequest ProduceResponse;
        sasl_authenticate: SaslAuthenticateRequest SaslAuthenticateResponse;
        sasl_handshake: SaslHandshakeRequest SaslHandshakeResponse;
        sync_group: SyncGroupRequest SyncGroupResponse;
        txn_offset_commit: TxnOffsetCommitRequest TxnOffsetCommitResponse;
        unregister_broker: UnregisterBrokerRequest UnregisterBrokerResponse;
        update_features: UpdateFeaturesRequest UpdateFeaturesResponse;
        write_txn_markers: WriteTxnMarkersRequest WriteTxnMarkersResponse;
    }
    ours_alone {
        consumer_group_log: ConsumerGroupMetadataKey ConsumerGroupMetadataValue ConsumerGroupPartitionMetadataKey ConsumerGroupPartitionMetadataValue ConsumerGroupMemberMetadataKey ConsumerGroupMemberMetadataValue ConsumerGroupTargetAssignmentMetadataKey ConsumerGroupTargetAssignmentMetadataValue ConsumerGroupTargetAssignmentMemberKey ConsumerGroupTargetAssignmentMemberValue ConsumerGroupCurrentMemberAssignmentKey ConsumerGroupCurrentMemberAssignmentValue ConsumerGroupRegularExpressionKey ConsumerGroupRegularExpressionValue;
        control_records: LeaderChangeMessage VotersRecord;
        group_log: OffsetCommitKey OffsetCommitValue GroupMetadataKey GroupMetadataValue LegacyOffsetCommitKey LegacyOffsetCommitValue;
        metadata_log: TopicRecord PartitionRecord PartitionChangeRecord ConfigRecord RemoveTopicRecord ProducerIdsRecord FeatureLevelRecord RegisterBrokerRecord RegisterControllerRecord UnregisterBrokerRecord FenceBrokerRecord UnfenceBrokerRecord BrokerRegistrationChangeRecord ClearElrRecord DelegationTokenRecord RemoveDelegationTokenRecord UserScramCredentialRecord RemoveUserScramCredentialRecord ClientQuotaRecord AccessControlEntryRecord RemoveAccessControlEntryRecord BeginTransactionRecord EndTransactionRecord AbortTransactionRecord ZkMigrationStateRecord NoOpRecord;
        producer_snapshot: ProducerSnapshot;
        share_group_log: ShareGroupMemberMetadataKey ShareGroupMemberMetadataValue ShareGroupMetadataKey ShareGroupMetadataValue ShareGroupTargetAssignmentMetadataKey ShareGroupTargetAssignmentMetadataValue ShareGroupTargetAssignmentMemberKey ShareGroupTargetAssignmentMemberValue ShareGroupCurrentMemberAssignmentKey ShareGroupCurrentMemberAssignmentValue ShareGroupStatePartitionMetadataKey ShareGroupStatePartitionMetadataValue;
        share_state_log: ShareSnapshotKey ShareSnapshotValue ShareUpdateKey ShareUpdateValue;
        streams_group_log: StreamsGroupMetadataKey StreamsGroupMetadataValue StreamsGroupMemberMetadataKey StreamsGroupMemberMetadataValue StreamsGroupTargetAssignmentMetadataKey StreamsGroupTargetAssignmentMetadataValue StreamsGroupTargetAssignmentMemberKey StreamsGroupTargetAssignmentMemberValue StreamsGroupCurrentMemberAssignmentKey StreamsGroupCurrentMemberAssignmentValue StreamsGroupTopologyKey StreamsGroupTopologyValue;
        transaction_log: TransactionLogKey TransactionLogValue;
    }
}
