//! What it costs that an answer means "on disk": the latency of one producer with acks=all next to
//! that of a bare fdatasync in the same minute on the same file system, and the throughput of many
//! producers next to that of a topic with durability=async.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kf::client::connection::Connection;
use kf::wire::error::ErrorCode;
use kf::wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use kf::wire::records::{BatchBuilder, Compression};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::broker::BrokerSetup;
use crate::client::Client;
use crate::random::Random;
use crate::requests::ACKS_ALL;
use crate::scenario::{Report, Run, Stop};
use crate::statistics::percentile;

/// Rounds in which both sides are measured, one after the other, so that what else the machine does
/// hits both.
const ROUNDS: usize = 5;
const SYNCS_PER_ROUND: usize = 100;
const LATENCY_MARGIN: Duration = Duration::from_micros(300);
const PRODUCERS: usize = 64;
const IN_FLIGHT: usize = 5;
const PARTITIONS: usize = 16;
const RECORDS_IN_BATCH: usize = 10;
const VALUE_BYTES: usize = 100;
const THROUGHPUT_GOAL: f64 = 0.7;
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    let (_broker, _) = setup.start()?;
    let mut client = Client::new(setup.address);
    for (topic, durability) in [("synced", "synced"), ("async", "async")] {
        let configs = [("durability", durability)];
        let code = client.create_topic(topic, PARTITIONS as i32, &configs)?;
        code.ok().map_err(|code| format!("creating {topic}: {code}"))?;
    }
    let batch = batch(&mut run.random);
    let mut report = Report::default();
    measure_latency(&run.directory, &mut client, &batch, &mut report)?;
    let length = run.by_tier(Duration::from_secs(2), Duration::from_secs(10));
    measure_throughput(setup.address, length, &batch, &mut report)?;
    report.complaints.extend(setup.panics());
    Ok(report)
}

fn batch(random: &mut Random) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    for _ in 0..RECORDS_IN_BATCH {
        builder.append(0, None, Some(&random.bytes(VALUE_BYTES)), &[]);
    }
    builder.build().expect("records that fit into a batch")
}

fn measure_latency(
    directory: &Path,
    client: &mut Client,
    batch: &Bytes,
    report: &mut Report,
) -> Result<(), Stop> {
    let path = directory.join("bare");
    let mut bare = OpenOptions::new().create(true).append(true).open(path)?;
    let (mut syncs, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for _ in 0..SYNCS_PER_ROUND {
            let started = Instant::now();
            bare.write_all(batch)?;
            bare.sync_data()?;
            syncs.push(started.elapsed());
        }
        for _ in 0..SYNCS_PER_ROUND {
            let started = Instant::now();
            let (code, _) = client.produce("synced", 0, ACKS_ALL, batch.clone())?;
            answers.push(started.elapsed());
            code.ok().map_err(|code| format!("producing: {code}"))?;
        }
    }
    let (base, answer) = (percentile(&mut syncs, 50), percentile(&mut answers, 50));
    let goal = base + LATENCY_MARGIN;
    report.measured(
        format!("acks=all, one producer, p50 (bare fdatasync {base:.2?})"),
        format!("{answer:.2?}"),
        format!("{goal:.2?}"),
        answer <= goal,
    );
    Ok(())
}

fn measure_throughput(
    address: SocketAddr,
    length: Duration,
    batch: &Bytes,
    report: &mut Report,
) -> Result<(), Stop> {
    let runtime = Runtime::new()?;
    let (mut synced, mut unsynced) = (0, 0);
    for _ in 0..2 {
        unsynced += runtime.block_on(produce(address, "async", length, batch))?;
        synced += runtime.block_on(produce(address, "synced", length, batch))?;
    }
    let seconds = 2.0 * length.as_secs_f64();
    let ratio = synced as f64 / unsynced.max(1) as f64;
    report.measured(
        format!("{PRODUCERS} producers, {IN_FLIGHT} in flight, synced of durability=async"),
        format!(
            "{:.0} % ({:.0} of {:.0} records/s)",
            ratio * 100.0,
            synced as f64 / seconds,
            unsynced as f64 / seconds
        ),
        format!("{:.0} %", THROUGHPUT_GOAL * 100.0),
        ratio >= THROUGHPUT_GOAL,
    );
    Ok(())
}

/// How many records are acknowledged within `length`.
async fn produce(
    address: SocketAddr,
    topic: &'static str,
    length: Duration,
    batch: &Bytes,
) -> Result<u64, Stop> {
    let address = address.to_string();
    let acked = Arc::new(AtomicU64::new(0));
    let deadline = Instant::now() + length;
    let mut senders = JoinSet::new();
    for producer in 0..PRODUCERS {
        let connection = Connection::open(&address, "torture", ANSWER_LIMIT, ANSWER_LIMIT);
        let connection = Arc::new(connection.await.map_err(|error| error.to_string())?);
        for _ in 0..IN_FLIGHT {
            let request = request(topic, producer % PARTITIONS, batch);
            senders.spawn(send(connection.clone(), request, deadline, acked.clone()));
        }
    }
    while let Some(sender) = senders.join_next().await {
        sender.expect("no panic in a sender")?;
    }
    Ok(acked.load(Ordering::Relaxed))
}

async fn send(
    connection: Arc<Connection>,
    request: ProduceRequest,
    deadline: Instant,
    acked: Arc<AtomicU64>,
) -> Result<(), String> {
    while Instant::now() < deadline {
        let answer = connection.request_at(&request, 9).await.map_err(|error| error.to_string())?;
        let partitions = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
        for partition in partitions {
            match partition.error_code {
                ErrorCode::NONE => acked.fetch_add(RECORDS_IN_BATCH as u64, Ordering::Relaxed),
                code => return Err(format!("producing: {code}")),
            };
        }
    }
    Ok(())
}

fn request(topic: &str, partition: usize, batch: &Bytes) -> ProduceRequest {
    let data = PartitionProduceData { index: partition as i32, records: Some(batch.clone()) };
    let topic = TopicProduceData {
        name: topic.to_owned(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    ProduceRequest {
        acks: ACKS_ALL,
        timeout_ms: 30_000,
        topic_data: vec![topic],
        ..ProduceRequest::default()
    }
}
