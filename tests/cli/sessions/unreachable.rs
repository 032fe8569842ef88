//! Clusters that cannot be reached: every tool ends within its bound, naming address and cause.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use super::Session;

/// The bound on setting up a connection is 10 s; the rest is for a busy machine.
const BOUND: Duration = Duration::from_secs(15);

const TOOLS: [&str; 5] = [
    "kf topics --list",
    "kf groups --list",
    "echo value | kf produce --topic t",
    "kf consume --topic t",
    "kf consume --topic t --group g",
];

/// Runs all tools at once against `address`, which expects the same of each.
fn assert_all_say(address: SocketAddr, expected: &str) {
    let session = Session::at(address);
    let started = Instant::now();
    thread::scope(|scope| {
        for tool in TOOLS {
            let session = &session;
            scope.spawn(move || session.wait_until(tool, expected));
        }
    });
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
}

#[test]
fn a_port_that_nobody_listens_on_is_named() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let expected = "! error: cannot connect to 127.0.0.1:PORT: Connection refused (os error 111)\n\
        ! hint: is the broker running? --bootstrap-server HOST:PORT or KF_BOOTSTRAP_SERVER says \
        where; `kf broker` starts one on localhost:9092\n= 3\n";
    assert_all_say(free, expected);
}

#[test]
fn a_listener_that_says_nothing_is_given_up_after_ten_seconds() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let expected = "! error: 127.0.0.1:PORT did not answer ApiVersions within 10000 ms\n= 3\n";
    assert_all_say(silent.local_addr().unwrap(), expected);
}
