//! Lines to librdkafka, and what became of them.

use std::borrow::Cow;
use std::io::{self, BufReader, Write};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rdkafka::ClientContext;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use super::arguments::Plan;
use super::line_reader::LineRecord;
use super::lines::{Lines, MAX_LINE_BYTES};
use crate::cli::context::Context;
use crate::cli::error;
use crate::client::error::ClientError;
use crate::client::librdkafka::client_error;

const INPUT_BUFFER_BYTES: usize = 256 * 1024;
/// Failures that are told one by one; the rest is counted.
const TOLD_FAILURES: u64 = 5;
/// Work that takes no longer shows no progress.
const PROGRESS_AFTER: Duration = Duration::from_millis(500);
/// Lines between two updates of the progress bar.
const PROGRESS_STEP: usize = 4096;
/// Pause between two looks whether all is delivered.
const FLUSH_STEP: Duration = Duration::from_millis(20);
/// Pause while librdkafka's queue is full.
const FULL_QUEUE_PAUSE: Duration = Duration::from_millis(1);

/// Sends lines as records.
pub(super) struct Sender {
    producer: ThreadedProducer<Deliveries>,
    plan: Plan,
    progress: ProgressBar,
    /// Whether a person watches, and the end is known.
    shows_progress: bool,
    prompt: bool,
}

impl Sender {
    /// Starts librdkafka, which connects in the background.
    pub(super) fn new(
        settings: &rdkafka::ClientConfig,
        plan: Plan,
        context: &Context,
    ) -> anyhow::Result<Self> {
        let progress = progress_of_stdin();
        let shows_progress = context.stderr_is_terminal && progress.length().is_some();
        let deliveries = Deliveries::new(progress.clone());
        let producer = ThreadedProducer::from_config_and_context(settings, deliveries)
            .map_err(|error| client_error(&error, None))?;
        let prompt = context.stdin_is_terminal && context.stdout_is_terminal;
        Ok(Self { producer, plan, progress, shows_progress, prompt })
    }

    /// Reads stdin to its end and waits until every record is delivered or has failed.
    pub(super) fn run(self) -> anyhow::Result<()> {
        // Dropping a producer takes a tenth of a second, and nothing is left in it at the end.
        let sender = ManuallyDrop::new(self);
        let read = sender.send_all();
        // Whatever ended the reading: what was sent before it counts.
        sender.wait_for_deliveries();
        sender.progress.finish_and_clear();
        read?;
        sender.producer.context().result()
    }

    /// Waits until no record is under way. librdkafka gives up on each after its
    /// `message.timeout.ms`.
    fn wait_for_deliveries(&self) {
        while !self.producer.context().wait_for_all(FLUSH_STEP) {
            // Ends the waiting for fuller batches. That not all is delivered yet is no error.
            let _ = self.producer.flush(Duration::ZERO);
        }
    }

    fn send_all(&self) -> anyhow::Result<()> {
        let input = BufReader::with_capacity(INPUT_BUFFER_BYTES, io::stdin().lock());
        let mut lines = Lines::new(input, MAX_LINE_BYTES);
        let mut line_number = 0;
        loop {
            if self.prompt {
                print!(">");
                io::stdout().flush()?;
            }
            if line_number % PROGRESS_STEP == 0 {
                self.show_progress(lines.bytes_read());
            }
            line_number += 1;
            let line = lines.next_line().with_context(|| format!("line {line_number} of stdin"))?;
            let Some(line) = line else { break };
            let record = self.plan.line_reader.read(line, line_number)?;
            self.send(&record, line_number);
            if self.plan.sync {
                self.wait_for_deliveries();
                self.producer.context().result()?;
            }
        }
        if self.prompt {
            println!();
        }
        Ok(())
    }

