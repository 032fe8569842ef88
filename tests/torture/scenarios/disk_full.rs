//! A disk that fills up, by the broker's own doing and by a stranger's, and is emptied again. While
//! it is full, produce is answered with an error after which clients try again; reading, offset
//! commits, deleted records and deleted topics go on; and writing goes on soon after there is space
//! again. The broker is never started anew.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kf::wire::error::ErrorCode;

use crate::broker::{Broker, BrokerSetup};
use crate::checker::partition::Keeps;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::load::create_topics;
use crate::load::one_by_one::OneByOne;
use crate::mounts::Mount;
use crate::random::Random;
use crate::reader::{judge, read_all};
use crate::scenario::{Report, Run, Stop};

const DISK_MIB: u32 = 64;
/// The values of the records that fill the disk.
const VALUE_BYTES: usize = 200 << 10;
/// More records than fit.
const MORE_THAN_FIT: usize = 2 * (DISK_MIB as usize * 1024 * 1024) / VALUE_BYTES;
/// How long after there is space again a write succeeds.
const RESUME_LIMIT: Duration = Duration::from_secs(5);
/// How long an answer may take, whatever the disk is like.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const RETRY_PAUSE: Duration = Duration::from_millis(20);

const TOPIC: Topic = Topic {
    name: "filled",
    partitions: 2,
    configs: &[("segment.bytes", "1048576"), ("retention.ms", "-1")],
    keeps: Keeps::Everything,
    is_shortened: true,
};
const GROUP: &str = "readers";
/// Created before each cycle, and deleted while the disk is full.
const PASSING: &str = "passing";

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let disk = Mount::memory(&run.directory.join("small"), DISK_MIB)?;
    let mut setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    setup.data_dir = disk.path().join("data");
    let ledger = Arc::new(Ledger::new(&[TOPIC]));
    let (mut broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    let writer =
        OneByOne::new(setup.address, &ledger, ANSWER_LIMIT, Random::new(run.random.number()));
    let mut client = Client::new(setup.address).with_answer_limit(ANSWER_LIMIT);
    client.find_coordinator(GROUP)?;
    let mut cycle = Cycle { disk: &disk, ledger: &ledger, writer, client, complaints: Vec::new() };

    let cycles = run.repeats(5, 50);
    let mut slowest = Duration::ZERO;
    for number in 0..cycles {
        let resumed = cycle.run(number, number % 2 == 0);
        let ended = broker.wait(Duration::ZERO);
        let words = || format!("cycle {number}: {}", setup.last_words());
        if let Some(status) = ended {
            return Err(format!("the broker has ended: {status}: {}", words()).into());
        }
        slowest = slowest.max(resumed.map_err(|stop| stop.with(&words()))?);
    }
    let mut report = Report { complaints: cycle.complaints, ..Report::default() };
    judge_all(&setup, broker, &ledger, &mut report)?;
    report.did(format!("{cycles} times full and empty again, {} records acked", ledger.acked()));
    let goal = format!("{RESUME_LIMIT:.0?}");
    report.measured("write after space came back", format!("{slowest:.0?}"), goal, true);
    Ok(report)
}

fn judge_all(
    setup: &BrokerSetup,
    broker: Broker,
    ledger: &Arc<Ledger>,
    report: &mut Report,
) -> Result<(), Stop> {
    report.complaints.extend(judge(ledger, &read_all(setup.address, ledger)?));
    broker.kill();
    let (_broker, _) = setup.start()?;
    report.complaints.extend(judge(ledger, &read_all(setup.address, ledger)?));
    report.complaints.extend(ledger.complaints());
    report.complaints.extend(setup.panics());
    Ok(())
}

/// Filling the disk and emptying it.
struct Cycle<'a> {
    disk: &'a Mount,
    ledger: &'a Arc<Ledger>,
    writer: OneByOne,
    client: Client,
    complaints: Vec<String>,
}

