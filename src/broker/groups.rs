//! The task that drives the group coordinator.
//!
//! The coordinator decides without doing; this task gives it requests, time and the outcome of
//! appends, one at a time, and does what it asks for: appends records to `__consumer_offsets` and
//! sends replies. It is the only owner of the coordinator.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::catalog::Catalog;
use super::context::OFFSETS_TOPIC;
use super::internal_log::{ReadError, build_batch, read_records};
use super::partition::{Partition, error_code};
use super::partitions::Partitions;
use crate::base::clock::Clock;
use crate::config::broker::BrokerConfig;
use crate::coordinator::group::{
    Append, AppendId, Effects, GroupCoordinator, GroupSettings, Now, ReplayError, Reply, Ticket,
    partition_for,
};
use crate::wire::error::ErrorCode;

/// How many requests may wait for the coordinator; further ones wait at their connections.
const MAX_QUEUED: usize = 1024;

type Question = Box<dyn FnOnce(&mut Driver) + Send>;

/// The way to the coordinator. Cheap to clone.
#[derive(Clone)]
pub struct Groups {
    questions: mpsc::Sender<Question>,
}

impl Groups {
    /// Reads the groups back from their logs and starts the task.
    ///
    /// # Errors
    /// A log of groups cannot be read.
    pub fn start(
        catalog: Arc<Catalog>,
        partitions: Arc<Partitions>,
        clock: Arc<dyn Clock>,
        config: &BrokerConfig,
    ) -> Result<(Self, JoinHandle<()>), ReadError<ReplayError>> {
        let mut coordinator = GroupCoordinator::new(settings(config));
        load(&mut coordinator, &catalog, &partitions)?;
        let (questions, asked) = mpsc::channel(MAX_QUEUED);
        let (appended, outcomes) = mpsc::unbounded_channel();
        let interval_ms = u64::try_from(config.offsets_retention_check_interval_ms).unwrap_or(1);
        let mut driver = Driver {
            coordinator,
            catalog,
            partitions,
            waiting: HashMap::new(),
            last_ticket: 0,
            appended,
            forgetting: Vec::new(),
            expiry_interval: Duration::from_millis(interval_ms.max(1)),
            next_expiry: clock.monotonic(),
            clock,
        };
        let now = Now::read(&*driver.clock);
        let effects = driver.coordinator.loaded(now);
        driver.carry_out(effects);
        // Topics whose deletion was durable when the broker died, and these offsets were not yet.
        let image = driver.catalog.image();
        let mut gone = driver.coordinator.committed_topics();
        gone.retain(|topic| image.topic(topic).is_none());
        let effects = driver.coordinator.topics_deleted(&gone, now);
        driver.carry_out(effects);
        Ok((Self { questions }, tokio::spawn(driver.run(asked, outcomes))))
    }

    /// Asks what is answered at once; `None` if the broker is stopping.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut GroupCoordinator, Now) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |driver| {
            let now = Now::read(&*driver.clock);
            // If nobody waits any more, the client went away.
            drop(answer.send(question(&mut driver.coordinator, now)));
        });
        self.questions.send(question).await.ok()?;
        answered.await.ok()
    }

    /// Asks for what may be answered later; `None` if the broker is stopping.
    pub async fn request(
        &self,
        request: impl FnOnce(&mut GroupCoordinator, Ticket, Now) -> Effects + Send + 'static,
    ) -> Option<Reply> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |driver| {
            driver.last_ticket += 1;
            let ticket = Ticket(driver.last_ticket);
            driver.waiting.insert(ticket, answer);
            let now = Now::read(&*driver.clock);
            let effects = request(&mut driver.coordinator, ticket, now);
            driver.carry_out(effects);
        });
        self.questions.send(question).await.ok()?;
        answered.await.ok()
    }

    /// Deletes what groups have committed for a topic that is gone; done when that is durable.
    pub async fn forget_topic(&self, topic: String) {
        let (done, forgotten) = oneshot::channel();
        let question: Question = Box::new(move |driver| {
            let now = Now::read(&*driver.clock);
            let effects = driver.coordinator.topics_deleted(&BTreeSet::from([topic]), now);
            let appends: BTreeSet<AppendId> = effects.appends.iter().map(|a| a.id).collect();
            if !appends.is_empty() {
                driver.forgetting.push((appends, done));
            }
            driver.carry_out(effects);
        });
        // A broker that is stopping finds nobody left to tell. The sender is dropped, not used.
        if self.questions.send(question).await.is_ok() {
            let _ = forgotten.await;
        }
    }
}

fn settings(config: &BrokerConfig) -> GroupSettings {
    let size = |value: i32| usize::try_from(value).unwrap_or(0);
    GroupSettings {
        min_session_timeout_ms: config.group_min_session_timeout_ms,
        max_session_timeout_ms: config.group_max_session_timeout_ms,
        initial_rebalance_delay_ms: config.group_initial_rebalance_delay_ms,
        max_size: size(config.group_max_size),
        offset_metadata_max_size: size(config.offset_metadata_max_bytes),
        offsets_retention_ms: i64::from(config.offsets_retention_minutes) * 60_000,
        offsets_partitions: config.offsets_topic_num_partitions,
    }
}

