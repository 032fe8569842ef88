//! IncrementalAlterConfigs 0-1: set, delete, append to and subtract from single configs (KIP-339).

use super::super::catalog::Refusal;
use super::super::configs::{Change, Resource};
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
    let mut responses = Vec::with_capacity(request.resources.len());
    for resource in request.resources {
        let outcome = alter(context, &resource, request.validate_only).await;
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
    IncrementalAlterConfigsResponse { responses, ..IncrementalAlterConfigsResponse::default() }
}

async fn alter(
    context: &Context,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), Refusal> {
    let alterations = resource.configs.iter().map(|config| {
        let operation = AlterOperation::from_id(config.config_operation).ok_or_else(|| {
            Refusal::new(
                ErrorCode::INVALID_REQUEST,
                format!("Unknown operation type {}.", config.config_operation),
            )
        })?;
        Ok(Alteration { name: config.name.clone(), operation, value: config.value.clone() })
    });
    let alterations = alterations.collect::<Result<Vec<_>, Refusal>>()?;
    let asked = Resource { kind: resource.resource_type, name: &resource.resource_name };
    context.alter_configs(asked, Change::Alter(alterations), validate_only).await
}
