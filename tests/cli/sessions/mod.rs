//! A terminal session: commands as a user types them, and below each what it printed.
//!
//! A line that starts with `$ ` is run by `sh` in a directory of the session's own, with `kf` in
//! its path and `KF_BOOTSTRAP_SERVER` set. Below it come the lines of stdout, those of stderr
//! marked with `! `, and `= CODE` unless the exit code is 0. A tab is shown as `⇥`, a blank at the
//! end of a line is followed by `¶`. What differs from run to run is masked: see [`MASKS`].
//!
//! `KF_BLESS=1 cargo test` writes what was printed into the test's source.

mod broker;
mod consume;
mod demo;
mod dev;
mod flights;
mod groups;
mod produce;
mod topics;
mod unreachable;

use std::io::Read;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::panic::Location;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::harness::{PATIENCE, TempDir, TestBroker};

/// What is not the same in every run: a pattern, and what stands for it.
const MASKS: [(&str, &str); 5] = [
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:PORT"),
    (r#"((?:TopicId: |, id |"topic_id": ?"))[0-9A-Za-z_-]{22}"#, "${1}TOPIC-ID"),
    (r"(,)[0-9A-Za-z_-]{22}(,(?:true|false),)", "${1}TOPIC-ID${2}"),
    (r"\bkf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "MEMBER-ID"),
    (r"(CreateTime|LogAppendTime):\d{13}", "${1}:TIME"),
];

/// Pause between two looks at what is to come.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    MASKS.iter().map(|(mask, name)| (Regex::new(mask).expect("a valid mask"), *name)).collect()
});

/// Runs the commands in `expected` against a broker of their own, and compares the whole.
#[track_caller]
pub(crate) fn session(expected: &str) {
    Session::new(&TestBroker::start()).run(expected);
}

/// A directory with a shell in it, next to a broker.
pub(crate) struct Session {
    directory: TempDir,
    address: String,
}

impl Session {
    pub(crate) fn new(broker: &TestBroker) -> Self {
        Self::at(broker.address())
    }

    /// A session that talks to a broker at `address`.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { directory: TempDir::new(), address: address.to_string() }
    }

    /// Where its commands run.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Runs the commands in `expected`, which starts with an empty line, and compares the whole.
    #[track_caller]
    pub(crate) fn run(&self, expected: &str) {
        let mut printed = String::from("\n");
        for command in expected.lines().filter_map(|line| line.strip_prefix("$ ")) {
            println!("$ {command}");
            printed.push_str(&format!("$ {command}\n"));
            printed.push_str(&visible(&self.start(command).transcript()));
        }
        if printed != expected {
            match std::env::var_os("KF_BLESS") {
                Some(_) => bless(Location::caller().file(), expected, &printed),
                None => panic!("expected:\n{expected}\nprinted:\n{printed}"),
            }
        }
    }

    /// Repeats a command until it prints `expected`.
    #[track_caller]
    pub(crate) fn wait_until(&self, command: &str, expected: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let printed = visible(&self.start(command).transcript());
            if printed == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{command} goes on printing:\n{printed}");
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Starts a command, and leaves it running.
    pub(crate) fn start(&self, command: &str) -> Running {
        let binaries = Path::new(env!("CARGO_BIN_EXE_kf")).parent().expect("a directory");
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(self.directory()).env_clear();
        shell.env("PATH", format!("{}:/usr/bin:/bin", binaries.display()));
        shell.env("KF_BOOTSTRAP_SERVER", &self.address).env("TMPDIR", self.directory());
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = shell.process_group(0).spawn().expect("a shell");
        let stdout = collect(shell.stdout.take().expect("a pipe"));
        let stderr = collect(shell.stderr.take().expect("a pipe"));
        Running { command: command.to_owned(), shell: KillGroupOnDrop(shell), stdout, stderr }
    }
}

/// A command that may not have ended yet. It does not outlive its test.
pub(crate) struct Running {
    command: String,
    shell: KillGroupOnDrop,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
}

impl Running {
    /// Waits for its end, and gives what it printed.
    #[track_caller]
    pub(crate) fn transcript(mut self) -> String {
        let text = |pipe: &Receiver<Vec<u8>>| {
            let bytes = pipe.recv_timeout(PATIENCE);
            let bytes = bytes.unwrap_or_else(|_| panic!("hangs: {}", self.command));
            String::from_utf8(bytes).expect("output is text")
        };
        let mut transcript = text(&self.stdout);
        if !transcript.is_empty() && !transcript.ends_with('\n') {
            transcript.push('\n');
        }
        text(&self.stderr).lines().for_each(|line| transcript.push_str(&format!("! {line}\n")));
        match self.shell.0.wait().expect("a shell that has ended").code() {
            Some(0) => transcript,
            code => transcript + &format!("= {}\n", code.expect("no signal")),
        }
    }

    /// Sends a signal to the command and to all that it started, as a terminal does with Ctrl-C.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.shell.0), signal).expect("a process");
    }

    /// Sends the signal of Ctrl-C, waits for the end, and gives what was printed.
    #[track_caller]
    pub(crate) fn interrupt(self) -> String {
        self.signal(Signal::INT);
        self.transcript()
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe that can be read");
        // A test that has given up is no longer interested.
        drop(sender.send(bytes));
    });
    receiver
}

/// Masks what differs, and shows what cannot be seen.
fn visible(transcript: &str) -> String {
    let masked = PATTERNS.iter().fold(transcript.to_owned(), |text, (pattern, name)| {
        pattern.replace_all(&text, *name).into_owned()
    });
    let line = |line: &str| {
        let end = if line.ends_with(' ') { "¶\n" } else { "\n" };
        line.replace('\t', "⇥") + end
    };
    masked.lines().map(line).collect()
}

/// Writes `printed` where the source of a test says `expected`.
fn bless(file: &str, expected: &str, printed: &str) {
    /// Tests run side by side, and may stand in one file.
    static WRITING: Mutex<()> = Mutex::new(());
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(&path).expect("the test's source");
    let literal = |text: &str| format!("r#\"{text}\"#");
    let found = source.matches(&literal(expected)).count();
    assert_eq!(found, 1, "{file} has to hold the transcript literally, and once:{expected}");
    let source = source.replace(&literal(expected), &literal(printed));
    std::fs::write(&path, source).expect("a source to write to");
}

/// A shell and what it started; nothing of it outlives the test.
struct KillGroupOnDrop(Child);

impl Drop for KillGroupOnDrop {
    fn drop(&mut self) {
        // All of them may have ended already.
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}
