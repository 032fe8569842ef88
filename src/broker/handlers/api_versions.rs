//! ApiVersions 0-4: what is served, straight from the table (KIP-511).
//!
//! Version 3 names the client's software, which must look like a name. The finalized features of
//! version 3 tell which of KRaft's behaviours clients may count on. Version 4 (KIP-896) allows 0 as
//! a feature's lowest version.

use super::super::context::{Caller, Context};
use super::super::dispatch::APIS;
use crate::wire::api::ApiKey;
use crate::wire::codec::Writer;
use crate::wire::error::ErrorCode;
use crate::wire::frame;
use crate::wire::messages::api_versions::*;

/// Level of `metadata.version` that stands for Kafka 4.2-IV1.
const METADATA_VERSION: i16 = 29;

/// Lowest `metadata.version` of KRaft, Kafka 3.3-IV3.
const LOWEST_METADATA_VERSION: i16 = 7;

/// Answers with the table of APIs.
pub async fn handle(
    _: &Context,
    caller: &Caller,
    request: ApiVersionsRequest,
) -> ApiVersionsResponse {
    let named = caller.api_version >= 3;
    let names = [&request.client_software_name, &request.client_software_version];
    if named && !names.iter().all(|name| is_software_name(name)) {
        return response(ErrorCode::INVALID_REQUEST);
    }
    ApiVersionsResponse {
        supported_features: vec![SupportedFeatureKey {
            name: "metadata.version".to_owned(),
            min_version: LOWEST_METADATA_VERSION,
            max_version: METADATA_VERSION,
        }],
        finalized_features_epoch: 0,
        finalized_features: vec![FinalizedFeatureKey {
            name: "metadata.version".to_owned(),
            max_version_level: METADATA_VERSION,
            min_version_level: METADATA_VERSION,
        }],
        ..response(ErrorCode::NONE)
    }
}

/// The whole answer to a version that is not served: version 0, which every client can read.
pub fn unsupported_version(correlation_id: i32) -> Writer {
    frame::encode_response::<ApiVersionsRequest>(
        &response(ErrorCode::UNSUPPORTED_VERSION),
        0,
        correlation_id,
    )
    // Version 0 has a place for every field that is set here.
    .unwrap_or_default()
}

fn response(error_code: ErrorCode) -> ApiVersionsResponse {
    let row = |api: &super::super::dispatch::Api| ApiVersion {
        api_key: api.key.number(),
        min_version: *api.versions.start(),
        max_version: *api.versions.end(),
    };
    let told = |api: &&super::super::dispatch::Api| match error_code {
        ErrorCode::NONE => true,
        // A client that guessed wrong needs the versions of this one API to guess right.
        ErrorCode::UNSUPPORTED_VERSION => api.key == ApiKey::ApiVersions,
        _ => false,
    };
    ApiVersionsResponse {
        error_code,
        api_keys: APIS.iter().filter(told).map(row).collect(),
        ..ApiVersionsResponse::default()
    }
}

/// Letters and digits, with dashes and dots between them (KIP-511).
fn is_software_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    name.chars().all(inner) && outer(name.chars().next()) && outer(name.chars().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_names_are_letters_and_digits_with_dashes_and_dots_between() {
        for name in ["a", "apache-kafka-java", "4.2.0", "kf"] {
            assert!(is_software_name(name), "{name}");
        }
        for name in ["", "-a", "a-", ".", "a b", "ä"] {
            assert!(!is_software_name(name), "{name}");
        }
    }

    #[test]
    fn produce_is_advertised_from_zero() {
        let response = response(ErrorCode::NONE);
        let produce = response.api_keys.iter().find(|api| api.api_key == 0);
        assert_eq!(produce.map(|api| api.min_version), Some(0));
    }
}