    fn show_progress(&self, bytes_read: u64) {
        let is_long = self.progress.elapsed() > PROGRESS_AFTER;
        if self.shows_progress && is_long && self.progress.is_hidden() {
            self.progress.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.progress.set_position(bytes_read);
    }

    /// Hands a record to librdkafka; waits while its memory is full.
    fn send(&self, record: &LineRecord<'_>, line_number: usize) {
        let deliveries = self.producer.context();
        deliveries.count_sent();
        let mut message = BaseRecord::with_opaque_to(&self.plan.topic, line_number);
        message.key = record.key;
        message.payload = record.value;
        message.headers = headers(record);
        let deadline = Instant::now() + self.plan.max_block;
        loop {
            match self.producer.send(message) {
                Ok(()) => return,
                Err((error, refused)) if is_queue_full(&error) && Instant::now() < deadline => {
                    thread::sleep(FULL_QUEUE_PAUSE);
                    message = refused;
                }
                Err((error, _)) => return deliveries.count_failed(line_number, &error),
            }
        }
    }
}

/// A bar over the bytes of stdin, where their number is known. It stays hidden until
/// [`Sender::show_progress`].
fn progress_of_stdin() -> ProgressBar {
    let size = io::stdin().as_fd().try_clone_to_owned().and_then(|fd| {
        let metadata = std::fs::File::from(fd).metadata()?;
        Ok(metadata.is_file().then_some(metadata.len()))
    });
    let bar = ProgressBar::with_draw_target(size.ok().flatten(), ProgressDrawTarget::hidden());
    let style =
        ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left");
    style.into_iter().for_each(|style| bar.set_style(style));
    bar
}

fn headers(record: &LineRecord<'_>) -> Option<OwnedHeaders> {
    if record.headers.is_empty() {
        return None;
    }
    let empty = OwnedHeaders::new_with_capacity(record.headers.len());
    Some(record.headers.iter().fold(empty, |headers, header| {
        let key: Cow<'_, str> = String::from_utf8_lossy(header.key);
        headers.insert(Header { key: &key, value: header.value })
    }))
}

fn is_queue_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

/// Counts what became of the records.
struct Deliveries {
    tally: Mutex<Tally>,
    /// No record is under way.
    idle: Condvar,
    progress: ProgressBar,
}

#[derive(Default)]
struct Tally {
    sent: u64,
    delivered: u64,
    failed: u64,
    first_cause: Option<ClientError>,
    /// Why brokers could not be reached, the last time that they could not.
    trouble: Option<String>,
}

impl Tally {
    fn is_idle(&self) -> bool {
        self.delivered + self.failed == self.sent
    }
}

impl Deliveries {
    fn new(progress: ProgressBar) -> Self {
        Self { tally: Mutex::default(), idle: Condvar::new(), progress }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A wake-up is a system call: one per record would cost more than the record.
    fn wake_if_idle(&self, tally: &Tally) {
        if tally.is_idle() {
            self.idle.notify_all();
        }
    }

    fn count_sent(&self) {
        self.tally().sent += 1;
    }

    fn count_failed(&self, line_number: usize, error: &KafkaError) {
        let mut tally = self.tally();
        tally.failed += 1;
        let timed_out = error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageTimedOut);
        let trouble = tally.trouble.clone().filter(|_| timed_out);
        let cause = client_error(error, None);
        if tally.failed <= TOLD_FAILURES {
            let trouble = trouble.map_or(String::new(), |trouble| format!(" ({trouble})"));
            self.progress.suspend(|| {
                error::warn(&format!("line {line_number} was not delivered: {cause}{trouble}"));
            });
        }
        tally.first_cause.get_or_insert(cause);
        self.wake_if_idle(&tally);
    }

    /// Whether no record is under way, or soon none is.
    fn wait_for_all(&self, bound: Duration) -> bool {
        let under_way = |tally: &mut Tally| !tally.is_idle();
        let waited = self.idle.wait_timeout_while(self.tally(), bound, under_way);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_idle()
    }

    fn result(&self) -> anyhow::Result<()> {
        let mut tally = self.tally();
        let Some(cause) = tally.first_cause.take() else { return Ok(()) };
        let counts = format!("{} of {} records were not delivered", tally.failed, tally.sent);
        Err(anyhow::Error::from(cause).context(counts))
    }
}

impl ClientContext for Deliveries {
    fn error(&self, _: KafkaError, reason: &str) {
        self.tally().trouble = Some(reason.to_owned());
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, line_number: usize) {
        match result {
            Ok(_) => {
                let mut tally = self.tally();
                tally.delivered += 1;
                self.wake_if_idle(&tally);
            }
            Err((error, _)) => self.count_failed(line_number, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: RDKafkaErrorCode) -> KafkaError {
        KafkaError::MessageProduction(code)
    }

    fn deliveries() -> Deliveries {
        Deliveries::new(ProgressBar::hidden())
    }

    #[test]
    fn failures_are_counted_and_the_first_cause_is_kept() {
        let deliveries = deliveries();
        (0..7).for_each(|_| deliveries.count_sent());
        deliveries.count_failed(2, &failure(RDKafkaErrorCode::MessageSizeTooLarge));
        deliveries.count_failed(3, &failure(RDKafkaErrorCode::MessageTimedOut));
        let error = format!("{:#}", deliveries.result().unwrap_err());
        assert!(error.starts_with("2 of 7 records were not delivered: "), "{error}");
        assert!(error.contains("MESSAGE_TOO_LARGE"), "{error}");
    }
}
