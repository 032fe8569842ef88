//! Reading topics without a group: a Fetch loop over whole batches.
//!
//! A [`Fetcher`] keeps one Fetch in flight at every leader, and asks for what follows before it
//! hands out what has come. It finds leaders and start offsets itself, follows leaders that move,
//! starts anew where an offset is out of range, and waits for topics that do not exist yet.
//! Partitions that appear while it runs are read from their beginning, so that nothing written
//! after the start is missed. Control batches are left out, and with
//! [`IsolationLevel::ReadCommitted`] what transactions aborted as well.
//!
//! Requests name topics by name (Fetch up to version 12): a topic that is deleted and created again
//! under its name goes on being read.

mod chunk;
mod positions;
mod selection;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::cluster::Cluster;
use super::connection::Connection;
use super::error::ClientError;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData,
};

pub use chunk::Chunk;
use positions::Next;
pub use positions::StartAt;
pub use selection::TopicSelection;

/// Versions of Fetch that name topics by name and carry batches of version 2.
const FETCH_VERSIONS: RangeInclusive<i16> = 4..=12;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Which records of transactions are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i8)]
pub enum IsolationLevel {
    /// All, whatever became of their transaction.
    #[default]
    ReadUncommitted = 0,
    /// Those of committed transactions, up to the first that is still open.
    ReadCommitted = 1,
}

/// How to read.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// Where to start in partitions that exist when reading starts.
    pub start_at: StartAt,
    /// Where to go on when an offset is out of range; `None` makes that an error.
    pub reset_to: Option<StartAt>,
    /// Which records of transactions are seen.
    pub isolation_level: IsolationLevel,
    /// A broker answers once it has this many bytes.
    pub min_bytes: i32,
    /// Or after this long, with what there is.
    pub max_wait_ms: i32,
    /// Most bytes of one answer, unless a single batch is larger.
    pub max_bytes: i32,
    /// Most bytes of one partition in an answer, unless a single batch is larger.
    pub partition_max_bytes: i32,
    /// How often topics and partitions are looked up again while all is well.
    pub metadata_max_age: Duration,
    /// How long a cluster that cannot be reached any more is tried before that is an error.
    pub unreachable_limit: Duration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            start_at: StartAt::Latest,
            reset_to: Some(StartAt::Latest),
            isolation_level: IsolationLevel::ReadUncommitted,
            min_bytes: 1,
            max_wait_ms: 500,
            max_bytes: 50 * 1024 * 1024,
            partition_max_bytes: 1024 * 1024,
            metadata_max_age: Duration::from_secs(10),
            unreachable_limit: Duration::from_secs(60),
        }
    }
}

/// What reading has come to.
#[derive(Debug)]
pub enum FetchEvent {
    /// Records of one partition.
    Records(Chunk),
    /// A topic does not exist yet; it is waited for. Told once.
    TopicMissing(String),
    /// An offset was out of range, and reading goes on elsewhere.
    OffsetReset {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The offset that the partition does not have.
        from: i64,
    },
}

/// A partition that is read.
#[derive(Clone, Debug)]
struct Position {
    /// The leader's node id; `None` while it is not known.
    leader: Option<i32>,
    next: Next,
}

/// The answer of one leader to one Fetch.
type Answer = (i32, Result<FetchResponse, ClientError>);

/// Reads the partitions of a selection of topics.
#[derive(Debug)]
pub struct Fetcher {
    cluster: Arc<Cluster>,
    selection: TopicSelection,
    options: FetchOptions,
    topics: BTreeMap<String, BTreeMap<i32, Position>>,
    missing: HashSet<String>,
    in_flight: JoinSet<Answer>,
    busy: HashSet<i32>,
    events: VecDeque<FetchEvent>,
    /// Counts requests: where the list of partitions starts, so that each comes first at times.
    turn: usize,
    /// Whether topics have been looked up; what appears later is read from its beginning.
    started: bool,
    refresh_at: Instant,
    pause: Duration,
    failing_since: Option<Instant>,
}

