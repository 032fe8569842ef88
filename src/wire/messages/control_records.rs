//! Bodies of control records. The types of their keys: 0 and 1 end a transaction, 2 to 6 are the
//! others in the order in which they stand here.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Ends a transaction in a partition.
    message EndTxnMarker [0..=0, flexible NEVER] {
        coordinator_epoch: i32 [0..],
    }
}

message! {
    /// A leader of the metadata log took over (KIP-595).
    message LeaderChangeMessage [0..=1, flexible 0] {
        version: i16 [0..],
        leader_id: i32 [0..],
        voters: Vec<Voter> [0..],
        granting_voters: Vec<Voter> [0..],
    }

    /// `voters` of [`LeaderChangeMessage`].
    struct Voter {
        voter_id: i32 [0..],
        voter_directory_id: Uuid [1..],
    }
}

message! {
    /// The start of a snapshot of the metadata log (KIP-630).
    message SnapshotHeaderRecord [0..=0, flexible 0] {
        version: i16 [0..],
        last_contained_log_timestamp: i64 [0..],
    }
}

message! {
    /// The end of a snapshot of the metadata log.
    message SnapshotFooterRecord [0..=0, flexible 0] {
        version: i16 [0..],
    }
}

message! {
    /// The version of KRaft was finalized (KIP-853).
    message KRaftVersionRecord [0..=0, flexible 0] {
        version: i16 [0..],
        k_raft_version: i16 [0..],
    }
}

message! {
    /// The voters of the metadata log (KIP-853).
    message VotersRecord [0..=0, flexible 0] {
        version: i16 [0..],
        voters: Vec<VoterRegistration> [0..],
    }

    /// `voters` of [`VotersRecord`].
    struct VoterRegistration {
        voter_id: i32 [0..],
        voter_directory_id: Uuid [0..],
        endpoints: Vec<VoterEndpoint> [0..],
        k_raft_version_feature: KRaftVersionFeature [0..],
    }

    /// `endpoints` of [`VoterRegistration`].
    struct VoterEndpoint {
        name: String [0..],
        host: String [0..],
        port: u16 [0..],
    }

    /// `k_raft_version_feature` of [`VoterRegistration`].
    struct KRaftVersionFeature {
        min_supported_version: i16 [0..],
        max_supported_version: i16 [0..],
    }
}
