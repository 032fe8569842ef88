//! IncrementalAlterConfigs 0-1: set, delete, append to and subtract from single configs (KIP-339).

use super::super::catalog::Refusal;
use super::super::configs::{Altered, Change, Wish};
use super::super::context::{Caller, Context};
use crate::config::alter::{AlterOperation, Alteration};
use crate::wire::error::ErrorCode;
use crate::wire::messages::incremental_alter_configs::*;

/// Changes the configs; each resource succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let wish = |resource: AlterConfigsResource| {
        let alterations: Result<_, _> = resource.configs.into_iter().map(alteration).collect();
        Wish {
            kind: resource.resource_type,
            name: resource.resource_name,
            change: alterations.map(Change::Alter),
        }
    };
    let wishes = request.resources.into_iter().map(wish).collect();
    let altered = context.alter_configs(wishes, request.validate_only).await;
    IncrementalAlterConfigsResponse {
        responses: altered.into_iter().map(response).collect(),
        ..IncrementalAlterConfigsResponse::default()
    }
}

fn alteration(config: AlterableConfig) -> Result<Alteration, Refusal> {
    let operation = AlterOperation::from_id(config.config_operation).ok_or_else(|| {
        let message = format!("Unknown operation type {}.", config.config_operation);
        Refusal::new(ErrorCode::INVALID_REQUEST, message)
    })?;
    Ok(Alteration { name: config.name, operation, value: config.value })
}

fn response(altered: Altered) -> AlterConfigsResourceResponse {
    AlterConfigsResourceResponse {
        error_code: altered.error_code,
        error_message: altered.error_message,
        resource_type: altered.kind,
        resource_name: altered.name,
    }
}
