//! `kf produce`: lines of stdin become records, as with `kafka-console-producer.sh`.
//!
//! - [`arguments`]: the options, and what they come to.
//! - [`lines`]: where a line ends; [`line_reader`]: what is key, value and header in it.
//! - [`topic`]: is the topic there, before anything is read?
//! - [`send`]: lines to librdkafka, and what became of them.
//!
//! Better than the script: it says which records were not delivered and exits with 1; a broker that
//! cannot be reached is named within seconds; bytes that are not UTF-8 stay as they are. Records
//! without a key go to partitions in turns of a few milliseconds, those with one where the Java
//! client would put them.

mod arguments;
mod line_reader;
mod lines;
mod send;
mod topic;

pub use arguments::Arguments;

use tokio::sync::oneshot;

use super::context::Context;
use super::error::Outcome;
use super::signals::interrupted;
use crate::client::librdkafka::producer_config;
use crate::config::security::SecurityProtocol;
use arguments::Plan;
use send::Sender;

/// Sends all lines of stdin and waits for their delivery.
///
/// # Errors
/// No broker can be reached, the topic cannot be written to, a line is no record, or records were
/// not delivered.
pub async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let plan = Plan::new(arguments)?;
    let config = context.client_config(&plan.connection)?;
    if config.security_protocol == SecurityProtocol::Plaintext {
        let cluster = context.connect_to(&config).await?;
        topic::wait_for(&cluster, &plan.topic, plan.max_block).await?;
    }
    let sender = Sender::new(&producer_config(&config, &plan.settings), plan, context)?;

    // Reading stdin blocks, and nothing but the end of the process ends that.
    let (finished, result) = oneshot::channel();
    std::thread::Builder::new().name("produce".to_owned()).spawn(move || {
        // After an interruption nobody waits for the result.
        let _ = finished.send(sender.run());
    })?;
    tokio::select! {
        result = result => result?.map(|()| Outcome::Done),
        ended = interrupted() => Ok(ended.map(|()| Outcome::Interrupted)?),
    }
}
