//! Transcripts: what `kf` prints and how it ends, run as a user runs it.

mod consume;
mod dump_log;
mod groups;
mod log;
mod produce;
mod sessions;
mod topics;

use std::process::{Command, Stdio};

/// The binary with an environment that says nothing of brokers, and no stdin.
fn kf(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kf"));
    command.args(arguments).env_remove("KF_BOOTSTRAP_SERVER").stdin(Stdio::null());
    command
}

/// Runs a command to its end: stdout as it is, each line of stderr marked, and the exit code.
fn transcript(mut command: Command) -> String {
    let output = command.output().expect("kf starts");
    let mut transcript = String::from_utf8(output.stdout).expect("stdout is text");
    for line in String::from_utf8(output.stderr).expect("stderr is text").lines() {
        transcript.push_str(&format!("! {line}\n"));
    }
    match output.status.code() {
        Some(code) => transcript + &format!("= {code}\n"),
        None => transcript + &format!("= {}\n", output.status),
    }
}