/// Replays every partition of the offsets topic, if there is one.
fn load(
    coordinator: &mut GroupCoordinator,
    catalog: &Catalog,
    partitions: &Partitions,
) -> Result<(), ReadError<ReplayError>> {
    if let Some(topic) = catalog.image().topic(OFFSETS_TOPIC) {
        for index in 0..topic.partitions.len() as i32 {
            // Peers are told that the groups of a damaged partition have no coordinator.
            let Ok(partition) = partitions.get(topic, index) else { continue };
            let read = read_records(&partition.view(), |(key, value)| {
                let Some(key) = key else { return Ok(()) };
                match coordinator.replay(key, value, None) {
                    // As in Kafka: kinds of records that only other versions write are none of
                    // ours. What is of ours and cannot be read is never guessed at.
                    Err(error @ ReplayError::UnknownKey(_)) => {
                        tracing::warn!(partition = index, %error, "a record is left out");
                        Ok(())
                    }
                    outcome => outcome,
                }
            });
            match read {
                // Without what is damaged, old offsets would pass for the newest.
                Err(ReadError::Storage(error)) => partitions.withdraw(topic, index, error),
                read => read?,
            }
        }
    }
    Ok(())
}

struct Driver {
    coordinator: GroupCoordinator,
    catalog: Arc<Catalog>,
    partitions: Arc<Partitions>,
    clock: Arc<dyn Clock>,
    waiting: HashMap<Ticket, oneshot::Sender<Reply>>,
    last_ticket: u64,
    /// Outcomes of appends come from storage threads, which must not wait. Each append that is
    /// under way has one, so their number is bounded by the requests that wait.
    appended: mpsc::UnboundedSender<(AppendId, Result<(), ErrorCode>)>,
    /// Deletions that somebody waits for, with the appends that they wait for.
    forgetting: Vec<(BTreeSet<AppendId>, oneshot::Sender<()>)>,
    expiry_interval: Duration,
    next_expiry: Duration,
}

impl Driver {
    async fn run(
        mut self,
        mut asked: mpsc::Receiver<Question>,
        mut outcomes: mpsc::UnboundedReceiver<(AppendId, Result<(), ErrorCode>)>,
    ) {
        loop {
            let deadline = self.coordinator.next_deadline().unwrap_or(Duration::MAX);
            let wait = deadline.min(self.next_expiry).saturating_sub(self.clock.monotonic());
            tokio::select! {
                question = asked.recv() => match question {
                    Some(question) => question(&mut self),
                    None => return,
                },
                Some((id, outcome)) = outcomes.recv() => {
                    let now = Now::read(&*self.clock);
                    let effects = self.coordinator.append_completed(id, outcome, now);
                    self.carry_out(effects);
                    self.forgetting.retain_mut(|(appends, _)| {
                        appends.remove(&id);
                        !appends.is_empty()
                    });
                }
                () = tokio::time::sleep(wait) => self.on_time(),
            }
        }
    }

    fn on_time(&mut self) {
        let now = Now::read(&*self.clock);
        let effects = self.coordinator.on_time(now);
        self.carry_out(effects);
        if now.monotonic >= self.next_expiry {
            self.next_expiry = now.monotonic + self.expiry_interval;
            let effects = self.coordinator.expire_offsets(now);
            self.carry_out(effects);
        }
    }

    fn carry_out(&mut self, effects: Effects) {
        for (ticket, reply) in effects.replies {
            if let Some(answer) = self.waiting.remove(&ticket) {
                // If nobody waits any more, the client went away.
                drop(answer.send(reply));
            }
        }
        for append in effects.appends {
            self.append(append);
        }
    }

    fn append(&self, append: Append) {
        let id = append.id;
        let appended = self.appended.clone();
        // The receiver is there as long as this task is.
        let report = move |outcome| {
            let _ = appended.send((id, outcome));
        };
        let partition = match self.partition_of(&append.group_id) {
            Ok(partition) => partition,
            Err(code) => return report(Err(code)),
        };
        let now_ms = self.clock.wall_ms();
        let records: Result<Vec<_>, _> =
            append.records.iter().map(|record| record.to_bytes()).collect();
        let batch = records.ok().and_then(|records| {
            let records: Vec<_> = records.into_iter().map(|(k, v)| (Some(k), v)).collect();
            build_batch(&records, now_ms).ok()
        });
        let Some(batch) = batch else {
            return report(Err(ErrorCode::UNKNOWN_SERVER_ERROR));
        };
        partition.append_internal(batch, now_ms, move |outcome| {
            report(outcome.map(|_| ()).map_err(|error| {
                tracing::error!(%error, "records of a group could not be written");
                error_code(&error)
            }));
        });
    }

    fn partition_of(&self, group_id: &str) -> Result<Arc<Partition>, ErrorCode> {
        let image = self.catalog.image();
        let topic = image.topic(OFFSETS_TOPIC).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let index = partition_for(group_id, topic.partitions.len() as i32);
        self.partitions.get(topic, index)
    }
}
