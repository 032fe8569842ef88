//! Producer ids, handed out from blocks that are taken from the metadata log, so that no id is
//! ever handed out twice, whatever happens to the broker.

use std::ops::Range;

use tokio::sync::Mutex;

use super::catalog::ChangeError;
use super::context::Context;
use crate::wire::messages::metadata_log::ProducerIdsRecord;

/// Ids in a block, as in Kafka.
const BLOCK_SIZE: i64 = 1000;

/// The rest of the current block.
#[derive(Debug, Default)]
pub struct ProducerIds {
    left: Mutex<Range<i64>>,
}

impl ProducerIds {
    /// An id that nobody has had before.
    ///
    /// # Errors
    /// A new block was needed and could not be made durable.
    pub async fn next(&self, context: &Context) -> Result<i64, ChangeError> {
        let mut left = self.left.lock().await;
        if left.is_empty() {
            *left = self.take_block(context).await?;
        }
        let id = left.start;
        left.start += 1;
        Ok(id)
    }

    async fn take_block(&self, context: &Context) -> Result<Range<i64>, ChangeError> {
        context
            .change_metadata(|image| {
                let first = image.next_producer_id();
                let record = ProducerIdsRecord {
                    broker_id: context.node_id,
                    broker_epoch: -1,
                    next_producer_id: first + BLOCK_SIZE,
                };
                (vec![record.into()], first..first + BLOCK_SIZE)
            })
            .await
    }
}
