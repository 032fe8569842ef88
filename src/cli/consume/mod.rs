//! `kf consume`: records become lines of stdout, as with `kafka-console-consumer.sh`.
//!
//! - [`arguments`]: the options, their rules, and what they come to.
//! - [`direct`]: reading without a group, by our own Fetch loop; [`group`]: as a member of a group,
//!   by librdkafka.
//! - [`printer`]: counts records, and writes many at once.
//! - [`formatter`]: a record's line; [`deserializer`]: bytes to text.
//!
//! Different from the script: errors and interruptions have exit codes of their own, a partition
//! that does not exist is an error, and without a group there really is none.

mod arguments;
mod deserializer;
mod direct;
mod formatter;
mod group;
mod printer;

pub use arguments::Arguments;

use std::io::{self, Write};

use super::context::Context;
use super::error::{Outcome, is_closed_pipe};
use arguments::Plan;
use printer::Printer;

/// Why reading ended, all being well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// As many records as were asked for have been read.
    Enough,
    /// Nothing came for as long as was asked for.
    TimedOut,
    /// The user interrupted it.
    Interrupted,
}

/// Reads records until there are enough, none come any more, or the user interrupts.
///
/// # Errors
/// No broker can be reached, the topic or the group may not be read, a record cannot be formatted.
pub async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let plan = Plan::new(arguments, context)?;
    let mut printer = Printer::new(&plan, io::stdout());
    let read = match &plan.group {
        Some(group) => group::read(&plan, group, context, &mut printer).await,
        None => direct::read(&plan, context, &mut printer).await,
    };
    let ended = read.and_then(|ended| Ok(printer.flush().map(|()| ended)?));
    if ended.as_ref().is_err_and(is_closed_pipe) {
        return ended.map(|_| Outcome::Done);
    }
    if ended.is_ok() || printer.count() > 0 {
        eprintln!("Processed a total of {} messages", printer.count());
    }
    if plan.announce_shutdown {
        writeln!(io::stdout(), "shutdown_complete")?;
    }
    Ok(match ended? {
        Ended::Enough | Ended::TimedOut => Outcome::Done,
        Ended::Interrupted => Outcome::Interrupted,
    })
}
