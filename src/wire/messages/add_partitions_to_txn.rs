//! AddPartitionsToTxn: tell which partitions a transaction writes to.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Adds partitions to transactions, or verifies that they were added.
    message AddPartitionsToTxnRequest [0..=5, flexible 3] {
        transactions: Vec<AddPartitionsToTxnTransaction> [4..],
        v3_and_below_transactional_id: String [0..=3],
        v3_and_below_producer_id: i64 [0..=3],
        v3_and_below_producer_epoch: i16 [0..=3],
        v3_and_below_topics: Vec<AddPartitionsToTxnTopic> [0..=3],
    }

    /// `transactions` of [`AddPartitionsToTxnRequest`].
    struct AddPartitionsToTxnTransaction {
        transactional_id: String [4..],
        producer_id: i64 [4..],
        producer_epoch: i16 [4..],
        verify_only: bool [4..],
        topics: Vec<AddPartitionsToTxnTopic> [4..],
    }

    /// `topics` of [`AddPartitionsToTxnTransaction`].
    struct AddPartitionsToTxnTopic {
        name: String [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`AddPartitionsToTxnRequest`].
    message AddPartitionsToTxnResponse [0..=5, flexible 3] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [4.., ignorable],
        results_by_transaction: Vec<AddPartitionsToTxnResult> [4..],
        results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult> [0..=3],
    }

    /// `results_by_transaction` of [`AddPartitionsToTxnResponse`].
    struct AddPartitionsToTxnResult {
        transactional_id: String [4..],
        topic_results: Vec<AddPartitionsToTxnTopicResult> [4..],
    }

    /// `topic_results` of [`AddPartitionsToTxnResult`].
    struct AddPartitionsToTxnTopicResult {
        name: String [0..],
        results_by_partition: Vec<AddPartitionsToTxnPartitionResult> [0..],
    }

    /// `results_by_partition` of [`AddPartitionsToTxnTopicResult`].
    struct AddPartitionsToTxnPartitionResult {
        partition_index: i32 [0..],
        partition_error_code: ErrorCode [0..],
    }
}
