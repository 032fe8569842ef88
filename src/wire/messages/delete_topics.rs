//! DeleteTopics: delete topics by name or id.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Deletes topics.
    message DeleteTopicsRequest [1..=6, flexible 4] {
        topics: Vec<DeleteTopicState> [6..],
        topic_names: Vec<String> [0..=5, ignorable],
        timeout_ms: i32 [0..],
    }

    /// `topics` of [`DeleteTopicsRequest`].
    struct DeleteTopicState {
        name: Option<String> [6.., nullable(6..)],
        topic_id: Uuid [6..],
    }
}

message! {
    /// Answers [`DeleteTopicsRequest`].
    message DeleteTopicsResponse [1..=6, flexible 4] {
        throttle_time_ms: i32 [1.., ignorable],
        responses: Vec<DeletableTopicResult> [0..],
    }

    /// `responses` of [`DeleteTopicsResponse`].
    struct DeletableTopicResult {
        name: Option<String> [0.., nullable(6..)],
        topic_id: Uuid [6.., ignorable],
        error_code: ErrorCode [0..],
        error_message: Option<String> [5.., nullable(5..), ignorable],
    }
}
