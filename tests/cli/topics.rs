//! `kf topics`, as far as no broker is needed.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::{kf, transcript};

fn usage_error(arguments: &str) -> String {
    let arguments: Vec<&str> = ["topics"].into_iter().chain(arguments.split(' ')).collect();
    let transcript = transcript(kf(&arguments));
    let sentence = transcript.strip_prefix("! error: ").and_then(|rest| rest.strip_suffix("= 2\n"));
    sentence.unwrap_or_else(|| panic!("not a usage error: {transcript}")).trim_end().to_owned()
}

#[test]
fn exactly_one_action_is_taken() {
    let expected = "Command must include exactly one action: --list, --describe, --create, --alter \
                    or --delete";
    for arguments in ["--topic t", "--list --describe", "--create --delete --topic t"] {
        assert_eq!(usage_error(arguments), expected, "{arguments}");
    }
}

#[test]
fn what_an_action_needs_is_named() {
    for (arguments, expected) in [
        ("--create", "Missing required argument \"[topic]\""),
        ("--delete", "Missing required argument \"[topic]\""),
        ("--alter --partitions 5", "Missing required argument \"[topic]\""),
        ("--alter --topic t", "Missing required argument \"[partitions]\""),
        ("--describe --if-exists", "--topic or --topic-id is required to describe a topic"),
    ] {
        assert_eq!(usage_error(arguments), expected, "{arguments}");
    }
}

#[test]
fn options_that_do_not_go_together_are_named_in_the_words_of_the_script() {
    for (arguments, option, other) in [
        ("--list --partitions 3", "partitions", "list"),
        ("--list --if-exists", "if-exists", "list"),
        ("--list --topics-with-overrides", "topics-with-overrides", "list"),
        ("--list --topic-id AAAAAAAAAAAAAAAAAAAAAA", "topic-id", "list"),
        ("--describe --config a=b", "config", "describe"),
        ("--describe --if-not-exists", "if-not-exists", "describe"),
        ("--create --topic t --if-exists", "if-exists", "create"),
        ("--create --topic t --exclude-internal", "exclude-internal", "create"),
        ("--create --topic t --regex", "regex", "create"),
        ("--create --topic t -o json", "output", "create"),
        (
            "--create --topic t --under-replicated-partitions",
            "under-replicated-partitions",
            "create",
        ),
        (
            "--create --topic t --replica-assignment 1 --partitions 1",
            "replica-assignment",
            "partitions",
        ),
        (
            "--create --topic t --replica-assignment 1 --replication-factor 1",
            "replica-assignment",
            "replication-factor",
        ),
        ("--alter --topic t --partitions 2 --replication-factor 1", "replication-factor", "alter"),
        ("--delete --topic t --partitions 1", "partitions", "delete"),
        (
            "--describe --topics-with-overrides --at-min-isr-partitions",
            "at-min-isr-partitions",
            "topics-with-overrides",
        ),
    ] {
        let expected = format!("Option \"[{option}]\" can't be used with option \"[{other}]\"");
        assert_eq!(usage_error(arguments), expected, "{arguments}");
    }
}

#[test]
fn values_that_no_topic_can_have_are_refused_before_a_broker_is_asked() {
    for (arguments, expected) in [
        ("--partitions 0", "The partitions must be greater than 0"),
        ("--partitions -1", "The partitions must be greater than 0"),
        ("--replication-factor 0", "The replication factor must be between 1 and 32767 inclusive"),
        (
            "--replication-factor 32768",
            "The replication factor must be between 1 and 32767 inclusive",
        ),
        (
            "--replica-assignment 1:1",
            "Partition replica lists may not contain duplicate entries: 1",
        ),
        ("--replica-assignment 1:2,1", "Partition 1 has different replication factor: [1]"),
        (
            "--config retention.ms",
            "Invalid topic config: all configs to be added must be in the format \"key=val\".",
        ),
    ] {
        assert_eq!(usage_error(&format!("--create --topic t {arguments}")), expected);
    }
}

#[test]
fn configs_are_not_altered_here() {
    let expected = "Option combination \"[bootstrap-server],[config]\" can't be used with option \
                    \"[alter]\"\n! hint: `kf configs` alters the configs of a topic";
    assert_eq!(usage_error("--alter --topic t --config a=b"), expected);
}

#[test]
fn a_broker_that_is_not_there_is_named_with_the_cause() {
    assert_eq!(
        transcript(kf(&["topics", "--list", "--bootstrap-server", "127.0.0.1:1"])),
        "! error: cannot connect to 127.0.0.1:1: Connection refused (os error 111)\n\
         ! hint: is the broker running? --bootstrap-server HOST:PORT or KF_BOOTSTRAP_SERVER says \
         where; `kf broker` starts one on localhost:9092\n\
         = 3\n"
    );
}

#[test]
fn the_bootstrap_server_comes_from_the_option_before_the_environment() {
    let refused = |address: &str| format!("! error: cannot connect to {address}: ");
    let mut from_environment = kf(&["topics", "--list"]);
    from_environment.env("KF_BOOTSTRAP_SERVER", "127.0.0.1:2");
    assert!(transcript(from_environment).starts_with(&refused("127.0.0.1:2")));
    let mut from_option = kf(&["topics", "--list", "--bootstrap-server", "127.0.0.1:1"]);
    from_option.env("KF_BOOTSTRAP_SERVER", "127.0.0.1:2");
    assert!(transcript(from_option).starts_with(&refused("127.0.0.1:1")));
}

#[test]
fn an_address_that_is_none_is_a_usage_error() {
    assert_eq!(
        usage_error("--list --bootstrap-server localhost"),
        "Please provide valid host:port like host1:9091,host2:9092"
    );
}

/// A listener that reads what comes, says `reply` and closes.
fn listener_that_says(reply: &'static [u8]) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(reply).unwrap();
    });
    address
}

#[test]
fn a_listener_of_another_protocol_is_named() {
    let tls = listener_that_says(b"\x15\x03\x03\x00\x02\x02\x28");
    assert_eq!(
        transcript(kf(&["topics", "--list", "--bootstrap-server", &tls])),
        format!(
            "! error: {tls} speaks TLS, and this connection is plaintext\n\
             ! hint: use a plaintext listener of the broker; over TLS, `kf produce` and `kf consume \
             --group` can reach it with security.protocol=SSL, the other commands cannot yet\n\
             = 3\n"
        )
    );
    let http = listener_that_says(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(
        transcript(kf(&["topics", "--list", "--bootstrap-server", &http])),
        format!(
            "! error: {http} speaks HTTP, not Kafka's protocol\n\
             ! hint: a Kafka listener usually has port 9092\n\
             = 3\n"
        )
    );
}

#[test]
fn a_listener_that_says_nothing_is_given_up_after_the_bound() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let started = Instant::now();
    let bound = "socket.connection.setup.timeout.ms=50";
    let run = transcript(kf(&["topics", "--list", "--bootstrap-server", &address, "-X", bound]));
    let expected = format!("! error: {address} did not answer ApiVersions within 50 ms\n= 3\n");
    assert_eq!(run, expected);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let mut child = kf(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kf starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
