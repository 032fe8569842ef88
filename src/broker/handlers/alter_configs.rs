//! AlterConfigs 0-2: replace all overrides of resources. What a request does not name is reset
//! (KIP-339 gives the reasons why IncrementalAlterConfigs replaced it).

use super::super::configs::{Altered, Change, Wish};
use super::super::context::{Caller, Context};
use crate::wire::messages::alter_configs::*;

/// Replaces the overrides; each resource succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let wish = |resource: AlterConfigsResource| {
        let values = resource.configs.into_iter().map(|config| (config.name, config.value));
        Wish {
            kind: resource.resource_type,
            name: resource.resource_name,
            change: Ok(Change::Replace(values.collect())),
        }
    };
    let wishes = request.resources.into_iter().map(wish).collect();
    let altered = context.alter_configs(wishes, request.validate_only).await;
    AlterConfigsResponse {
        responses: altered.into_iter().map(response).collect(),
        ..AlterConfigsResponse::default()
    }
}

fn response(altered: Altered) -> AlterConfigsResourceResponse {
    AlterConfigsResourceResponse {
        error_code: altered.error_code,
        error_message: altered.error_message,
        resource_type: altered.kind,
        resource_name: altered.name,
    }
}
