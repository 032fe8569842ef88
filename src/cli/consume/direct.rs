//! Reading without a group.

use std::future::pending;
use std::io::Write;
use std::ops::ControlFlow;
use std::pin::pin;

use tokio::time::{Instant, sleep_until};

use super::Ended;
use super::arguments::Plan;
use super::formatter::RecordView;
use super::printer::Printer;
use crate::cli::context::Context;
use crate::cli::error;
use crate::cli::signals::interrupted;
use crate::client::fetch::{Chunk, FetchEvent, Fetcher};

/// Reads the plan's topics with our own Fetch loop.
pub(super) async fn read<W: Write>(
    plan: &Plan,
    context: &Context,
    printer: &mut Printer<'_, W>,
) -> anyhow::Result<Ended> {
    if printer.is_done() {
        return Ok(Ended::Enough);
    }
    let cluster = context.connect_to(&plan.config).await?;
    let mut fetcher = Fetcher::new(cluster, plan.selection.clone(), plan.fetch.clone());
    let mut ended_by_signal = pin!(interrupted());
    let mut last_record_at = Instant::now();
    loop {
        // A tail is seen as soon as it is there.
        if !fetcher.has_ready() {
            printer.flush()?;
        }
        let silence = async {
            match plan.timeout {
                Some(timeout) => sleep_until(last_record_at + timeout).await,
                None => pending().await,
            }
        };
        let event = tokio::select! {
            event = fetcher.next() => event?,
            () = silence => return Ok(Ended::TimedOut),
            result = &mut ended_by_signal => return Ok(result.map(|()| Ended::Interrupted)?),
        };
        match event {
            FetchEvent::Records(chunk) => {
                if print(&chunk, printer)?.is_break() {
                    return Ok(Ended::Enough);
                }
                last_record_at = Instant::now();
            }
            FetchEvent::TopicMissing(topic) => {
                error::warn(&format!("topic {topic} does not exist yet; waiting for it"));
            }
            FetchEvent::OffsetReset { topic, partition, from } => {
                error::warn(&format!(
                    "partition {topic}-{partition} has no offset {from}; auto.offset.reset decides"
                ));
            }
        }
    }
}

fn print<W: Write>(chunk: &Chunk, printer: &mut Printer<'_, W>) -> anyhow::Result<ControlFlow<()>> {
    let visited = chunk.visit(|header, record| {
        let view = RecordView {
            partition: chunk.partition(),
            offset: record.offset,
            leader_epoch: Some(header.partition_leader_epoch).filter(|epoch| *epoch >= 0),
            timestamp: Some((header.timestamp_type(), record.timestamp)),
            key: record.key,
            value: record.value,
            headers: record.headers,
        };
        match printer.print(&view) {
            Ok(ControlFlow::Continue(())) => ControlFlow::Continue(()),
            Ok(ControlFlow::Break(())) => ControlFlow::Break(Ok(())),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    })?;
    match visited {
        ControlFlow::Continue(()) => Ok(ControlFlow::Continue(())),
        ControlFlow::Break(result) => result.map(ControlFlow::Break),
    }
}
