//! SIGKILL at every system call that changes files, of every operation that takes more than one:
//! creating a topic, rolling a segment, deleting records, deleting a topic, compacting, stopping.
//!
//! strace kills the broker when one of its threads enters a call for the Nth time; N grows until
//! the operation comes to its end, or only repeats itself. After each kill the broker starts again and everything that was
//! acknowledged is there; at the end no file is left over.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kf::wire::error::ErrorCode;

use crate::broker::{Broker, BrokerSetup};
use crate::checker::partition::Keeps;
use crate::checker::register::Register;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::load::one_by_one::OneByOne;
use crate::load::{BUSY_CLEANERS, create_topics};
use crate::random::Random;
use crate::reader::{judge, read_all};
use crate::scenario::{Report, Run, Stop};
use crate::strace::Killer;

/// The calls, as far as the broker makes them.
const CALLS: [&str; 13] = [
    "openat",
    "mkdir",
    "rename",
    "unlink",
    "unlinkat",
    "rmdir",
    "ftruncate",
    "pwrite64",
    "pwritev",
    "fallocate",
    "fdatasync",
    "fsync",
    "syncfs",
];
/// What the end of a name says of a file that an unfinished operation has left behind.
const LEFT_OVER: [&str; 5] = [".tmp", ".deleted", ".cleaned", ".swap", "-delete"];
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long cleaners get to do what there is to do.
const CLEANING: Duration = Duration::from_millis(500);
/// Fills a segment of 1 MiB, and begins the next.
const RECORDS_IN_SEGMENT: usize = 6;
const VALUE_BYTES: usize = 200 << 10;

const ROLLED: Topic = Topic {
    name: "rolled",
    partitions: 1,
    configs: &[("segment.bytes", "1048576")],
    keeps: Keeps::Everything,
    is_shortened: true,
};
const COMPACTED: Topic = Topic {
    name: "compacted",
    configs: &[
        ("segment.bytes", "1048576"),
        ("cleanup.policy", "compact"),
        ("min.cleanable.dirty.ratio", "0.01"),
    ],
    keeps: Keeps::LastOfKey,
    is_shortened: false,
    ..ROLLED
};
const PASSING: &str = "passing";

/// What is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    CreateTopic,
    Roll,
    DeleteRecords,
    DeleteTopic,
    Compact,
    Stop,
}

const OPERATIONS: [Operation; 6] = [
    Operation::CreateTopic,
    Operation::Roll,
    Operation::DeleteRecords,
    Operation::DeleteTopic,
    Operation::Compact,
    Operation::Stop,
];

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    let setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    let setup = BUSY_CLEANERS.iter().fold(setup, |setup, (name, value)| setup.with(name, value));
    let ledger = Arc::new(Ledger::new(&[ROLLED, COMPACTED]));
    let (broker, _) = setup.start()?;
    create_topics(setup.address, &ledger)?;
    let random = Random::new(run.random.number());
    let mut world = World {
        writer: OneByOne::new(setup.address, &ledger, ANSWER_LIMIT, random),
        client: Client::new(setup.address).with_answer_limit(ANSWER_LIMIT),
        passing: Register::default(),
        broker: Some(broker),
        complaints: Vec::new(),
        setup,
        ledger,
    };
    let max_sites = run.repeats(6, 40);
    let mut kills: BTreeMap<Operation, usize> = BTreeMap::new();
    for operation in OPERATIONS {
        for call in CALLS {
            for site in 1..=max_sites {
                if !world.interrupt(operation, call, site, &run.directory)? {
                    break;
                }
                *kills.entry(operation).or_default() += 1;
            }
        }
    }
    let mut report = world.finish()?;
    for (operation, count) in kills {
        report.did(format!("{operation:?}: killed at {count} calls"));
    }
    Ok(report)
}

/// The broker and all that is known of it.
struct World {
    setup: BrokerSetup,
    ledger: Arc<Ledger>,
    writer: OneByOne,
    client: Client,
    /// Whether [`PASSING`] exists.
    passing: Register,
    /// `None` for as long as it is down.
    broker: Option<Broker>,
    complaints: Vec<String>,
}

impl World {
    /// Lets the broker be killed in the midst of an operation; says whether it was.
    fn interrupt(
        &mut self,
        operation: Operation,
        call: &str,
        site: usize,
        directory: &Path,
    ) -> Result<bool, Stop> {
        self.prepare(operation)?;
        let mut broker = self.broker.take().ok_or("the broker is down")?;
        let when = format!("{operation:?} killed at {call} {site}");
        let killer =
            Killer::attach(broker.id(), call, site, directory).map_err(|stop| stop.with(&when))?;
        if operation == Operation::Stop {
            // The second time it may be gone already.
            let _ = broker.ask_to_stop();
            broker.wait(STOP_LIMIT);
        } else {
            // An operation that fails has been killed, or has not: the next line tells.
            let _ = self.attempt(operation);
        }
        let was_killed = killer.detach(&mut broker);
        broker.kill();
        self.broker = Some(self.setup.start()?.0);
        self.check(&when)?;
        Ok(was_killed)
    }

