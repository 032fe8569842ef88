//! What tests of the whole are made of: a broker, a client that says exactly what it is told to,
//! and the binary as a user runs it.
//!
//! Everything here blocks, and every wait ends by itself: after [`PATIENCE`] a test fails instead
//! of hanging.

mod broker;
mod client;
mod member;
mod process;
pub(crate) mod requests;
mod temp_dir;

use std::thread;
use std::time::{Duration, Instant};

pub(crate) use broker::TestBroker;
pub(crate) use client::Client;
pub(crate) use member::Member;
pub(crate) use process::{BrokerProcess, Kf};
pub(crate) use temp_dir::TempDir;

/// How long anything may take that does not wait on purpose; generous, because tests share a
/// machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for what happens by itself, with patience.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "still waiting: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
