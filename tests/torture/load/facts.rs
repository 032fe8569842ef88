//! What is promised besides records: committed offsets, configs, topics that come and go, and
//! deleted records. One writer changes each fact step by step, and looks at all of them whenever
//! it has had to connect anew, which is after every fault.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use kf::wire::error::ErrorCode;

use super::NO_BROKER_PAUSE;
use crate::checker::anomaly::Anomaly;
use crate::checker::bounds::Bounds;
use crate::checker::register::Register;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::random::Random;

const GROUPS: [&str; 3] = ["group-0", "group-1", "group-2"];
const PASSING_TOPICS: [&str; 3] = ["passing-0", "passing-1", "passing-2"];
/// The config whose value is a step, added to what the load needs.
const CONFIG: &str = "max.message.bytes";
const CONFIG_BASE: u64 = 2_000_000;
/// Pause between two changes.
const PACE: Duration = Duration::from_millis(3);

/// The facts and their writer.
pub(crate) struct Facts {
    client: Client,
    ledger: Arc<Ledger>,
    random: Random,
    offsets: [Register; GROUPS.len()],
    config: Register,
    /// Odd steps create, even ones delete.
    passing: [Register; PASSING_TOPICS.len()],
    /// How often all facts were looked at.
    pub(crate) looks: usize,
}

impl Facts {
    pub(super) fn new(address: SocketAddr, ledger: Arc<Ledger>, random: Random) -> Self {
        Self {
            client: Client::new(address),
            ledger,
            random,
            offsets: Default::default(),
            config: Register::default(),
            passing: Default::default(),
            looks: 0,
        }
    }

    /// How many changes were acknowledged, in words.
    pub(crate) fn acked(&self) -> String {
        let sum = |registers: &[Register]| registers.iter().map(Register::acked).sum::<u64>();
        let (commits, passes) = (sum(&self.offsets), sum(&self.passing));
        let configs = self.config.acked();
        format!("{commits} commits, {configs} configs, {passes} topics created or deleted")
    }

    /// Changes facts until it is told to stop.
    pub(super) fn run(mut self, stop: &AtomicBool) -> Self {
        while !stop.load(Ordering::Relaxed) {
            let is_new = !self.client.is_connected();
            let result = if is_new { self.look() } else { self.change() };
            match result {
                Ok(()) => thread::sleep(PACE),
                Err(_) => thread::sleep(NO_BROKER_PAUSE),
            }
        }
        self
    }

    fn complain(&self, what: &str, anomaly: Option<Anomaly>) {
        if let Some(anomaly) = anomaly {
            self.ledger.complain(format!("{what}: {anomaly} (look {})", self.looks));
        }
    }

    /// Compares all facts with what was promised, over a connection of its own.
    pub(crate) fn look_anew(&mut self) -> io::Result<()> {
        self.client.disconnect();
        self.look()
    }

    fn look(&mut self) -> io::Result<()> {
        let names = self.client.topic_names()?;
        self.looks += 1;
        for (name, register) in PASSING_TOPICS.iter().zip(&self.passing) {
            let exists = names.iter().any(|other| other == name);
            self.complain(name, register.check_existence(exists));
        }
        for (index, group) in GROUPS.iter().enumerate() {
            // -1 stands for none.
            let found = self.client.committed_offset(group, self.topic().name)?.max(0) as u64;
            let anomaly = self.offsets[index].check(found);
            self.complain(&format!("offset of {group}"), anomaly);
        }
        let value = self.client.config(self.topic().name, CONFIG)?;
        let value: u64 = value.and_then(|value| value.parse().ok()).unwrap_or(0);
        let anomaly = self.config.check(value.saturating_sub(CONFIG_BASE));
        self.complain(CONFIG, anomaly);
        Ok(())
    }

    /// The topic whose offsets are committed and whose config changes.
    fn topic(&self) -> Topic {
        self.ledger.topics()[0]
    }