    /// Brings about what the operation starts from.
    fn prepare(&mut self, operation: Operation) -> Result<(), Stop> {
        let exists = self.passing.acked() % 2 == 1;
        match operation {
            Operation::CreateTopic if exists => self.delete_topic()?,
            Operation::DeleteTopic if !exists => self.create_topic()?,
            Operation::DeleteRecords => self.write(ROLLED, RECORDS_IN_SEGMENT)?,
            _ => {}
        }
        Ok(())
    }

    fn attempt(&mut self, operation: Operation) -> Result<(), Stop> {
        match operation {
            Operation::CreateTopic => self.create_topic(),
            Operation::DeleteTopic => self.delete_topic(),
            Operation::Roll => self.write(ROLLED, RECORDS_IN_SEGMENT),
            Operation::DeleteRecords => self.delete_records(),
            Operation::Compact => {
                self.write(COMPACTED, 2 * RECORDS_IN_SEGMENT)?;
                thread::sleep(CLEANING);
                Ok(())
            }
            Operation::Stop => Ok(()),
        }
    }

    fn write(&mut self, topic: Topic, count: usize) -> Result<(), Stop> {
        for _ in 0..count {
            let code = self.writer.send_of_length(topic.name, 0, VALUE_BYTES)?;
            code.ok().map_err(|code| format!("writing to {}: {code}", topic.name))?;
        }
        Ok(())
    }

    fn create_topic(&mut self) -> Result<(), Stop> {
        self.passing.ask(self.passing.acked() + 1);
        match self.client.create_topic(PASSING, 2, &[])? {
            ErrorCode::NONE | ErrorCode::TOPIC_ALREADY_EXISTS => self.passing.ack(),
            code => return Err(format!("creating a topic: {code}").into()),
        }
        // Its directory is created by the first append.
        let mut builder = kf::wire::records::BatchBuilder::new(Default::default());
        builder.append(0, None, Some(b"value"), &[]);
        let batch = builder.build().map_err(|error| error.to_string())?;
        self.client.produce(PASSING, 0, crate::requests::ACKS_ALL, batch)?;
        Ok(())
    }

    fn delete_topic(&mut self) -> Result<(), Stop> {
        self.passing.ask(self.passing.acked() + 1);
        match self.client.delete_topic(PASSING)? {
            ErrorCode::NONE | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => self.passing.ack(),
            code => return Err(format!("deleting a topic: {code}").into()),
        }
        Ok(())
    }

    fn delete_records(&mut self) -> Result<(), Stop> {
        let before = {
            let mut history = self.ledger.history(ROLLED.name, 0);
            let before = history.acked_end as u64;
            history.deleted.ask(before);
            before
        };
        let code = self.client.delete_records(ROLLED.name, 0, before as i64)?;
        code.ok().map_err(|code| format!("deleting records: {code}"))?;
        self.ledger.history(ROLLED.name, 0).deleted.ack();
        Ok(())
    }

    /// Compares what is quickly found out with what was promised.
    fn check(&mut self, when: &str) -> Result<(), Stop> {
        self.client.disconnect();
        self.writer.disconnect();
        let exists = self.client.topic_names()?.iter().any(|name| name == PASSING);
        if let Some(anomaly) = self.passing.check_existence(exists) {
            self.complaints.push(format!("{when}: {PASSING} {anomaly}"));
        }
        // What has become of an unanswered step is known now.
        if exists != (self.passing.acked() % 2 == 1) {
            self.passing.ack();
        }
        for topic in [ROLLED, COMPACTED] {
            let found = self.client.offsets(topic.name, 1)?.pop().unwrap_or_default();
            let history = self.ledger.history(topic.name, 0);
            let (start, end) = (history.deleted.acked() as i64, history.acked_end);
            if found.log_start < start || found.high_watermark < end {
                let name = topic.name;
                self.complaints.push(format!("{when}: {name} is {found:?}, not {start} to {end}"));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Report, Stop> {
        let mut report = Report::default();
        report.complaints.extend(judge(&self.ledger, &read_all(self.setup.address, &self.ledger)?));
        report.complaints.append(&mut self.complaints);
        report.complaints.extend(self.ledger.complaints());
        if let Some(broker) = self.broker.take() {
            broker.terminate(STOP_LIMIT)?;
        }
        let (broker, _) = self.setup.start()?;
        broker.terminate(STOP_LIMIT)?;
        report.complaints.extend(left_over(&self.setup.data_dir)?);
        report.complaints.extend(self.setup.panics());
        Ok(report)
    }
}

/// Files and directories that nobody will ever remove.
fn left_over(directory: &Path) -> Result<Vec<String>, Stop> {
    let mut complaints = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.display().to_string();
        if LEFT_OVER.iter().any(|end| name.ends_with(end)) {
            complaints.push(format!("left over: {name}"));
        } else if path.is_dir() {
            complaints.extend(left_over(&path)?);
        }
    }
    Ok(complaints)
}
