//! Reading as a member of a group, by librdkafka: offsets are committed as records are read, and
//! once more when reading ends.

use std::future::{pending, ready};
use std::io::Write;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::consumer::{Consumer, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message, Timestamp};
use tokio::time::{Instant, sleep_until};

use super::Ended;
use super::arguments::Plan;
use super::formatter::RecordView;
use super::printer::Printer;
use crate::cli::context::Context;
use crate::cli::error::{self, CliError};
use crate::cli::signals::interrupted;
use crate::client::error::ClientError;
use crate::client::fetch::TopicSelection;
use crate::client::librdkafka::{client_error, consumer_config, headers, is_unreachable};
use crate::config::security::SecurityProtocol;
use crate::wire::records::TimestampType;

/// How long a broker that cannot be reached any more is tried before that is an error.
const UNREACHABLE_LIMIT: Duration = Duration::from_secs(60);
/// Bound on leaving the group, with the last offsets committed.
const LEAVE_LIMIT: Duration = Duration::from_secs(10);
/// Most records between two looks at signals.
const BUNCH: usize = 10_000;

/// Reads the plan's topics as a member of `group`.
pub(super) async fn read<W: Write>(
    plan: &Plan,
    group: &str,
    context: &Context,
    printer: &mut Printer<'_, W>,
) -> anyhow::Result<Ended> {
    if printer.is_done() {
        return Ok(Ended::Enough);
    }
    if plan.config.security_protocol == SecurityProtocol::Plaintext {
        // librdkafka would try for ever: our client says what is wrong.
        let cluster = context.connect_to(&plan.config).await?;
        cluster.metadata_request(&plan.selection.metadata_request()).await?;
    }
    let consumer: StreamConsumer<Silent> = consumer_config(&plan.config, &plan.settings(group))
        .create_with_context(Silent)
        .map_err(|error| client_error(&error, None))?;
    let subscription = match &plan.selection {
        TopicSelection::Topic { name, .. } => name.clone(),
        TopicSelection::Matching(pattern) => pattern.as_str().to_owned(),
    };
    consumer.subscribe(&[&subscription]).map_err(|error| refusal(plan, &error))?;
    let ended = read_all(plan, &consumer, printer).await;
    // Leaving commits the offsets of what has been delivered: it has to be written before.
    let written = printer.flush();
    leave(consumer);
    written?;
    ended
}

/// Why librdkafka does not subscribe.
fn refusal(plan: &Plan, error: &KafkaError) -> anyhow::Error {
    match &plan.selection {
        TopicSelection::Topic { .. } => client_error(error, None).into(),
        TopicSelection::Matching(_) => {
            CliError::usage("--include is not a regular expression for a group")
                .hint("in a group it is one of POSIX: no \\d and no (?...)")
                .into()
        }
    }
}

async fn read_all<W: Write>(
    plan: &Plan,
    consumer: &StreamConsumer<Silent>,
    printer: &mut Printer<'_, W>,
) -> anyhow::Result<Ended> {
    let mut ended_by_signal = pin!(interrupted());
    let mut last_record_at = Instant::now();
    let mut outage = Outage::default();
    loop {
        // A tail is seen as soon as it is there.
        printer.flush()?;
        // While records come without a pause, nothing else would look at signals.
        tokio::task::yield_now().await;
        let silence = async {
            match plan.timeout {
                Some(timeout) => sleep_until(last_record_at + timeout).await,
                None => pending().await,
            }
        };
        let mut received = tokio::select! {
            received = consumer.recv() => Some(received),
            () = silence => return Ok(Ended::TimedOut),
            result = &mut ended_by_signal => return Ok(result.map(|()| Ended::Interrupted)?),
        };
        let mut left = BUNCH;
        while let Some(result) = received {
            match result {
                Ok(message) => {
                    if print(&message, printer)?.is_break() {
                        return Ok(Ended::Enough);
                    }
                    outage = Outage::default();
                    last_record_at = Instant::now();
                }
                Err(error) => outage.outlast(&error)?,
            }
            left -= 1;
            received = if left > 0 { receive_at_once(consumer).await } else { None };
        }
    }
}

/// A record, or an error, that is there already.
async fn receive_at_once(
    consumer: &StreamConsumer<Silent>,
) -> Option<Result<BorrowedMessage<'_>, KafkaError>> {
    tokio::select! {
        biased;
        received = consumer.recv() => Some(received),
        () = ready(()) => None,
    }
}

fn print<W: Write>(
    message: &BorrowedMessage<'_>,
    printer: &mut Printer<'_, W>,
) -> anyhow::Result<ControlFlow<()>> {
    let headers = if printer.shows_headers() { headers(message) } else { Ok(Vec::new()) };
    let headers = match headers {
        Ok(headers) => headers,
        Err(error) => return printer.skip(message.partition(), message.offset(), error.into()),
    };
    printer.print(&RecordView {
        partition: message.partition(),
        offset: message.offset(),
        leader_epoch: None,
        timestamp: match message.timestamp() {
            Timestamp::NotAvailable => None,
            Timestamp::CreateTime(time) => Some((TimestampType::CreateTime, time)),
            Timestamp::LogAppendTime(time) => Some((TimestampType::LogAppendTime, time)),
        },
        key: message.key(),
        value: message.payload(),
        headers,
    })
}

/// Leaves the group, with the last offsets committed, if that can be done in time.
fn leave(consumer: StreamConsumer<Silent>) {
    // Closing takes records off the queue, which would count as read.
    if let Ok(assignment) = consumer.assignment() {
        let _ = consumer.pause(&assignment);
    }
    let (left, done) = mpsc::channel();
    thread::spawn(move || {
        drop(consumer);
        // After the limit nobody waits.
        let _ = left.send(());
    });
    if done.recv_timeout(LEAVE_LIMIT).is_err() {
        error::warn("the group could not be left in time; the last offsets may not be committed");
    }
}

/// How long the cluster has been out of reach.
#[derive(Default)]
struct Outage {
    since: Option<Instant>,
    topic_is_missing: bool,
}

impl Outage {
    /// Passes on errors that stay, and those of an outage that lasts too long.
    fn outlast(&mut self, error: &KafkaError) -> Result<(), ClientError> {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
                if !std::mem::replace(&mut self.topic_is_missing, true) {
                    error::warn("the topic does not exist yet; waiting for it");
                }
                Ok(())
            }
            _ if is_unreachable(error) => {
                let since = *self.since.get_or_insert_with(Instant::now);
                match since.elapsed() < UNREACHABLE_LIMIT {
                    true => Ok(()),
                    false => Err(client_error(error, None)),
                }
            }
            // The group goes on without this member until its next poll, which is the next loop.
            Some(RDKafkaErrorCode::PollExceeded) => Ok(()),
            _ => Err(client_error(error, None)),
        }
    }
}

/// librdkafka's own log stays out of the terminal: errors come with the records.
struct Silent;

impl ClientContext for Silent {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "librdkafka");
    }
}

impl ConsumerContext for Silent {}
