//! How long a broker takes to get ready after kill -9: with much data in few partitions, and with
//! little in many.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use kf::wire::error::ErrorCode;
use kf::wire::records::{BatchBuilder, Compression};

use crate::broker::BrokerSetup;
use crate::checker::partition::Keeps;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::load::create_topics;
use crate::load::one_by_one::OneByOne;
use crate::random::Random;
use crate::requests::ACKS_ONE;
use crate::scenario::{Report, Run, Stop};

const GIB: usize = 1 << 30;
/// The largest batch that a topic takes by default, nearly.
const BATCH_BYTES: usize = 1_000_000;
const RECORDS_IN_BATCH: usize = 10;
const BIG_GOAL: Duration = Duration::from_secs(2);
const MANY_GOAL: Duration = Duration::from_secs(1);
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

const BIG: Topic = Topic {
    name: "big",
    partitions: 10,
    configs: &[],
    keeps: Keeps::Everything,
    is_shortened: false,
};
const MANY: Topic = Topic { name: "many", partitions: 1_000, ..BIG };

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let gib = run.by_tier(1, 10);
    let mut report = Report::default();
    let ready = recover_big(run, gib, &mut report)?;
    let goal = format!("{BIG_GOAL:.0?}");
    report.measured(
        format!("ready after kill -9, {gib} GiB"),
        format!("{ready:.2?}"),
        goal,
        ready <= BIG_GOAL,
    );
    let ready = recover_many(run, &mut report)?;
    let goal = format!("{MANY_GOAL:.0?}");
    let measured = format!("{ready:.2?}");
    report.measured("ready after kill -9, 1,000 partitions", measured, goal, ready <= MANY_GOAL);
    Ok(report)
}

fn recover_big(run: &mut Run, gib: usize, report: &mut Report) -> Result<Duration, Stop> {
    let mut setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    setup.data_dir = run.directory.join("big");
    let (broker, _) = setup.start()?;
    create_topics(setup.address, &Ledger::new(&[BIG]))?;
    let batches = gib * GIB / BATCH_BYTES / BIG.partitions as usize;
    let batch = batch(&mut run.random);
    let address = setup.address;
    let writers: Vec<_> = (0..BIG.partitions)
        .map(|partition| {
            let batch = batch.clone();
            thread::spawn(move || fill(address, partition, batches, &batch))
        })
        .collect();
    for writer in writers {
        writer.join().expect("no panic in a writer")?;
    }
    broker.kill();
    let (_broker, ready) = setup.start()?;
    let end = (batches * RECORDS_IN_BATCH) as i64;
    let mut client = Client::new(setup.address);
    for (partition, bounds) in client.offsets(BIG.name, BIG.partitions)?.iter().enumerate() {
        if bounds.high_watermark != end {
            let found = bounds.high_watermark;
            report.complaints.push(format!("big-{partition} ends at {found}, acked to {end}"));
        }
    }
    report.complaints.extend(setup.panics());
    Ok(ready)
}

/// Appends the same batch again and again; what the page cache holds survives a kill.
fn fill(address: SocketAddr, partition: i32, batches: usize, batch: &Bytes) -> Result<(), Stop> {
    let mut client = Client::new(address).with_answer_limit(ANSWER_LIMIT);
    for _ in 0..batches {
        let (code, _) = client.produce(BIG.name, partition, ACKS_ONE, batch.clone())?;
        code.ok().map_err(|code| format!("writing to big-{partition}: {code}"))?;
    }
    Ok(())
}

fn batch(random: &mut Random) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    let value = random.bytes(BATCH_BYTES / RECORDS_IN_BATCH);
    for _ in 0..RECORDS_IN_BATCH {
        builder.append(0, None, Some(&value), &[]);
    }
    builder.build().expect("records that fit into a batch")
}

fn recover_many(run: &mut Run, report: &mut Report) -> Result<Duration, Stop> {
    let mut setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    setup.data_dir = run.directory.join("many");
    let ledger = Arc::new(Ledger::new(&[MANY]));
    let (broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    let random = Random::new(run.random.number());
    let mut writer = OneByOne::new(setup.address, &ledger, ANSWER_LIMIT, random);
    for partition in 0..MANY.partitions {
        let code = writer.send(MANY.name, partition)?;
        if code != ErrorCode::NONE {
            return Err(format!("writing to many-{partition}: {code}").into());
        }
    }
    broker.kill();
    let (_broker, ready) = setup.start()?;
    let mut client = Client::new(setup.address);
    let bounds = client.offsets(MANY.name, MANY.partitions)?;
    let lost = bounds.iter().filter(|bounds| bounds.high_watermark != 1).count();
    if lost > 0 {
        report.complaints.push(format!("{lost} of 1,000 partitions do not end at 1"));
    }
    report.complaints.extend(setup.panics());
    Ok(ready)
}
