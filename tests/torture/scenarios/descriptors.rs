//! Three hundred descriptors for a thousand partitions and two hundred connections: everything
//! works. When more connections come than there are descriptors, the broker goes on serving those
//! that it has, does not spin, and takes new ones when others have gone.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kf::wire::error::ErrorCode;

use crate::broker::BrokerSetup;
use crate::checker::partition::Keeps;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};
use crate::load::create_topics;
use crate::load::one_by_one::OneByOne;
use crate::mounts::require;
use crate::process::share_of_a_core;
use crate::random::Random;
use crate::reader::{judge, read_all};
use crate::scenario::{Report, Run, Stop};

const DESCRIPTORS: &str = "--nofile=300:300";
const CONNECTIONS: usize = 200;
/// More than there are descriptors for.
const TOO_MANY: usize = 400;
/// How much of a core a broker may use that can accept no more connections.
const MAX_SHARE: f64 = 0.05;
const WATCH: Duration = Duration::from_secs(3);
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long after others have gone a new connection is served.
const RECOVERY_LIMIT: Duration = Duration::from_secs(10);

const fn topic(name: &'static str) -> Topic {
    let keeps = Keeps::Everything;
    Topic { name, partitions: 250, configs: &[], keeps, is_shortened: false }
}
const TOPICS: [Topic; 4] = [topic("wide-0"), topic("wide-1"), topic("wide-2"), topic("wide-3")];

pub(super) fn run(run: &mut Run) -> Result<Report, Stop> {
    require("prlimit")?;
    let setup = BrokerSetup::new(&run.binary, &run.directory, &mut run.random);
    let limited = setup.wrapped(&["prlimit", DESCRIPTORS]);
    let ledger = Arc::new(Ledger::new(&TOPICS));
    let mut report = Report::default();

    let (broker, _) = limited.start()?;
    create_topics(setup.address, &ledger)?;
    let idle = connect(setup.address, CONNECTIONS);
    let random = Random::new(run.random.number());
    let mut writer = OneByOne::new(setup.address, &ledger, ANSWER_LIMIT, random);
    write_everywhere(&ledger, &mut writer, &mut report);
    report.complaints.extend(judge(&ledger, &read_all(setup.address, &ledger)?));

    let too_many = connect(setup.address, TOO_MANY);
    let (share, ()) = share_of_a_core(broker.id(), || thread::sleep(WATCH))?;
    if share > MAX_SHARE {
        let percent = share * 100.0;
        report.complaints.push(format!("uses {percent:.0} % of a core at its descriptors' end"));
    }
    write_everywhere(&ledger, &mut writer, &mut report);
    drop(too_many);
    let mut newcomer = Client::new(setup.address).with_answer_limit(RECOVERY_LIMIT);
    if let Err(error) = newcomer.topic_names() {
        report.complaints.push(format!("no newcomer is served after others have gone: {error}"));
    }
    drop(idle);
    broker.kill();

    // It recovers with as few.
    let (_broker, _) = limited.start()?;
    report.complaints.extend(judge(&ledger, &read_all(setup.address, &ledger)?));
    report.complaints.extend(ledger.complaints());
    report.complaints.extend(setup.panics());
    report.did(format!(
        "1000 partitions, {CONNECTIONS} and {TOO_MANY} connections, {} records acked, {:.1} % of a \
         core while no connection could be accepted",
        ledger.acked(),
        share * 100.0
    ));
    Ok(report)
}

/// Connections that say nothing. Those that the broker cannot accept wait in the system's queue; when
/// that is full as well, there are enough.
fn connect(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let connect = |_| {
        let stream = TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok()?;
        stream.set_nonblocking(true).ok()?;
        // Notices at once if the broker has closed it.
        let _ = (&stream).read(&mut [0]);
        Some(stream)
    };
    (0..count).map_while(connect).collect()
}

fn write_everywhere(ledger: &Ledger, writer: &mut OneByOne, report: &mut Report) {
    for (topic, partition) in ledger.partitions() {
        let complaint = match writer.send(topic.name, partition) {
            Ok(ErrorCode::NONE) => continue,
            Ok(code) => code.to_string(),
            Err(error) => error.to_string(),
        };
        report.complaints.push(format!("writing to {}-{partition}: {complaint}", topic.name));
        if report.complaints.len() > 5 {
            return;
        }
    }
}
