//! The table of APIs: number, name, and the file of [`messages`](super::messages) that holds it.

use super::messages::*;
use super::schema::Message;

/// A request: a message that has a number and an answer.
pub trait Request: Message {
    /// Number and name of the API.
    const KEY: ApiKey;
    /// What answers it, at the same version.
    type Response: Message;
}

macro_rules! apis {
    ($($number:literal $name:ident: $request:path => $response:path;)*) => {
        /// An API of Kafka's protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the names are Kafka's")]
        #[repr(i16)]
        pub enum ApiKey { $( $name = $number, )* }

        impl ApiKey {
            /// Every API, in the order of the numbers.
            pub const ALL: &[ApiKey] = &[$( ApiKey::$name, )*];

            /// The API of a number; `None` if this version does not know it.
            pub fn from_number(number: i16) -> Option<Self> {
                match number {
                    $( $number => Some(Self::$name), )*
                    _ => None,
                }
            }

            /// Kafka's name, such as `CreateTopics`.
            pub fn name(self) -> &'static str {
                match self { $( Self::$name => stringify!($name), )* }
            }

            /// First and last version that this codec knows.
            pub fn versions(self) -> std::ops::RangeInclusive<i16> {
                match self { $( Self::$name => <$request>::VERSIONS, )* }
            }

            fn is_flexible(self, version: i16) -> bool {
                match self { $( Self::$name => <$request>::is_flexible(version), )* }
            }
        }

        $( impl Request for $request {
            const KEY: ApiKey = ApiKey::$name;
            type Response = $response;
        } )*
    };
}

impl ApiKey {
    /// The number on the wire.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Version of the request header before a request of `version` (KIP-482).
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// Version of the response header. That of ApiVersions is always 0, so that a client which
    /// guessed too high a version can read the answer (KIP-511).
    pub fn response_header_version(self, version: i16) -> i16 {
        i16::from(self != ApiKey::ApiVersions && self.is_flexible(version))
    }
}

