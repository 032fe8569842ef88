//! Writers that go on while the broker under them dies and comes back, and keep book of it all.
//!
//! - [`librdkafka`]: idempotent producers with acks=all that retry until everything is answered.
//! - [`frames`]: bare Produce requests, to say exactly which acks, and what is sent again.
//! - [`one_by_one`]: a writer that a scenario leads by the hand.
//! - [`facts`]: committed offsets, configs, topics that come and go, deleted records.
//! - [`watch`]: no writer, but a reader who remembers how far the partitions went.

pub(crate) mod facts;
mod frames;
mod librdkafka;
pub(crate) mod one_by_one;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::checker::history::Promise;
use crate::checker::partition::Keeps;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::random::Random;
use crate::scenario::Stop;
use facts::Facts;
use frames::Manner;
use watch::Watch;

/// Pause of a writer that finds no broker.
pub(crate) const NO_BROKER_PAUSE: Duration = Duration::from_millis(5);

/// The codecs of the idempotent producers; one producer each.
const CODECS: [&str; 4] = ["none", "lz4", "zstd", "none"];

/// The topics of most scenarios. The first has so many partitions that some groups of syncs are
/// large.
pub(crate) const TOPICS: [Topic; 5] = [
    Topic {
        name: "plain",
        partitions: 24,
        configs: &[("cleanup.policy", "")],
        keeps: Keeps::Everything,
        is_shortened: false,
    },
    Topic {
        name: "rolling",
        partitions: 6,
        configs: &[("segment.bytes", "1048576"), ("cleanup.policy", "")],
        keeps: Keeps::Everything,
        is_shortened: false,
    },
    Topic {
        name: "shortened",
        partitions: 2,
        configs: &[("segment.bytes", "1048576"), ("cleanup.policy", "delete")],
        keeps: Keeps::Everything,
        is_shortened: true,
    },
    Topic {
        name: "retained",
        partitions: 2,
        configs: &[("segment.bytes", "1048576"), ("retention.bytes", "1048576")],
        // What counts is the size of batches; a third of it at most is not keys and values.
        keeps: Keeps::LastBytes((1 << 20) * 2 / 3),
        is_shortened: false,
    },
    Topic {
        name: "compacted",
        partitions: 2,
        configs: &[
            ("segment.bytes", "1048576"),
            ("cleanup.policy", "compact"),
            ("min.cleanable.dirty.ratio", "0.01"),
        ],
        keeps: Keeps::LastOfKey,
        is_shortened: false,
    },
];

/// Settings under which retention and compaction are at work all the time.
pub(crate) const BUSY_CLEANERS: [(&str, &str); 3] = [
    ("log.initial.task.delay.ms", "100"),
    ("log.retention.check.interval.ms", "100"),
    ("log.cleaner.backoff.ms", "100"),
];

/// How much is written, and what it promises.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Records of each idempotent producer in a second, at most.
    pub(crate) records_per_second: u32,
    /// Whether what the page cache holds survives the faults: then acks=1 promises that records
    /// are kept, though not that they are shown.
    pub(crate) page_cache_survives: bool,
}

/// Those who know what has to be found in the end.
pub(crate) struct Witnesses {
    pub(crate) facts: Facts,
    watch: Watch,
}

impl Witnesses {
    /// Compares what is there with what they know.
    pub(crate) fn look_anew(&mut self) -> Result<(), Stop> {
        self.facts.look_anew()?;
        Ok(self.watch.look_anew()?)
    }
}

/// Writers at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
    facts: JoinHandle<Facts>,
    watch: JoinHandle<Watch>,
}

impl Load {
    /// Starts all writers. The topics exist.
    pub(crate) fn start(
        address: SocketAddr,
        ledger: &Arc<Ledger>,
        plan: Plan,
        random: &mut Random,
    ) -> Result<Self, Stop> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for codec in CODECS {
            let (ledger, stop) = (ledger.clone(), stop.clone());
            let producer = librdkafka::producer(address, codec, ledger)?;
            let random = Random::new(random.number());
            let rate = plan.records_per_second;
            writers.push(thread::spawn(move || producer.run(rate, random, &stop)));
        }
        for manner in [Manner::SendAgain, Manner::SendOnce, Manner::AcksOne] {
            let (ledger, stop) = (ledger.clone(), stop.clone());
            let random = Random::new(random.number());
            let promise = match manner {
                Manner::SendAgain | Manner::SendOnce => Promise::KeptAndShown,
                Manner::AcksOne if plan.page_cache_survives => Promise::Kept,
                Manner::AcksOne => Promise::Nothing,
            };
            let writer = frames::Writer::new(address, ledger, manner, promise, random);
            writers.push(thread::spawn(move || writer.run(&stop)));
        }
        let facts = Facts::new(address, ledger.clone(), Random::new(random.number()));
        let told = stop.clone();
        let facts = thread::spawn(move || facts.run(&told));
        let (watch, told) = (Watch::new(address, ledger.clone()), stop.clone());
        let watch = thread::spawn(move || watch.run(&told));
        Ok(Self { stop, writers, facts, watch })
    }

    /// Stops all writers when everything they retry is answered, for which the broker has to be
    /// up.
    pub(crate) fn stop(self) -> Witnesses {
        self.stop.store(true, Ordering::Relaxed);
        for writer in self.writers {
            writer.join().expect("no panic in a writer");
        }
        let facts = self.facts.join().expect("no panic in the writer of facts");
        let watch = self.watch.join().expect("no panic in the reader");
        Witnesses { facts, watch }
    }
}

/// Creates all topics of a ledger.
pub(crate) fn create_topics(address: SocketAddr, ledger: &Ledger) -> Result<(), Stop> {
    let mut client = Client::new(address);
    for topic in ledger.topics() {
        let code = client.create_topic(topic.name, topic.partitions, topic.configs)?;
        code.ok().map_err(|code| format!("creating {}: {code}", topic.name))?;
    }
    Ok(())
}
