//! InitProducerId 0-5: a producer id for idempotent producers (KIP-98, KIP-360).
//!
//! A producer without transactional id always gets a new producer id, even if it names the one that
//! it has (version 3), as from Kafka. Transactional ids are refused until there is a transaction
//! coordinator.

use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::init_producer_id::*;

/// Hands out a producer id.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    let refused = |error_code| InitProducerIdResponse {
        error_code,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    };
    if request.transactional_id.is_some() {
        return refused(ErrorCode::INVALID_REQUEST);
    }
    match context.producer_ids.next(context).await {
        Ok(producer_id) => InitProducerIdResponse {
            producer_id,
            producer_epoch: 0,
            ..InitProducerIdResponse::default()
        },
        Err(error) => {
            tracing::error!(%error, "no producer id could be handed out");
            refused(ErrorCode::COORDINATOR_NOT_AVAILABLE)
        }
    }
}
