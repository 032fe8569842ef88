//! Where a dump goes, and what was found to be wrong.

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use crate::cli::error::Outcome;
use crate::cli::printable;

/// Why no more of a file is dumped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// Nothing more can be shown, of this file or another.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// The rest of this file cannot be read, or is not what it should be.
    #[error("{0}")]
    File(String),
}

impl Stop {
    pub(super) fn file(reason: impl Into<String>) -> Self {
        Self::File(reason.into())
    }

    /// The file that is dumped cannot be read.
    pub(super) fn reading(error: io::Error) -> Self {
        Self::File(error.to_string())
    }
}

/// The dump on stdout, the complaints on stderr.
pub(super) struct Report {
    out: BufWriter<StdoutLock<'static>>,
    is_terminal: bool,
    found_damage: bool,
    /// The heading under which the last finding stands.
    heading: String,
}

impl Report {
    pub(super) fn to_stdout(is_terminal: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout().lock()),
            is_terminal,
            found_damage: false,
            heading: String::new(),
        }
    }

    /// Shows a line; a terminal gets nothing in it that it might obey.
    pub(super) fn line(&mut self, line: impl Display) -> io::Result<()> {
        match self.is_terminal {
            true => writeln!(self.out, "{}", printable::cell(&line.to_string())),
            false => writeln!(self.out, "{line}"),
        }
    }

    /// Says what is wrong in a file.
    pub(super) fn damage(&mut self, path: &Path, reason: impl Display) -> io::Result<()> {
        self.found_damage = true;
        self.note(format_args!("error: {}: {reason}", path.display()))
    }

    /// Says that an index and its log differ, in the words of the script: a heading for all that
    /// is alike, and a line for each.
    pub(super) fn difference(&mut self, heading: String, line: impl Display) -> io::Result<()> {
        self.found_damage = true;
        self.gap(heading, line)
    }

    /// Says that offsets are missing, in the words of the script.
    pub(super) fn gap(&mut self, heading: String, line: impl Display) -> io::Result<()> {
        if self.heading != heading {
            self.note(&heading)?;
            self.heading = heading;
        }
        self.note(line)
    }

    /// Says something on stderr, after what was shown on stdout so far.
    pub(super) fn note(&mut self, note: impl Display) -> io::Result<()> {
        self.out.flush()?;
        eprintln!("{}", printable::cell(&note.to_string()));
        Ok(())
    }

    /// Writes out what is left, and says how it went.
    pub(super) fn finish(mut self) -> io::Result<Outcome> {
        self.out.flush()?;
        Ok(if self.found_damage { Outcome::Failed } else { Outcome::Done })
    }
}
