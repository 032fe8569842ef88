//! UpdateFeatures: change finalized feature levels (KIP-584).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Raises or lowers feature levels of the cluster.
    message UpdateFeaturesRequest [0..=2, flexible 0] {
        timeout_ms: i32 [0.., default(60_000)],
        feature_updates: Vec<FeatureUpdateKey> [0..],
        validate_only: bool [1..],
    }

    /// `feature_updates` of [`UpdateFeaturesRequest`].
    struct FeatureUpdateKey {
        feature: String [0..],
        max_version_level: i16 [0..],
        allow_downgrade: bool [0..=0],
        upgrade_type: i8 [1.., default(1)],
    }
}

message! {
    /// Answers [`UpdateFeaturesRequest`].
    message UpdateFeaturesResponse [0..=2, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        results: Vec<UpdatableFeatureResult> [0..=1, ignorable],
    }

    /// `results` of [`UpdateFeaturesResponse`].
    struct UpdatableFeatureResult {
        feature: String [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