apis! {
    0 Produce: produce::ProduceRequest => produce::ProduceResponse;
    1 Fetch: fetch::FetchRequest => fetch::FetchResponse;
    2 ListOffsets: list_offsets::ListOffsetsRequest => list_offsets::ListOffsetsResponse;
    3 Metadata: metadata::MetadataRequest => metadata::MetadataResponse;
    8 OffsetCommit: offset_commit::OffsetCommitRequest => offset_commit::OffsetCommitResponse;
    9 OffsetFetch: offset_fetch::OffsetFetchRequest => offset_fetch::OffsetFetchResponse;
    10 FindCoordinator: find_coordinator::FindCoordinatorRequest => find_coordinator::FindCoordinatorResponse;
    11 JoinGroup: join_group::JoinGroupRequest => join_group::JoinGroupResponse;
    12 Heartbeat: heartbeat::HeartbeatRequest => heartbeat::HeartbeatResponse;
    13 LeaveGroup: leave_group::LeaveGroupRequest => leave_group::LeaveGroupResponse;
    14 SyncGroup: sync_group::SyncGroupRequest => sync_group::SyncGroupResponse;
    15 DescribeGroups: describe_groups::DescribeGroupsRequest => describe_groups::DescribeGroupsResponse;
    16 ListGroups: list_groups::ListGroupsRequest => list_groups::ListGroupsResponse;
    17 SaslHandshake: sasl_handshake::SaslHandshakeRequest => sasl_handshake::SaslHandshakeResponse;
    18 ApiVersions: api_versions::ApiVersionsRequest => api_versions::ApiVersionsResponse;
    19 CreateTopics: create_topics::CreateTopicsRequest => create_topics::CreateTopicsResponse;
    20 DeleteTopics: delete_topics::DeleteTopicsRequest => delete_topics::DeleteTopicsResponse;
    21 DeleteRecords: delete_records::DeleteRecordsRequest => delete_records::DeleteRecordsResponse;
    22 InitProducerId: init_producer_id::InitProducerIdRequest => init_producer_id::InitProducerIdResponse;
    23 OffsetForLeaderEpoch: offset_for_leader_epoch::OffsetForLeaderEpochRequest => offset_for_leader_epoch::OffsetForLeaderEpochResponse;
    24 AddPartitionsToTxn: add_partitions_to_txn::AddPartitionsToTxnRequest => add_partitions_to_txn::AddPartitionsToTxnResponse;
    25 AddOffsetsToTxn: add_offsets_to_txn::AddOffsetsToTxnRequest => add_offsets_to_txn::AddOffsetsToTxnResponse;
    26 EndTxn: end_txn::EndTxnRequest => end_txn::EndTxnResponse;
    27 WriteTxnMarkers: write_txn_markers::WriteTxnMarkersRequest => write_txn_markers::WriteTxnMarkersResponse;
    28 TxnOffsetCommit: txn_offset_commit::TxnOffsetCommitRequest => txn_offset_commit::TxnOffsetCommitResponse;
    29 DescribeAcls: describe_acls::DescribeAclsRequest => describe_acls::DescribeAclsResponse;
    30 CreateAcls: create_acls::CreateAclsRequest => create_acls::CreateAclsResponse;
    31 DeleteAcls: delete_acls::DeleteAclsRequest => delete_acls::DeleteAclsResponse;
    32 DescribeConfigs: describe_configs::DescribeConfigsRequest => describe_configs::DescribeConfigsResponse;
    33 AlterConfigs: alter_configs::AlterConfigsRequest => alter_configs::AlterConfigsResponse;
    34 AlterReplicaLogDirs: alter_replica_log_dirs::AlterReplicaLogDirsRequest => alter_replica_log_dirs::AlterReplicaLogDirsResponse;
    35 DescribeLogDirs: describe_log_dirs::DescribeLogDirsRequest => describe_log_dirs::DescribeLogDirsResponse;
    36 SaslAuthenticate: sasl_authenticate::SaslAuthenticateRequest => sasl_authenticate::SaslAuthenticateResponse;
    37 CreatePartitions: create_partitions::CreatePartitionsRequest => create_partitions::CreatePartitionsResponse;
    38 CreateDelegationToken: create_delegation_token::CreateDelegationTokenRequest => create_delegation_token::CreateDelegationTokenResponse;
    42 DeleteGroups: delete_groups::DeleteGroupsRequest => delete_groups::DeleteGroupsResponse;
    43 ElectLeaders: elect_leaders::ElectLeadersRequest => elect_leaders::ElectLeadersResponse;
    44 IncrementalAlterConfigs: incremental_alter_configs::IncrementalAlterConfigsRequest => incremental_alter_configs::IncrementalAlterConfigsResponse;
    45 AlterPartitionReassignments: alter_partition_reassignments::AlterPartitionReassignmentsRequest => alter_partition_reassignments::AlterPartitionReassignmentsResponse;
    46 ListPartitionReassignments: list_partition_reassignments::ListPartitionReassignmentsRequest => list_partition_reassignments::ListPartitionReassignmentsResponse;
    47 OffsetDelete: offset_delete::OffsetDeleteRequest => offset_delete::OffsetDeleteResponse;
    48 DescribeClientQuotas: describe_client_quotas::DescribeClientQuotasRequest => describe_client_quotas::DescribeClientQuotasResponse;
    49 AlterClientQuotas: alter_client_quotas::AlterClientQuotasRequest => alter_client_quotas::AlterClientQuotasResponse;
    50 DescribeUserScramCredentials: describe_user_scram_credentials::DescribeUserScramCredentialsRequest => describe_user_scram_credentials::DescribeUserScramCredentialsResponse;
    51 AlterUserScramCredentials: alter_user_scram_credentials::AlterUserScramCredentialsRequest => alter_user_scram_credentials::AlterUserScramCredentialsResponse;
    55 DescribeQuorum: describe_quorum::DescribeQuorumRequest => describe_quorum::DescribeQuorumResponse;
    57 UpdateFeatures: update_features::UpdateFeaturesRequest => update_features::UpdateFeaturesResponse;
    60 DescribeCluster: describe_cluster::DescribeClusterRequest => describe_cluster::DescribeClusterResponse;
    61 DescribeProducers: describe_producers::DescribeProducersRequest => describe_producers::DescribeProducersResponse;
    64 UnregisterBroker: unregister_broker::UnregisterBrokerRequest => unregister_broker::UnregisterBrokerResponse;
    65 DescribeTransactions: describe_transactions::DescribeTransactionsRequest => describe_transactions::DescribeTransactionsResponse;
    66 ListTransactions: list_transactions::ListTransactionsRequest => list_transactions::ListTransactionsResponse;
    68 ConsumerGroupHeartbeat: consumer_group_heartbeat::ConsumerGroupHeartbeatRequest => consumer_group_heartbeat::ConsumerGroupHeartbeatResponse;
    69 ConsumerGroupDescribe: consumer_group_describe::ConsumerGroupDescribeRequest => consumer_group_describe::ConsumerGroupDescribeResponse;
    74 ListConfigResources: list_config_resources::ListConfigResourcesRequest => list_config_resources::ListConfigResourcesResponse;
    75 DescribeTopicPartitions: describe_topic_partitions::DescribeTopicPartitionsRequest => describe_topic_partitions::DescribeTopicPartitionsResponse;
}
