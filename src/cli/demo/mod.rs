//! `kf demo`: Kafka's first lesson on real flights, with a broker of its own.
//!
//! Every command that is shown is run, by this binary, as a user would run it; what it prints is
//! its own output.

mod consumer;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::context::{ConnectionOptions, Context};
use super::error::Outcome;
use super::local_broker::LocalBroker;
use super::signals::interrupted;
use crate::client::admin::groups::{GroupState, describe_group};
use consumer::Consumer;

/// 2,000 flights of 2001, one JSON object a line, in the order of time.
const FLIGHTS: &str = include_str!("flights.ndjson");
const TOPIC: &str = "flights";
const GROUP: &str = "departure-board";
const PARTITIONS: usize = 3;
/// Longest wait for anything in the lesson.
const PATIENCE: Duration = Duration::from_secs(15);
/// Time between two looks at the group.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// See Kafka's first lesson happen: a broker, a topic, keyed events, a group that shares them
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Teaches the lesson, and cleans up.
///
/// # Errors
/// Something did not go as the lesson says it does.
pub async fn run(_: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let started = Instant::now();
    let broker = LocalBroker::start(Vec::new()).await?;
    println!("A broker is running in this process, as `kf broker --ephemeral` would:");
    println!("it listens on {} after {} ms.", broker.address(), started.elapsed().as_millis());
    let lesson = Lesson {
        kf: std::env::current_exe().context("cannot find this program")?,
        address: broker.address(),
        context,
    };
    let outcome = tokio::select! {
        outcome = lesson.teach() => outcome.map(|()| Outcome::Done),
        ended = interrupted() => Ok(ended.map(|()| Outcome::Interrupted)?),
    };
    broker.stop().await?;
    if matches!(outcome, Ok(Outcome::Done)) {
        println!("\nThat was the lesson, in {:.1} s. Now yours:", started.elapsed().as_secs_f64());
        println!("  kf broker                       in one terminal");
        println!("  kf topics --create --topic t    in another; any Kafka client can join in");
    }
    outcome
}

struct Lesson<'a> {
    kf: PathBuf,
    address: String,
    context: &'a Context,
}

impl Lesson<'_> {
    async fn teach(&self) -> anyhow::Result<()> {
        let flights = keyed_flights()?;
        let (morning, evening) = flights.split_at(flights.len() / 2);

        say("1. A topic is a log of events, split into partitions.");
        self.show(&["topics", "--create", "--topic", TOPIC, "--partitions", "3"]).await?;
        self.show(&["topics", "--describe", "--topic", TOPIC]).await?;

        say(
            "2. Consumers of one group share the partitions. Three of them start, in the background:",
        );
        let (total, mut read) = watch::channel(0);
        let mut consumers = Vec::new();
        for number in 1..=PARTITIONS {
            consumers.push(Consumer::start(&self.kf, &self.address, number, total.clone())?);
        }
        self.wait_for_members(&[1, 1, 1]).await?;
        self.show(&["groups", "--describe", "--group", GROUP, "--members"]).await?;

        say("3. A producer writes 1,000 real flights, keyed by the airport of departure.");
        self.produce(morning).await?;
        wait_for_total(&mut read, morning.len()).await?;
        println!("Each consumer has read the partition that it was given:");
        consumers.iter().for_each(Consumer::report);

        say("4. One consumer leaves. Its partition moves to another one.");
        println!("$ kill -INT %1");
        consumers.remove(0).stop().await?;
        self.wait_for_members(&[1, 2]).await?;
        self.show(&["groups", "--describe", "--group", GROUP, "--members"]).await?;

        say("5. 1,000 more flights: those that remain read all of them, from where the group was.");
        self.produce(evening).await?;
        wait_for_total(&mut read, flights.len()).await?;
        consumers.iter().for_each(Consumer::report);
        for consumer in consumers {
            consumer.stop().await?;
        }
        self.show(&["groups", "--describe", "--group", GROUP]).await?;

        say(
            "6. The log is still there, for everyone, from the beginning. Equal keys share a partition.",
        );
        let first = ["consume", "--topic", TOPIC, "--from-beginning", "--max-messages", "5"];
        let shown = ["--formatter-property", "print.partition=true"];
        let key = ["--formatter-property", "print.key=true"];
        self.show(&[&first[..], &shown, &key].concat()).await
    }

    /// Prints a command and runs it; its output is the user's to see.
    async fn show(&self, arguments: &[&str]) -> anyhow::Result<()> {
        println!("$ kf {}", arguments.join(" "));
        let status = self.command(arguments).stdin(Stdio::null()).status().await?;
        ensure!(status.success(), "kf {} ended with {status}", arguments.join(" "));
        Ok(())
    }

    /// Pipes `lines` into `kf produce`.
    async fn produce(&self, lines: &[String]) -> anyhow::Result<()> {
        let arguments = ["produce", "--topic", TOPIC, "--reader-property", "parse.key=true"];
        println!("$ kf {} < flights.tsv", arguments.join(" "));
        let mut child = self.command(&arguments).stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("the producer has no input")?;
        stdin.write_all(lines.concat().as_bytes()).await?;
        drop(stdin);
        let status = child.wait().await?;
        ensure!(status.success(), "kf produce ended with {status}");
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.kf);
        command.args(arguments).env("KF_BOOTSTRAP_SERVER", &self.address).kill_on_drop(true);
        command
    }

    /// Waits until the members of the group have these numbers of partitions, in any order.
    async fn wait_for_members(&self, partitions: &[usize]) -> anyhow::Result<()> {
        let options = ConnectionOptions {
            bootstrap_server: Some(self.address.clone()),
            ..ConnectionOptions::default()
        };
        let cluster = self.context.connect(&options).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(group) = describe_group(&cluster, GROUP).await? {
                let mut counts: Vec<usize> =
                    group.members.iter().map(|member| member.assignment.len()).collect();
                counts.sort_unstable();
                if group.state == GroupState::Stable && counts == partitions {
                    return Ok(());
                }
            }
            ensure!(Instant::now() < deadline, "the group did not become stable");
            sleep(LOOK_AGAIN).await;
        }
    }
}

/// Waits until all consumers together have read `expected` records.
async fn wait_for_total(read: &mut watch::Receiver<usize>, expected: usize) -> anyhow::Result<()> {
    timeout(PATIENCE, read.wait_for(|total| *total >= expected))
        .await
        .context("the consumers did not read everything in time")?
        .context("the consumers have ended")?;
    Ok(())
}

fn say(sentence: &str) {
    println!("\n{sentence}");
}

/// The flights as lines of `key<TAB>value`.
fn keyed_flights() -> anyhow::Result<Vec<String>> {
    let keyed = FLIGHTS.lines().map(|line| {
        let flight: BTreeMap<String, Value> = serde_json::from_str(line)?;
        let origin =
            flight.get("origin").and_then(Value::as_str).context("a flight from nowhere")?;
        Ok(format!("{origin}\t{line}\n"))
    });
    keyed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thousand_flights_are_shipped_each_with_its_origin() {
        let flights = keyed_flights().unwrap();
        assert_eq!(flights.len(), 2000);
        assert!(flights.iter().all(|flight| flight.as_bytes()[3] == b'\t'));
    }
}
