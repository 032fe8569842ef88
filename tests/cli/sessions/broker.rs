//! `kf broker` at work.

use rustix::process::Signal;

use super::{Session, session};
use crate::harness::TestBroker;

/// A session that needs no broker beside it, but one of its own.
fn with_broker(command: &str, use_it: impl FnOnce(&Session)) -> String {
    let other = TestBroker::start();
    let session = Session::new(&other);
    let broker = session.start(&format!("exec kf broker {command} > ready"));
    session.wait_until("wc -l < ready", "1\n");
    use_it(&session);
    broker.signal(Signal::TERM);
    broker.transcript()
}

#[test]
fn it_says_when_it_is_ready_and_ends_with_0_on_sigterm() {
    let said = with_broker("--listen 127.0.0.1:0 --data-dir data", |session| {
        session.run(
            r#"
$ cat ready
kf broker is ready on 127.0.0.1:PORT; data in data, durability synced
"#,
        );
    });
    assert_eq!(said, "");
}

#[test]
fn it_says_so_to_machines_in_json() {
    let said = with_broker("--listen 127.0.0.1:0 --ephemeral --ready-json", |session| {
        session.run(
            r#"
$ sed 's|"data_dir":"/.*/kf-[^/"]*"|"data_dir":"TMPDIR/kf-X"|; s/"cluster_id":"[^"]\{22\}"/"cluster_id":"ID"/' ready
{"event":"ready","listen":"127.0.0.1:PORT","listeners":["127.0.0.1:PORT"],"cluster_id":"ID","data_dir":"TMPDIR/kf-X","durability":"async"}
"#,
        );
    });
    assert_eq!(said, "");
}

#[test]
fn a_directory_has_one_broker() {
    with_broker("--listen 127.0.0.1:0 --data-dir data", |session| {
        session.run(
            r#"
$ kf broker --listen 127.0.0.1:0 --data-dir data
! error: the data directory data is in use by another broker
! hint: choose another directory with --data-dir
= 1
"#,
        );
    });
}

#[test]
fn a_port_has_one_listener() {
    session(
        r#"
$ kf broker --listen $KF_BOOTSTRAP_SERVER --data-dir data
! error: cannot listen on 127.0.0.1:PORT: Address already in use (os error 98)
! hint: another broker may be running; choose a free port with --listen HOST:0
= 1
"#,
    );
}

#[test]
fn an_address_that_others_can_reach_is_refused_unless_that_is_wanted() {
    session(
        r#"
$ kf broker --listen 0.0.0.0:0 --data-dir data
! error: 0.0.0.0:0 can be reached from other machines and there is no authentication
! hint: listen on localhost, or say --insecure-listen if everyone who can reach this address may read and write
= 1
$ ls
"#,
    );
    with_broker("--listen 0.0.0.0:0 --data-dir data --insecure-listen", |session| {
        session.run(
            r#"
$ sed 's/:[0-9]*;/:PORT;/' ready
kf broker is ready on 0.0.0.0:PORT; data in data, durability synced
"#,
        );
    });
}

#[test]
fn settings_that_are_wrong_are_usage_errors_that_name_the_key() {
    session(
        r#"
$ kf broker --override log.retention.hours=soon
! error: Invalid value soon for configuration log.retention.hours: Not a number of type INT
= 2
$ kf broker --override num.partitions=0
! error: Invalid value 0 for configuration num.partitions: Value must be at least 1
= 2
$ kf broker --override log.retention.hoursz=1
! warning: unknown configuration log.retention.hoursz (did you mean log.retention.hours?)
! error: neither XDG_DATA_HOME nor HOME says where data belongs
! hint: name a directory with --data-dir
= 2
$ kf broker --override =1
! error: not a property: "=1"
! hint: a property is KEY=VALUE
= 2
$ echo 'log.segment.bytes=many' > server.properties
$ kf broker --config server.properties
! error: Invalid value many for configuration log.segment.bytes: Not a number of type INT
= 2
$ kf broker --config missing.properties
! error: missing.properties: No such file or directory (os error 2)
= 2
$ KAFKA_NUM_PARTITIONS=many kf broker
! error: Invalid value many for configuration num.partitions: Not a number of type INT
= 2
$ kf broker --listen nowhere
! error: Invalid value PLAINTEXT://nowhere for configuration listeners: Unable to parse PLAINTEXT://nowhere to a broker endpoint
= 2
$ kf broker --data-dir a --ephemeral
! error: the argument '--data-dir <DIR>' cannot be used with '--ephemeral'
! ¶
! Usage: kf broker --data-dir <DIR>
! ¶
! For more information, try '--help'.
= 2
"#,
    );
}
