//! `kf broker` as a process that can be started, killed, wrapped and watched.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::random::Random;
use crate::scenario::Stop;

/// How long a broker may take to get ready before that is a failure of its own.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// How long a killed process may take to end. One that strace holds may never do.
const END_LIMIT: Duration = Duration::from_secs(10);
/// Pause between two looks whether a process has ended.
const POLL: Duration = Duration::from_millis(1);

/// How a broker is started, again and again on the same address and data.
#[derive(Clone)]
pub(crate) struct BrokerSetup {
    pub(crate) binary: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) address: SocketAddr,
    /// What is put before the command, such as `prlimit --nofile=300`. It must become the broker
    /// or leave it the child.
    pub(crate) wrapper: Vec<String>,
    /// Settings of the broker.
    pub(crate) overrides: Vec<(String, String)>,
    /// Where all that the brokers say on stderr is collected.
    pub(crate) log: PathBuf,
}

impl BrokerSetup {
    /// A broker with the defaults, on a free port, with all its files in `directory`.
    pub(crate) fn new(binary: &Path, directory: &Path, random: &mut Random) -> Self {
        Self {
            binary: binary.to_owned(),
            data_dir: directory.join("data"),
            address: free_address(random),
            wrapper: Vec::new(),
            overrides: Vec::new(),
            log: directory.join("broker.log"),
        }
    }

    /// Adds a setting.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.overrides.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same behind a wrapper.
    pub(crate) fn wrapped(&self, wrapper: &[&str]) -> Self {
        let wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        Self { wrapper, ..self.clone() }
    }

    /// Starts the process, and does not wait for anything.
    pub(crate) fn spawn(&self) -> Result<Broker, Stop> {
        let mut words = self.wrapper.clone();
        words.push(self.binary.display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(["broker", "--ready-json", "--listen"]);
        command.arg(self.address.to_string()).arg("--data-dir").arg(&self.data_dir);
        for (name, value) in &self.overrides {
            command.arg("--override").arg(format!("{name}={value}"));
        }
        command.env_remove("KF_LOG").stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(append_to(&self.log)?);
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", words[0]))?;
        let (sender, ready) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        thread::spawn(move || {
            for _line in stdout.lines().map_while(Result::ok) {
                // Who has killed the broker is no longer interested.
                let _ = sender.send(started.elapsed());
            }
        });
        Ok(Broker { child, ready })
    }

    /// Starts the process and waits until it is ready; also says how long that took.
    pub(crate) fn start(&self) -> Result<(Broker, Duration), Stop> {
        let mut broker = self.spawn()?;
        let ready = broker.wait_until_ready();
        let took = ready.ok_or_else(|| format!("not ready: {}", self.last_words()))?;
        Ok((broker, took))
    }

    /// What the brokers said last on stderr.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(3).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }

    /// Panics among all that the brokers said.
    pub(crate) fn panics(&self) -> Vec<String> {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let panics = log.lines().filter(|line| line.contains("panicked"));
        panics.map(|line| format!("a broker said: {line}")).collect()
    }
}

fn append_to(log: &Path) -> Result<File, Stop> {
    let file = OpenOptions::new().create(true).append(true).open(log);
    Ok(file.map_err(|error| format!("{}: {error}", log.display()))?)
}

/// A port that nobody listens on, below those that the system gives to outgoing connections: one
/// of them could take it while the broker is down.
fn free_address(random: &mut Random) -> SocketAddr {
    loop {
        let port = 12_000 + random.below(18_000) as u16;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A running broker, which does not outlive its scenario.
pub(crate) struct Broker {
    child: Child,
    ready: Receiver<Duration>,
}

impl Broker {
    /// How long after its start it was ready; `None` if it has ended, or takes too long.
    pub(crate) fn wait_until_ready(&mut self) -> Option<Duration> {
        self.ready.recv_timeout(READY_LIMIT).ok()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Stops all its threads where they are. Returns when none of them runs any more; those that
    /// the kernel holds up stop before they return from it.
    pub(crate) fn freeze(&self) -> Result<(), Stop> {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::STOP).map_err(|error| format!("SIGSTOP: {error}"))?;
        let tasks = format!("/proc/{}/task", self.child.id());
        while std::fs::read_dir(&tasks)?.flatten().any(|task| is_running(&task.path())) {
            thread::yield_now();
        }
        Ok(())
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_stop(&self) -> Result<(), Stop> {
        let id = Pid::from_child(&self.child);
        Ok(kill_process(id, Signal::TERM).map_err(|error| format!("SIGTERM: {error}"))?)
    }

    /// Ends it with SIGTERM, and says how it ended and after what time.
    pub(crate) fn terminate(mut self, limit: Duration) -> Result<(ExitStatus, Duration), Stop> {
        let started = Instant::now();
        self.ask_to_stop()?;
        let status = self.wait(limit).ok_or(format!("runs {limit:?} after SIGTERM"))?;
        Ok((status, started.elapsed()))
    }

    /// Waits until it ends by itself; `None` if it does not.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(POLL);
        }
    }

    fn end(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        self.wait(END_LIMIT);
    }
}

/// Whether a thread may still do something: it is neither stopped nor dead, and does not wait for a
/// disk.
fn is_running(task: &Path) -> bool {
    // The state is the word behind the name, which stands in parentheses.
    let stat = std::fs::read_to_string(task.join("stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('R' | 'S'))
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.end();
    }
}
