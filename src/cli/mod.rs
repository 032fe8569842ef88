//! The command line: one file per `kafka-*.sh` script, named as the user types it.
//!
//! A subcommand is a file with `Arguments` (its help is the doc comments) and `run`, one line in
//! [`Command`], and one transcript test. `run` returns an [`Outcome`] or an error; printing the
//! error and choosing the exit code happen in [`error`] alone. stdout is data, stderr is talk.
//!
//! - [`context`]: the environment, the terminal, and how to reach a cluster.
//! - [`output`]: rows of data in every form that `-o` knows.
//! - [`printable`]: what text from elsewhere may do to a terminal.
//! - [`properties`]: `.properties` files and `KEY=VALUE` options.
//! - [`error`]: kinds of failure, exit codes, hints.

pub mod broker;
pub mod completions;
pub mod consume;
pub mod context;
pub mod demo;
pub mod dev;
pub mod dump_log;
pub mod ephemeral;
pub mod error;
pub mod groups;
pub mod local_broker;
pub mod log;
pub mod man;
pub mod output;
pub mod printable;
pub mod produce;
pub mod properties;
pub mod signals;
pub mod topics;

use std::process::ExitCode;

use clap::{ArgAction, CommandFactory, Parser, Subcommand};

use context::Context;
use error::Outcome;

/// Apache Kafka's command-line tools and a lightweight Kafka broker in one binary.
#[derive(Debug, Parser)]
#[command(name = "kf", version, arg_required_else_help = true, max_term_width = 100)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// Print help
    #[arg(short, long, global = true, action = ArgAction::Help, help_heading = "Help")]
    help: Option<bool>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Topics(topics::Arguments),
    #[command(
        visible_alias = "console-producer",
        aliases = ["kafka-console-producer", "kafka-console-producer.sh"]
    )]
    Produce(produce::Arguments),
    #[command(
        visible_alias = "console-consumer",
        aliases = ["kafka-console-consumer", "kafka-console-consumer.sh"]
    )]
    Consume(consume::Arguments),
    #[command(
        visible_alias = "consumer-groups",
        alias = "kafka-consumer-groups",
        alias = "kafka-consumer-groups.sh"
    )]
    Groups(groups::Arguments),
    #[command(aliases = ["kafka-dump-log", "kafka-dump-log.sh"])]
    DumpLog(dump_log::Arguments),
    Log(log::Arguments),
    Broker(broker::Arguments),
    Dev(dev::Arguments),
    Demo(demo::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

impl Command {
    fn run(self, context: &Context) -> anyhow::Result<Outcome> {
        match self {
            Self::Topics(arguments) => on_one_thread(topics::run(arguments, context)),
            Self::Produce(arguments) => on_one_thread(produce::run(arguments, context)),
            Self::Consume(arguments) => on_one_thread(consume::run(arguments, context)),
            Self::Groups(arguments) => on_one_thread(groups::run(arguments, context)),
            Self::DumpLog(arguments) => dump_log::run(&arguments, context),
            Self::Log(arguments) => log::run(&arguments, context),
            Self::Broker(arguments) => on_all_cores(broker::run(arguments, context)),
            Self::Dev(arguments) => on_all_cores(dev::run(arguments)),
            Self::Demo(arguments) => on_all_cores(demo::run(arguments, context)),
            Self::Completions(arguments) => completions::run(&arguments),
            Self::Man(arguments) => man::run(&arguments),
        }
    }
}

/// The whole tree of commands, as help, completions and man pages see it.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs `kf` with the arguments and the environment of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return error::report_usage(&error),
    };
    let context = Context::from_process();
    match arguments.command.run(&context) {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => error::report(&error),
    }
}

/// Runs a tool to its end on this thread: a tool starts in milliseconds, a pool of threads does not.
fn on_one_thread(tool: impl Future<Output = anyhow::Result<Outcome>>) -> anyhow::Result<Outcome> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(tool)
}

/// Runs a server to its end on as many threads as there are cores.
fn on_all_cores(server: impl Future<Output = anyhow::Result<Outcome>>) -> anyhow::Result<Outcome> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(server)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_of_commands_is_sound() {
        super::command().debug_assert();
    }
}
