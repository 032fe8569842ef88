//! ApiVersions: what a broker can be asked, and at which versions (KIP-511).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks which APIs the broker serves.
    message ApiVersionsRequest [0..=4, flexible 3] {
        client_software_name: String [3.., ignorable],
        client_software_version: String [3.., ignorable],
    }
}

message! {
    /// Answers [`ApiVersionsRequest`].
    message ApiVersionsResponse [0..=4, flexible 3] {
        error_code: ErrorCode [0..],
        api_keys: Vec<ApiVersion> [0..],
        throttle_time_ms: i32 [1.., ignorable],
        supported_features: Vec<SupportedFeatureKey> [3.., tag(0), ignorable],
        finalized_features_epoch: i64 [3.., default(-1), tag(1), ignorable],
        finalized_features: Vec<FinalizedFeatureKey> [3.., tag(2), ignorable],
        zk_migration_ready: bool [3.., tag(3), ignorable],
    }

    /// `finalized_features` of [`ApiVersionsResponse`].
    struct FinalizedFeatureKey {
        name: String [3..],
        max_version_level: i16 [3..],
        min_version_level: i16 [3..],
    }

    /// `supported_features` of [`ApiVersionsResponse`].
    struct SupportedFeatureKey {
        name: String [3..],
        min_version: i16 [3..],
        max_version: i16 [3..],
    }

    /// `api_keys` of [`ApiVersionsResponse`].
    struct ApiVersion {
        api_key: i16 [0..],
        min_version: i16 [0..],
        max_version: i16 [0..],
    }
}