impl Fetcher {
    /// Prepares to read; nothing is asked before [`Fetcher::next`].
    pub fn new(cluster: Arc<Cluster>, selection: TopicSelection, options: FetchOptions) -> Self {
        Self {
            cluster,
            selection,
            options,
            topics: BTreeMap::new(),
            missing: HashSet::new(),
            in_flight: JoinSet::new(),
            busy: HashSet::new(),
            events: VecDeque::new(),
            turn: 0,
            started: false,
            refresh_at: Instant::now(),
            pause: FIRST_PAUSE,
            failing_since: None,
        }
    }

    /// Whether [`Fetcher::next`] has something to return at once.
    pub fn has_ready(&self) -> bool {
        !self.events.is_empty()
    }

    /// The next thing that happens; waits for it without a bound.
    ///
    /// # Errors
    /// The topics may not be read, a partition does not exist, records are damaged, or the cluster
    /// has been unreachable for too long.
    pub async fn next(&mut self) -> Result<FetchEvent, ClientError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            if Instant::now() >= self.refresh_at {
                let refreshed = self.refresh().await;
                self.outlast(refreshed)?;
            }
            let resolved = self.resolve_positions().await;
            self.outlast(resolved)?;
            let sent = self.send_fetches().await;
            self.outlast(sent)?;
            tokio::select! {
                Some(answer) = self.in_flight.join_next() => {
                    // A task that panics has already said so; its leader is asked again.
                    if let Ok((leader, answer)) = answer {
                        self.take_answer(leader, answer).await?;
                    }
                }
                () = sleep_until(self.refresh_at) => {}
            }
        }
    }

    /// Passes on errors that stay; after one that may pass, sees to it that leaders are looked up
    /// again after a pause.
    fn outlast(&mut self, result: Result<(), ClientError>) -> Result<(), ClientError> {
        let Err(error) = result else { return Ok(()) };
        let now = Instant::now();
        let since = *self.failing_since.get_or_insert(now);
        let passes = is_unreachable(&error) || error.is_retriable();
        if !passes || now.duration_since(since) > self.options.unreachable_limit {
            return Err(error);
        }
        tracing::debug!(%error, "asking again");
        self.refresh_soon();
        Ok(())
    }

    /// Has topics and leaders looked up again after a pause that grows until something works.
    fn refresh_soon(&mut self) {
        self.refresh_at = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// Sends a Fetch to every leader that has none in flight and leads something to read.
    async fn send_fetches(&mut self) -> Result<(), ClientError> {
        for (leader, request) in self.fetches() {
            let connection = self.cluster.broker(leader).await;
            let connection = connection.inspect_err(|_| self.forget_leader(leader))?;
            self.busy.insert(leader);
            self.turn = self.turn.wrapping_add(1);
            self.in_flight.spawn(async move { (leader, fetch(&connection, &request).await) });
        }
        Ok(())
    }

    /// What to ask of which leader.
    fn fetches(&self) -> Vec<(i32, FetchRequest)> {
        let mut by_leader: BTreeMap<i32, Vec<(&str, i32, i64)>> = BTreeMap::new();
        for (topic, partitions) in &self.topics {
            for (index, position) in partitions {
                if let (Some(leader), Next::Offset(offset)) = (position.leader, position.next)
                    && !self.busy.contains(&leader)
                {
                    by_leader.entry(leader).or_default().push((topic, *index, offset));
                }
            }
        }
        let request = |(leader, mut partitions): (i32, Vec<(&str, i32, i64)>)| {
            let first = self.turn % partitions.len();
            partitions.rotate_left(first);
            (leader, self.options.request(&partitions))
        };
        by_leader.into_iter().map(request).collect()
    }

    async fn take_answer(
        &mut self,
        leader: i32,
        answer: Result<FetchResponse, ClientError>,
    ) -> Result<(), ClientError> {
        self.busy.remove(&leader);
        let response = match answer {
            Ok(response) => response,
            Err(error) => {
                self.forget_leader(leader);
                return self.outlast(Err(error));
            }
        };
        self.failing_since = None;
        let mut all_is_well = true;
        for topic in response.responses {
            for data in topic.partitions {
                all_is_well &= self.take_partition(&topic.topic, data)?;
            }
        }
        if all_is_well {
            self.pause = FIRST_PAUSE;
        }
        // What follows is on its way while the caller reads what has come.
        let sent = self.send_fetches().await;
        self.outlast(sent)
    }

    /// Takes what an answer says of one partition; whether it was data.
    fn take_partition(&mut self, topic: &str, data: PartitionData) -> Result<bool, ClientError> {
        let partition = data.partition_index;
        let position = self.topics.get_mut(topic).and_then(|all| all.get_mut(&partition));
        let Some(position) = position else { return Ok(true) };
        let Next::Offset(offset) = position.next else { return Ok(true) };
        match data.error_code {
            ErrorCode::NONE => {
                let chunk = Chunk::new(topic, offset, data, self.options.isolation_level)?;
                position.next = Next::Offset(chunk.next_offset());
                if !chunk.is_empty() {
                    self.events.push_back(FetchEvent::Records(chunk));
                }
                Ok(true)
            }
            ErrorCode::OFFSET_OUT_OF_RANGE => {
                let Some(start_at) = self.options.reset_to else {
                    let place = format!("offset {offset} of partition {topic}-{partition}");
                    return Err(refused(data.error_code, place));
                };
                position.next = Next::from(start_at);
                let topic = topic.to_owned();
                self.events.push_back(FetchEvent::OffsetReset { topic, partition, from: offset });
                Ok(true)
            }
            code if code.is_retriable() && code != ErrorCode::CORRUPT_MESSAGE => {
                position.leader = None;
                self.refresh_soon();
                Ok(false)
            }
            code => Err(refused(code, format!("partition {topic}-{partition} at offset {offset}"))),
        }
    }

    /// The partitions of a leader that does not answer wait for the next lookup.
    fn forget_leader(&mut self, leader: i32) {
        for position in self.topics.values_mut().flat_map(BTreeMap::values_mut) {
            position.leader = position.leader.filter(|known| *known != leader);
        }
    }
}

