//! All error codes of Kafka's protocol.

use std::fmt;

use super::codec::{Context, DecodeError, EncodeError, Field, Reader, Writer};

/// What a peer is told about the outcome of what it asked for.
///
/// Codes that this version does not know are kept as they are.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub i16);

macro_rules! error_codes {
    ($($code:literal $name:ident $retriable:ident $message:literal)*) => {
        impl ErrorCode {
            $(
                #[doc = $message]
                pub const $name: ErrorCode = ErrorCode($code);
            )*

            /// Kafka's name of the code, such as `UNKNOWN_TOPIC_OR_PARTITION`.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $( Self::$name => Some(stringify!($name)), )*
                    _ => None,
                }
            }

            /// What the code means, as a sentence for a user; `None` for a code that is not known.
            pub fn message(self) -> Option<&'static str> {
                match self {
                    $( Self::$name => Some($message), )*
                    _ => None,
                }
            }

            /// Whether asking again may help.
            pub fn is_retriable(self) -> bool {
                match self {
                    $( Self::$name => error_codes!(@$retriable), )*
                    _ => false,
                }
            }
        }
    };
    (@retriable) => { true };
    (@final) => { false };
}

impl ErrorCode {
    /// Whether this is anything but [`ErrorCode::NONE`].
    pub fn is_error(self) -> bool {
        self != Self::NONE
    }

    /// `Ok` for [`ErrorCode::NONE`], the code itself for all others.
    pub fn ok(self) -> Result<(), ErrorCode> {
        if self.is_error() { Err(self) } else { Ok(()) }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error code {}", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Field for ErrorCode {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        self.0.write(writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        i16::read(reader, context).map(ErrorCode)
    }
}

