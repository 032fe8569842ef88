//! AlterConfigs 0-2: replace all overrides of resources. What a request does not name is reset
//! (KIP-339 gives the reasons why IncrementalAlterConfigs replaced it).

use super::super::configs::{Change, Resource};
use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::alter_configs::*;

/// Replaces the overrides; each resource succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let mut responses = Vec::with_capacity(request.resources.len());
    for resource in request.resources {
        let values = resource.configs.into_iter().map(|config| (config.name, config.value));
        let asked = Resource { kind: resource.resource_type, name: &resource.resource_name };
        let change = Change::Replace(values.collect());
        let outcome = context.alter_configs(asked, change, request.validate_only).await;
        let (error_code, error_message) = match outcome {
            Ok(()) => (ErrorCode::NONE, None),
            Err(refusal) => (refusal.code, Some(refusal.message)),
        };
        responses.push(AlterConfigsResourceResponse {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
        });
    }
    AlterConfigsResponse { responses, ..AlterConfigsResponse::default() }
}
