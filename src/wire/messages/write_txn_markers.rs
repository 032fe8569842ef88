//! WriteTxnMarkers: write the ends of transactions into partitions.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Writes commit or abort markers.
    message WriteTxnMarkersRequest [1..=2, flexible 1] {
        markers: Vec<WritableTxnMarker> [0..],
    }

    /// `markers` of [`WriteTxnMarkersRequest`].
    struct WritableTxnMarker {
        producer_id: i64 [0..],
        producer_epoch: i16 [0..],
        transaction_result: bool [0..],
        topics: Vec<WritableTxnMarkerTopic> [0..],
        coordinator_epoch: i32 [0..],
        transaction_version: i8 [2.., ignorable],
    }

    /// `topics` of [`WritableTxnMarker`].
    struct WritableTxnMarkerTopic {
        name: String [0..],
        partition_indexes: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`WriteTxnMarkersRequest`].
    message WriteTxnMarkersResponse [1..=2, flexible 1] {
        markers: Vec<WritableTxnMarkerResult> [0..],
    }

    /// `markers` of [`WriteTxnMarkersResponse`].
    struct WritableTxnMarkerResult {
        producer_id: i64 [0..],
        topics: Vec<WritableTxnMarkerTopicResult> [0..],
    }

    /// `topics` of [`WritableTxnMarkerResult`].
    struct WritableTxnMarkerTopicResult {
        name: String [0..],
        partitions: Vec<WritableTxnMarkerPartitionResult> [0..],
    }

    /// `partitions` of [`WritableTxnMarkerTopicResult`].
    struct WritableTxnMarkerPartitionResult {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
    }
}