error_codes! {
    -1 UNKNOWN_SERVER_ERROR final
        "The broker failed in a way that it has no code for; its log says more."
    0 NONE final
        "Nothing went wrong."
    1 OFFSET_OUT_OF_RANGE final
        "The partition has no such offset: it is past the end, or was deleted."
    2 CORRUPT_MESSAGE retriable
        "The records do not match their checksum, or are not valid record batches."
    3 UNKNOWN_TOPIC_OR_PARTITION retriable
        "This broker has no such topic or partition."
    4 INVALID_FETCH_SIZE final
        "The fetch asks for a size that makes no sense."
    5 LEADER_NOT_AVAILABLE retriable
        "The partition has no leader at the moment."
    6 NOT_LEADER_OR_FOLLOWER retriable
        "This broker is not the leader or a replica of the partition."
    7 REQUEST_TIMED_OUT retriable
        "The broker did not get it done within the time that the request allows."
    8 BROKER_NOT_AVAILABLE final
        "The broker is not available."
    9 REPLICA_NOT_AVAILABLE retriable
        "This broker has no usable replica of the partition."
    10 MESSAGE_TOO_LARGE final
        "The records are larger than the topic or the broker allows."
    11 STALE_CONTROLLER_EPOCH final
        "The controller that asked has been replaced by a newer one."
    12 OFFSET_METADATA_TOO_LARGE final
        "The metadata stored with an offset is longer than the broker allows."
    13 NETWORK_EXCEPTION retriable
        "The connection broke before the answer came."
    14 COORDINATOR_LOAD_IN_PROGRESS retriable
        "The coordinator is still reading its state from disk."
    15 COORDINATOR_NOT_AVAILABLE retriable
        "No coordinator is available yet."
    16 NOT_COORDINATOR retriable
        "This broker is not the coordinator of the group or transaction."
    17 INVALID_TOPIC_EXCEPTION final
        "The topic name is not valid, or the topic must not be used like this."
    18 RECORD_LIST_TOO_LARGE final
        "The batch of records is larger than one segment of the log."
    19 NOT_ENOUGH_REPLICAS retriable
        "Fewer replicas are in sync than the topic demands; nothing was written."
    20 NOT_ENOUGH_REPLICAS_AFTER_APPEND retriable
        "The records were written, but fewer replicas are in sync than the topic demands."
    21 INVALID_REQUIRED_ACKS final
        "A producer can ask for 0, 1 or all (-1) acknowledgements, nothing else."
    22 ILLEGAL_GENERATION final
        "The group has moved on to another generation."
    23 INCONSISTENT_GROUP_PROTOCOL final
        "The member shares no protocol with the rest of the group, or is of another type."
    24 INVALID_GROUP_ID final
        "The group id is not valid."
    25 UNKNOWN_MEMBER_ID final
        "The group has no member of this id."
    26 INVALID_SESSION_TIMEOUT final
        "The session timeout is outside of what the broker allows."
    27 REBALANCE_IN_PROGRESS final
        "The group is rebalancing; the member must join again."
    28 INVALID_COMMIT_OFFSET_SIZE final
        "The offsets are more than the broker can store in one piece."
    29 TOPIC_AUTHORIZATION_FAILED final
        "Not allowed to use the topic like this."
    30 GROUP_AUTHORIZATION_FAILED final
        "Not allowed to use the group like this."
    31 CLUSTER_AUTHORIZATION_FAILED final
        "Not allowed to do this to the cluster."
    32 INVALID_TIMESTAMP final
        "The timestamp of a record is further off than the topic allows."
    33 UNSUPPORTED_SASL_MECHANISM final
        "The broker does not offer this SASL mechanism."
    34 ILLEGAL_SASL_STATE final
        "The request makes no sense at this stage of the authentication."
    35 UNSUPPORTED_VERSION final
        "The broker does not support this version of the request."
    36 TOPIC_ALREADY_EXISTS final
        "A topic of this name exists already."
    37 INVALID_PARTITIONS final
        "The number of partitions is not valid."
    38 INVALID_REPLICATION_FACTOR final
        "The replication factor is below one, or more than there are brokers."
    39 INVALID_REPLICA_ASSIGNMENT final
        "The replicas cannot be assigned like this."
    40 INVALID_CONFIG final
        "A setting has a value that is not valid."
    41 NOT_CONTROLLER retriable
        "This broker is not the active controller."
    42 INVALID_REQUEST final
        "The request contradicts itself, or asks for what cannot be."
    43 UNSUPPORTED_FOR_MESSAGE_FORMAT final
        "The format of the log on disk cannot do this."
    44 POLICY_VIOLATION final
        "A policy of the cluster forbids this."
    45 OUT_OF_ORDER_SEQUENCE_NUMBER final
        "The broker has not got the records that come before these ones."
    46 DUPLICATE_SEQUENCE_NUMBER final
        "The broker has got these records before."
    47 INVALID_PRODUCER_EPOCH final
        "The producer has been replaced by one with a newer epoch."
    48 INVALID_TXN_STATE final
        "The transaction is in a state that does not allow this."
    49 INVALID_PRODUCER_ID_MAPPING final
        "The producer id does not belong to this transactional id."
    50 INVALID_TRANSACTION_TIMEOUT final
        "The transaction timeout is more than the broker allows."
    51 CONCURRENT_TRANSACTIONS retriable
        "Another transaction of the same transactional id is still being completed."
    52 TRANSACTION_COORDINATOR_FENCED final
        "The transaction coordinator that asked has been replaced by a newer one."
    53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED final
        "Not allowed to use the transactional id."
    54 SECURITY_DISABLED final
        "The broker has no authorizer, so there are no ACLs to speak of."
    55 OPERATION_NOT_ATTEMPTED final
        "Not tried, because another part of the request failed."
    56 KAFKA_STORAGE_ERROR retriable
        "The broker cannot read or write its disk."
    57 LOG_DIR_NOT_FOUND final
        "The broker has no such log directory."
    58 SASL_AUTHENTICATION_FAILED final
        "The credentials were not accepted."
    59 UNKNOWN_PRODUCER_ID final
        "The broker remembers nothing of this producer id."
    60 REASSIGNMENT_IN_PROGRESS final
        "The partition is being moved already."
    61 DELEGATION_TOKEN_AUTH_DISABLED final
        "Delegation tokens are not enabled on the broker."
    62 DELEGATION_TOKEN_NOT_FOUND final
        "There is no such delegation token."
    63 DELEGATION_TOKEN_OWNER_MISMATCH final
        "The delegation token belongs to someone else."
    64 DELEGATION_TOKEN_REQUEST_NOT_ALLOWED final
        "A delegation token cannot be had over this connection, or with a delegation token."
    65 DELEGATION_TOKEN_AUTHORIZATION_FAILED final
        "Not allowed to use the delegation token like this."
    66 DELEGATION_TOKEN_EXPIRED final
        "The delegation token has expired."
    67 INVALID_PRINCIPAL_TYPE final
        "The type of the principal is not supported."
    68 NON_EMPTY_GROUP final
        "The group still has members."
    69 GROUP_ID_NOT_FOUND final
        "There is no such group."
    70 FETCH_SESSION_ID_NOT_FOUND retriable
        "The broker has forgotten the fetch session."
    71 INVALID_FETCH_SESSION_EPOCH retriable
        "The fetch session is at another epoch."
    72 LISTENER_NOT_FOUND retriable
        "The leader has no listener of the kind that this request came through."
    73 TOPIC_DELETION_DISABLED final
        "The broker does not allow topics to be deleted."
    74 FENCED_LEADER_EPOCH retriable
        "The leader epoch in the request is older than the broker's."
    75 UNKNOWN_LEADER_EPOCH retriable
        "The leader epoch in the request is newer than the broker's."
    76 UNSUPPORTED_COMPRESSION_TYPE final
        "The version of the request does not support this compression."
    77 STALE_BROKER_EPOCH final
        "The broker has registered again since it sent this."
    78 OFFSET_NOT_AVAILABLE retriable
        "The new leader does not know yet how far the records are committed."
    79 MEMBER_ID_REQUIRED final
        "The group wants the member to join again with the id it was just given."
    80 PREFERRED_LEADER_NOT_AVAILABLE retriable
        "The preferred leader is not available."
    81 GROUP_MAX_SIZE_REACHED final
        "The group has as many members as it may have."
    82 FENCED_INSTANCE_ID final
        "Another member has taken over the group instance id."
    83 ELIGIBLE_LEADERS_NOT_AVAILABLE retriable
        "No replica that could become the leader is available."
    84 ELECTION_NOT_NEEDED retriable
        "The partition already has the leader that was asked for."
    85 NO_REASSIGNMENT_IN_PROGRESS final
        "The partition is not being moved."
    86 GROUP_SUBSCRIBED_TO_TOPIC final
        "The group is reading the topic, so its offsets cannot be deleted."
    87 INVALID_RECORD final
        "The broker refuses a record; nothing of the batch was written."
    88 UNSTABLE_OFFSET_COMMIT retriable
        "Offsets of the group are part of a transaction that has not ended."
    89 THROTTLING_QUOTA_EXCEEDED retriable
        "A quota is used up."
    90 PRODUCER_FENCED final
        "A newer producer with the same transactional id has taken over."
    91 RESOURCE_NOT_FOUND final
        "There is no such thing as the request names."
    92 DUPLICATE_RESOURCE final
        "The thing exists already, or is named twice."
    93 UNACCEPTABLE_CREDENTIAL final
        "The credential does not meet the requirements."
    94 INCONSISTENT_VOTER_SET final
        "Sender and receiver do not agree on who the voters are."
    95 INVALID_UPDATE_VERSION final
        "The feature cannot be set to this level."
    96 FEATURE_UPDATE_FAILED final
        "The features could not be updated."
    97 PRINCIPAL_DESERIALIZATION_FAILURE final
        "The controller cannot read the principal in a forwarded request."
    98 SNAPSHOT_NOT_FOUND final
        "There is no such snapshot."
    99 POSITION_OUT_OF_RANGE final
        "The position in the snapshot is past its end."
    100 UNKNOWN_TOPIC_ID retriable
        "This broker has no topic of this id."
    101 DUPLICATE_BROKER_REGISTRATION final
        "Another broker with the same id is running."
    102 BROKER_ID_NOT_REGISTERED final
        "No broker is registered with this id."
    103 INCONSISTENT_TOPIC_ID retriable
        "The topic id does not belong to this topic in the log."
    104 INCONSISTENT_CLUSTER_ID final
        "The request is meant for another cluster."
    105 TRANSACTIONAL_ID_NOT_FOUND final
        "There is no such transactional id."
    106 FETCH_SESSION_TOPIC_ID_ERROR retriable
        "The fetch session mixes topic names with topic ids."
    107 INELIGIBLE_REPLICA final
        "The replica is not fit to be in sync."
    108 NEW_LEADER_ELECTED final
        "Another leader was elected for the partition meanwhile."
    109 OFFSET_MOVED_TO_TIERED_STORAGE final
        "The offset is in remote storage only."
    110 FENCED_MEMBER_EPOCH final
        "The epoch of the member is not the one the group expects; it must join again."
    111 UNRELEASED_INSTANCE_ID final
        "Another member still uses the group instance id."
    112 UNSUPPORTED_ASSIGNOR final
        "The broker does not have the assignor that the member asks for."
    113 STALE_MEMBER_EPOCH final
        "The epoch of the member is old; it must heartbeat and try again."
    114 MISMATCHED_ENDPOINT_TYPE final
        "The request came to the wrong kind of listener."
    115 UNSUPPORTED_ENDPOINT_TYPE final
        "The broker does not know this kind of endpoint."
    116 UNKNOWN_CONTROLLER_ID final
        "No controller has this id."
    117 UNKNOWN_SUBSCRIPTION_ID final
        "The broker knows no such telemetry subscription."
    118 TELEMETRY_TOO_LARGE final
        "The telemetry is larger than the broker takes."
    119 INVALID_REGISTRATION final
        "The registration of the broker is not valid."
    120 TRANSACTION_ABORTABLE final
        "The transaction cannot go on and must be aborted."
    121 INVALID_RECORD_STATE final
        "The record is in a state that does not allow this."
    122 SHARE_SESSION_NOT_FOUND retriable
        "The broker has forgotten the share session."
    123 INVALID_SHARE_SESSION_EPOCH retriable
        "The share session is at another epoch."
    124 FENCED_STATE_EPOCH final
        "The state of the share group has moved on to another epoch."
    125 INVALID_VOTER_KEY final
        "The voter is not the one with this id and directory."
    126 DUPLICATE_VOTER final
        "The voter is part of the quorum already."
    127 VOTER_NOT_FOUND final
        "The quorum has no such voter."
    128 INVALID_REGULAR_EXPRESSION final
        "The regular expression is not valid."
    129 REBOOTSTRAP_REQUIRED final
        "The client's view of the cluster is too old; it must start from its bootstrap servers."
    130 STREAMS_INVALID_TOPOLOGY final
        "The topology of the streams application is not valid."
    131 STREAMS_INVALID_TOPOLOGY_EPOCH final
        "The epoch of the streams topology is not valid."
    132 STREAMS_TOPOLOGY_FENCED final
        "The streams topology has been replaced by a newer one."
    133 SHARE_SESSION_LIMIT_REACHED retriable
        "The broker has as many share sessions as it may have."
}