impl Cycle<'_> {
    /// How long after there was space again the first write succeeded.
    fn run(&mut self, number: usize, by_stranger: bool) -> Result<Duration, Stop> {
        let created = self.client.create_topic(PASSING, 4, &[])?;
        self.expect(number, "creating a topic before the disk is full", created);
        for partition in 0..TOPIC.partitions {
            let written = self.writer.send(TOPIC.name, partition)?;
            self.expect(number, "writing before the disk is full", written);
        }
        let filler = self.disk.path().join("filler");
        if by_stranger {
            fill(&filler)?;
        }
        self.write_until_refused(number)?;
        self.use_full_disk(number)?;
        let freed = Instant::now();
        if by_stranger {
            fs::remove_file(&filler)?;
        } else {
            self.delete_all_records(number)?;
        }
        let resumed = loop {
            let code = self.writer.send_of_length(TOPIC.name, 0, VALUE_BYTES)?;
            if code == ErrorCode::NONE {
                break freed.elapsed();
            }
            if freed.elapsed() > RESUME_LIMIT {
                let after = freed.elapsed();
                return Err(
                    format!("still refused {after:.1?} after there is space: {code}").into()
                );
            }
            thread::sleep(RETRY_PAUSE);
        };
        // A stranger may leave little space: the next cycle starts with an empty log.
        self.delete_all_records(number)?;
        Ok(resumed)
    }

    fn expect(&mut self, number: usize, what: &str, code: ErrorCode) {
        if code != ErrorCode::NONE {
            self.complaints.push(format!("cycle {number}: {what}: {code}"));
        }
    }

    fn write_until_refused(&mut self, number: usize) -> Result<(), Stop> {
        for _ in 0..MORE_THAN_FIT {
            for partition in 0..TOPIC.partitions {
                let code = self.writer.send_of_length(TOPIC.name, partition, VALUE_BYTES)?;
                if code == ErrorCode::NONE {
                    continue;
                }
                if !code.is_retriable() {
                    self.complaints.push(format!("cycle {number}: refused for good: {code}"));
                }
                return Ok(());
            }
        }
        Err("more was acknowledged than the disk can hold".into())
    }

    /// What still has to work.
    fn use_full_disk(&mut self, number: usize) -> Result<(), Stop> {
        for step in 1..=20 {
            let offset = (number * 100 + step) as i64;
            let code = self.client.commit_offset(GROUP, TOPIC.name, offset)?;
            self.expect(number, "committing an offset on a full disk", code);
            let found = self.client.committed_offset(GROUP, TOPIC.name)?;
            if code != ErrorCode::NONE {
                break;
            }
            if found != offset {
                self.complaints.push(format!("cycle {number}: committed {offset}, found {found}"));
            }
        }
        let high_watermark = self.ledger.history(TOPIC.name, 0).acked_end;
        let read = self.client.fetch_bytes(TOPIC.name, 0, high_watermark - 1)?;
        if read == 0 {
            self.complaints.push(format!("cycle {number}: nothing can be read on a full disk"));
        }
        let deleted = self.client.delete_topic(PASSING)?;
        self.expect(number, "deleting a topic on a full disk", deleted);
        self.delete_records(number, 1, 1)
    }

    /// Deletes the records of a partition, but for the last `kept` that were acknowledged.
    fn delete_records(&mut self, number: usize, partition: i32, kept: u64) -> Result<(), Stop> {
        let before = {
            let mut history = self.ledger.history(TOPIC.name, partition);
            let before = (history.acked_end as u64).saturating_sub(kept);
            let before = before.max(history.deleted.asked());
            history.deleted.ask(before);
            before
        };
        let code = self.client.delete_records(TOPIC.name, partition, before as i64)?;
        self.expect(number, "deleting records", code);
        if code == ErrorCode::NONE {
            self.ledger.history(TOPIC.name, partition).deleted.ack();
        }
        Ok(())
    }

    fn delete_all_records(&mut self, number: usize) -> Result<(), Stop> {
        (0..TOPIC.partitions).try_for_each(|partition| self.delete_records(number, partition, 0))
    }
}

/// Takes all the space that there is.
fn fill(path: &Path) -> Result<(), Stop> {
    let mut file = File::create(path)?;
    for size in [1 << 20, 4 << 10] {
        // Until there is no room for another piece.
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    Ok(())
}