impl FetchOptions {
    fn request(&self, partitions: &[(&str, i32, i64)]) -> FetchRequest {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for &(topic, partition, fetch_offset) in partitions {
            if topics.last().is_none_or(|last| last.topic != topic) {
                topics.push(FetchTopic { topic: topic.to_owned(), ..Default::default() });
            }
            if let Some(last) = topics.last_mut() {
                last.partitions.push(FetchPartition {
                    partition,
                    fetch_offset,
                    partition_max_bytes: self.partition_max_bytes,
                    ..Default::default()
                });
            }
        }
        FetchRequest {
            max_wait_ms: self.max_wait_ms,
            min_bytes: self.min_bytes,
            max_bytes: self.max_bytes,
            isolation_level: self.isolation_level as i8,
            topics,
            ..Default::default()
        }
    }
}

async fn fetch(
    connection: &Connection,
    request: &FetchRequest,
) -> Result<FetchResponse, ClientError> {
    let version = connection.version_within(ApiKey::Fetch, FETCH_VERSIONS)?;
    let response = connection.request_at(request, version).await?;
    ClientError::check(response.error_code, None)?;
    Ok(response)
}

/// What the cluster refused, and where: its code alone does not say.
fn refused(code: ErrorCode, place: String) -> ClientError {
    let message = match code.message() {
        Some(message) => format!("{place}: {message}"),
        None => place,
    };
    ClientError::Refused { code, message: Some(message) }
}

fn is_unreachable(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Unreachable { .. }
            | ClientError::AdvertisedUnreachable { .. }
            | ClientError::NoBootstrapServer(_)
            | ClientError::TimedOut { .. }
            | ClientError::Disconnected { .. }
    )
}

#[cfg(test)]
mod tests;
