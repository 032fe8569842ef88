//! A `kf consume` in the background, and what it has read so far.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;

use super::{GROUP, TOPIC};

/// How many records of each partition were read.
type Counts = BTreeMap<String, usize>;

/// One member of the group.
pub(super) struct Consumer {
    number: usize,
    child: Child,
    counts: Arc<Mutex<Counts>>,
}

impl Consumer {
    /// Starts it, and says so. `total` counts what all consumers have read.
    pub(super) fn start(
        kf: &Path,
        address: &str,
        number: usize,
        total: watch::Sender<usize>,
    ) -> anyhow::Result<Self> {
        let arguments = ["consume", "--topic", TOPIC, "--group", GROUP, "--from-beginning"];
        println!("$ kf {} &", arguments.join(" "));
        let mut child = Command::new(kf)
            .args(arguments)
            // The lesson counts what each has read of which partition, and shows no values.
            .args(["--formatter-property", "print.partition=true"])
            .args(["--formatter-property", "print.value=false"])
            .env("KF_BOOTSTRAP_SERVER", address)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("the consumer has no output")?;
        let counts = Arc::default();
        tokio::spawn(count_lines(stdout, Arc::clone(&counts), total));
        Ok(Self { number, child, counts })
    }

    /// Prints how much it has read of which partition.
    pub(super) fn report(&self) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = counts.iter().map(|(partition, count)| {
            format!("{count} flights of partition {}", partition.trim_start_matches("Partition:"))
        });
        println!("  consumer {}: {}", self.number, parts.collect::<Vec<_>>().join(", "));
    }

    /// Stops it as Ctrl-C does, and waits until it has left the group.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(pid) = self.child.id().and_then(|pid| Pid::from_raw(pid as i32)) {
            kill_process(pid, Signal::INT)?;
        }
        self.child.wait().await?;
        Ok(())
    }
}

async fn count_lines(stdout: ChildStdout, counts: Arc<Mutex<Counts>>, total: watch::Sender<usize>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(partition)) = lines.next_line().await {
        *counts.lock().unwrap_or_else(PoisonError::into_inner).entry(partition).or_default() += 1;
        total.send_modify(|total| *total += 1);
    }
}
