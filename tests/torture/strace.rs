//! A broker under strace, which sees its system calls, makes them fail, and kills at them.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::broker::{Broker, BrokerSetup};
use crate::mounts::require;
use crate::scenario::Stop;

/// How long strace may take to write down the end of a process.
const END_LIMIT: Duration = Duration::from_secs(2);

/// How long strace may take to attach to a process.
const ATTACH_LIMIT: Duration = Duration::from_secs(5);
/// How long after an operation a call may still come at which the process is killed.
const KILL_LIMIT: Duration = Duration::from_millis(100);

/// A system call that strace has seen begin.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Seconds since the Unix epoch.
    pub(crate) at: f64,
    /// What it is called, with its arguments and its result, as far as strace tells.
    pub(crate) text: String,
    /// Whether strace has made it fail.
    pub(crate) is_injected: bool,
}

/// Where strace writes what it sees.
pub(crate) struct Trace {
    path: PathBuf,
}

impl Trace {
    /// Puts strace before the broker's command. It watches the calls in `calls`; `options` say
    /// what else it does.
    ///
    /// # Errors
    /// The scenario is skipped where there is no strace.
    pub(crate) fn wrap(
        setup: &BrokerSetup,
        directory: &Path,
        calls: &str,
        options: &[&str],
    ) -> Result<(BrokerSetup, Self), Stop> {
        require("strace")?;
        let path = directory.join("strace");
        // What an earlier broker has done is of no interest.
        let _ = std::fs::remove_file(&path);
        let output = path.display().to_string();
        let filter = format!("trace={calls}");
        // As a grandchild (-D), so that the broker itself is the child that is killed and ends.
        let mut words = vec!["strace", "-D", "-f", "-q", "-y", "-ttt", "-e", "signal=none"];
        words.extend(["-o", &output, "-e", &filter]);
        words.extend(options);
        Ok((setup.wrapped(&words), Self { path }))
    }

    /// All calls so far, in the order in which they began.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        let mut calls: Vec<Call> = text.lines().filter_map(parse).collect();
        calls.sort_by(|one, other| one.at.total_cmp(&other.at));
        calls
    }

    /// The same, once strace has written down the end of the process. Of one that was killed it
    /// may not do so.
    pub(crate) fn calls_to_the_end(&self, process: u32) -> Vec<Call> {
        let deadline = Instant::now() + END_LIMIT;
        let process = process.to_string();
        let is_end = |line: &str| line.starts_with(&process) && line.contains("+++ ");
        while Instant::now() < deadline {
            let text = std::fs::read_to_string(&self.path).unwrap_or_default();
            if text.lines().rev().any(is_end) {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.calls()
    }
}

/// A line such as `123 1795189593.248198 fdatasync(5</data/log>) = -1 EIO (...) (INJECTED)`. The end
/// of a call that began on another line is joined with nothing: only that it failed counts.
fn parse(line: &str) -> Option<Call> {
    let mut words = line.splitn(3, ' ').map(str::trim);
    let (_thread, at, text) = (words.next()?, words.next()?, words.next()?);
    // An identifier of less than five digits is padded.
    let (at, text) = match at.parse::<f64>() {
        Ok(at) => (at, text),
        Err(_) => {
            let (at, text) = text.split_once(' ')?;
            (at.parse().ok()?, text)
        }
    };
    let is_injected = text.contains("(INJECTED)");
    (!text.starts_with("+++")).then(|| Call { at, text: text.to_owned(), is_injected })
}

/// A strace that kills a running process at a system call.
pub(crate) struct Killer {
    strace: Child,
}

impl Killer {
    /// Watches `process`, and kills it when one of its threads enters `call` for the `site`th time.
    ///
    /// # Errors
    /// As of [`Trace::wrap`].
    pub(crate) fn attach(
        process: u32,
        call: &str,
        site: usize,
        directory: &Path,
    ) -> Result<Self, Stop> {
        require("strace")?;
        let mut command = Command::new("strace");
        command.args(["-f", "-q", "-e", "signal=none", "-p", &process.to_string(), "-o"]);
        command.arg(directory.join("strace")).arg("-e").arg(format!("trace={call}"));
        command.arg("-e").arg(format!("inject={call}:signal=KILL:when={site}"));
        let strace = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut killer = Self { strace };
        let deadline = Instant::now() + ATTACH_LIMIT;
        while !is_traced(process) {
            let ended = killer.strace.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                return Err(format!("strace does not attach: {ended:?}").into());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(killer)
    }

    /// Lets go of the process. Says whether it was killed.
    pub(crate) fn detach(self, broker: &mut Broker) -> bool {
        let status = broker.wait(KILL_LIMIT);
        // Not gently: now and then strace misses the end of a thread, and the process cannot end
        // before strace has.
        drop(self);
        let status = status.or_else(|| broker.wait(KILL_LIMIT));
        status.is_some_and(|status| status.signal() == Some(Signal::KILL.as_raw()))
    }
}

impl Drop for Killer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// Whether all threads of a process are watched, or have ended.
fn is_traced(process: u32) -> bool {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{process}/task")) else { return true };
    tasks.flatten().all(|task| {
        let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let is_dead = field("State:").is_none_or(|state| state.starts_with(['Z', 'X']));
        is_dead || field("TracerPid:") != Some("0")
    })
}
