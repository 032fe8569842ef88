//! What a client may do: everything, until there is an authorizer. Clients that ask are told so in
//! bit sets, one bit per operation of Kafka's ACLs.

const READ: i32 = 1 << 3;
const WRITE: i32 = 1 << 4;
const CREATE: i32 = 1 << 5;
const DELETE: i32 = 1 << 6;
const ALTER: i32 = 1 << 7;
const DESCRIBE: i32 = 1 << 8;
const CLUSTER_ACTION: i32 = 1 << 9;
const DESCRIBE_CONFIGS: i32 = 1 << 10;
const ALTER_CONFIGS: i32 = 1 << 11;
const IDEMPOTENT_WRITE: i32 = 1 << 12;
const CREATE_TOKENS: i32 = 1 << 13;
const DESCRIBE_TOKENS: i32 = 1 << 14;

/// What a client is told that did not ask.
pub const NOT_ASKED: i32 = i32::MIN;

/// Every operation that a topic has.
pub const TOPIC_OPERATIONS: i32 =
    READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS;

/// Every operation that the cluster has.
pub const CLUSTER_OPERATIONS: i32 = CREATE
    | ALTER
    | DESCRIBE
    | CLUSTER_ACTION
    | DESCRIBE_CONFIGS
    | ALTER_CONFIGS
    | IDEMPOTENT_WRITE
    | CREATE_TOKENS
    | DESCRIBE_TOKENS;

/// Every operation that a group has.
pub const GROUP_OPERATIONS: i32 = READ | DELETE | DESCRIBE;

/// The answer to a client that asked for `operations` or did not.
pub fn authorized(asked: bool, operations: i32) -> i32 {
    if asked { operations } else { NOT_ASKED }
}
