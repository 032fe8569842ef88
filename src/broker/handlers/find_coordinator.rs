//! FindCoordinator 0-6: this broker coordinates every group. Version 4 asks for several keys.
//!
//! Transactions and share groups have no coordinator here yet.

use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::find_coordinator::*;

const GROUP: i8 = 0;

/// Answers with this broker for groups; makes sure that their offsets have a topic to go to.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let mut keys = request.coordinator_keys;
    if caller.api_version < 4 {
        keys.push(request.key);
    }
    let outcome = match request.key_type {
        GROUP => context.ensure_offsets_topic().await.map_err(|error| {
            tracing::error!(%error, "the offsets topic could not be created");
            (ErrorCode::COORDINATOR_NOT_AVAILABLE, error.to_string())
        }),
        other => Err((
            ErrorCode::INVALID_REQUEST,
            format!("This broker has no coordinator for keys of type {other}."),
        )),
    };
    let mut coordinators: Vec<Coordinator> =
        keys.into_iter().map(|key| coordinator(context, caller, key, &outcome)).collect();
    if caller.api_version >= 4 {
        return FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() };
    }
    let only = coordinators.pop().unwrap_or_default();
    FindCoordinatorResponse {
        error_code: only.error_code,
        error_message: only.error_message,
        node_id: only.node_id,
        host: only.host,
        port: only.port,
        ..FindCoordinatorResponse::default()
    }
}

fn coordinator(
    context: &Context,
    caller: &Caller,
    key: String,
    outcome: &Result<(), (ErrorCode, String)>,
) -> Coordinator {
    let outcome = outcome.clone().and_then(|()| {
        context.check_coordinates(&key).map_err(|code| {
            (code, "The log that this group is in is damaged on this broker.".to_owned())
        })
    });
    match outcome {
        Ok(()) => {
            let (host, port) = context.endpoint(caller);
            Coordinator { key, node_id: context.node_id, host, port, ..Coordinator::default() }
        }
        Err((error_code, message)) => Coordinator {
            key,
            node_id: -1,
            port: -1,
            error_code,
            error_message: Some(message),
            ..Coordinator::default()
        },
    }
}
