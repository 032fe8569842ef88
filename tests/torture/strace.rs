//! A broker under strace, which can make its system calls fail, and sees all of them.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::BrokerSetup;
use crate::loop_disk::which;
use crate::scenario::Stop;

/// How long strace may take to write down the end of a process.
const END_LIMIT: Duration = Duration::from_secs(5);

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
        which("strace")?;
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

    /// The same, once the process has ended and strace has said so.
    pub(crate) fn calls_to_the_end(&self, process: u32) -> Result<Vec<Call>, Stop> {
        let deadline = Instant::now() + END_LIMIT;
        while Instant::now() < deadline {
            let text = std::fs::read_to_string(&self.path).unwrap_or_default();
            let is_end =
                |line: &str| line.starts_with(&process.to_string()) && line.contains("+++ ");
            if text.lines().rev().any(is_end) {
                return Ok(self.calls());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err("strace does not say how the broker ended".into())
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