    fn change(&mut self) -> io::Result<()> {
        match self.random.below(8) {
            0..=3 => self.commit(),
            4 => self.set_config(),
            5 => self.delete_records(),
            _ => self.pass(),
        }
    }

    fn commit(&mut self) -> io::Result<()> {
        let index = self.random.below(GROUPS.len());
        let (group, topic) = (GROUPS[index], self.topic().name);
        let step = self.offsets[index].asked() + 1;
        self.offsets[index].ask(step);
        let code = self.client.commit_offset(group, topic, step as i64)?;
        match code {
            ErrorCode::NONE => self.offsets[index].ack(),
            ErrorCode::COORDINATOR_NOT_AVAILABLE => self.client.find_coordinator(group)?,
            code if code.is_retriable() => {}
            code => self.ledger.complain(format!("commit of {group}: {code}")),
        }
        Ok(())
    }

    fn set_config(&mut self) -> io::Result<()> {
        let step = self.config.asked() + 1;
        self.config.ask(step);
        let value = (CONFIG_BASE + step).to_string();
        match self.client.set_config(self.topic().name, CONFIG, &value)? {
            ErrorCode::NONE => self.config.ack(),
            code if code.is_retriable() => {}
            code => self.ledger.complain(format!("setting {CONFIG}: {code}")),
        }
        Ok(())
    }

    fn delete_records(&mut self) -> io::Result<()> {
        let places = self.ledger.partitions();
        let places: Vec<_> = places.into_iter().filter(|(topic, _)| topic.is_shortened).collect();
        if places.is_empty() {
            return Ok(());
        }
        let (topic, partition) = self.random.pick(&places);
        let step = {
            let mut history = self.ledger.history(topic.name, partition);
            let (asked, end) = (history.deleted.asked(), history.acked_end as u64);
            if end <= asked {
                return Ok(());
            }
            let step = asked + self.random.below((end - asked) as usize) as u64;
            history.deleted.ask(step);
            step
        };
        match self.client.delete_records(topic.name, partition, step as i64)? {
            ErrorCode::NONE => self.ledger.history(topic.name, partition).deleted.ack(),
            code if code.is_retriable() => {}
            code => self.ledger.complain(format!("deleting records before {step}: {code}")),
        }
        Ok(())
    }

    /// Creates or deletes one of the passing topics.
    fn pass(&mut self) -> io::Result<()> {
        let index = self.random.below(PASSING_TOPICS.len());
        let name = PASSING_TOPICS[index];
        let register = &mut self.passing[index];
        let is_retry = register.asked() > register.acked();
        let step = register.acked() + 1;
        register.ask(step);
        let creates = step % 2 == 1;
        let code = match creates {
            true => self.client.create_topic(name, 2, &[])?,
            false => self.client.delete_topic(name)?,
        };
        let already = match creates {
            true => ErrorCode::TOPIC_ALREADY_EXISTS,
            false => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        };
        match code {
            ErrorCode::NONE => self.passing[index].ack(),
            code if code == already && is_retry => self.passing[index].ack(),
            code if code.is_retriable() && code != already => {}
            code => self.ledger.complain(format!("{name}, step {step}: {code}")),
        }
        match creates && code == ErrorCode::NONE {
            true => self.expect_empty(name),
            false => Ok(()),
        }
    }

    /// A new topic holds nothing of an earlier one of its name. Something is put into it, so that
    /// there is something to be deleted.
    fn expect_empty(&mut self, name: &str) -> io::Result<()> {
        for found in self.client.offsets(name, 2)? {
            if found != Bounds::default() {
                self.ledger.complain(format!(
                    "{name} is new and holds offsets {} to {}",
                    found.log_start, found.high_watermark
                ));
            }
        }
        let mut builder = kf::wire::records::BatchBuilder::new(Default::default());
        builder.append(0, None, Some(name.as_bytes()), &[]);
        let batch = builder.build().map_err(io::Error::other)?;
        self.client.produce(name, 0, crate::requests::ACKS_ALL, batch)?;
        Ok(())
    }
}
