//! The binary as a user runs it, in an environment that holds nothing but what a test puts there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::{Client, PATIENCE};

/// A `kf` command to be run.
pub(crate) struct Kf {
    command: Command,
    stdin: Vec<u8>,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
}

impl Kf {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kf"));
        command.args(arguments).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, stdin: Vec::new() }
    }

    /// Names the broker to talk to, as users do in `KF_BOOTSTRAP_SERVER`.
    pub(crate) fn server(self, address: SocketAddr) -> Self {
        self.variable("KF_BOOTSTRAP_SERVER", &address.to_string())
    }

    /// Sets a variable of the environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// What stdin holds before it ends; nothing unless said.
    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_vec();
        self
    }

    /// Runs the command to its end.
    #[track_caller]
    pub(crate) fn run(mut self) -> Run {
        let mut child = KillOnDrop(self.command.spawn().expect("kf starts"));
        let mut stdin = child.0.stdin.take().expect("a pipe");
        // A command that ends without reading closes the pipe, which is its right.
        thread::spawn(move || drop(stdin.write_all(&self.stdin)));
        let stdout = collect(child.0.stdout.take().expect("a pipe"));
        let stderr = collect(child.0.stderr.take().expect("a pipe"));
        let text = |pipe: Receiver<Vec<u8>>| {
            let bytes = pipe.recv_timeout(PATIENCE).expect("kf ends in time");
            String::from_utf8(bytes).expect("output is text")
        };
        let (stdout, stderr) = (text(stdout), text(stderr));
        let code = child.0.wait().expect("kf has ended").code();
        Run { stdout, stderr, code }
    }

    /// Runs the command, which must succeed, and gives what it printed.
    #[track_caller]
    pub(crate) fn stdout(self) -> String {
        let run = self.run();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    }
}

/// Reads a pipe to its end beside the test.
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

/// `kf broker` as a process of its own, which can be killed.
pub(crate) struct BrokerProcess {
    child: KillOnDrop,
    address: SocketAddr,
}

impl BrokerProcess {
    /// Starts a broker on a free port with its data in `data_dir`, and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(data_dir: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kf"));
        command.args(["broker", "--listen", "127.0.0.1:0", "--ready-json", "--data-dir"]);
        command.arg(data_dir).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = KillOnDrop(command.spawn().expect("kf starts"));
        let (sender, ready) = channel();
        let stdout = BufReader::new(child.0.stdout.take().expect("a pipe"));
        thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|l| sender.send(l))
        });
        let ready = ready.recv_timeout(PATIENCE).expect("a broker that gets ready");
        let ready: serde_json::Value = serde_json::from_str(&ready).expect("a line of JSON");
        let address = ready["listen"].as_str().and_then(|address| address.parse().ok());
        Self { child, address: address.expect("an address") }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// The most memory that it has had in use at a time; `None` where the operating system does
    /// not tell as Linux does.
    pub(crate) fn peak_memory_bytes(&self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib * 1024)
    }

    /// Ends it with SIGKILL: it gets no chance to close or write anything.
    pub(crate) fn kill(mut self) {
        self.child.0.kill().expect("a process that can be killed");
        self.child.0.wait().expect("a process that has ended");
    }

    /// Ends it with SIGTERM.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let id = rustix::process::Pid::from_child(&self.child.0);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("a process");
        self.child.0.wait().expect("a process that has ended")
    }
}

/// A process that does not outlive its test.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
