//! What the writers of one partition asked for, and what they were told.

use std::collections::HashMap;
use std::fmt;

use super::register::Register;

/// Names a record: no two records of a run have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RecordId {
    /// Who sends it.
    pub(crate) producer: u32,
    /// Which of its records; later ones have greater numbers.
    pub(crate) sequence: u32,
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "record {}:{}", self.producer, self.sequence)
    }
}

/// What a producer knows of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No answer: it may be there or not.
    Unknown,
    /// It is there, at this offset if the answer says so.
    Acked { offset: Option<i64> },
    /// It was answered with an error, and must not be there.
    Refused,
}

/// What an acknowledgement of a record promises, under the faults that a scenario knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Nothing: the faults may take the record back.
    Nothing,
    /// That the record is kept.
    Kept,
    /// That, and that readers see it from then on.
    KeptAndShown,
}

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Hash of the key.
    pub(crate) key: u64,
    /// Hash of key, value, headers and timestamp.
    pub(crate) all: u64,
}

/// A record that was sent, and what became of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) content: Content,
    pub(crate) outcome: Outcome,
    pub(crate) promise: Promise,
}

/// All that was asked of one partition.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) sent: HashMap<RecordId, Sent>,
    /// The offsets before which records were to be deleted.
    pub(crate) deleted: Register,
    /// The offset behind the last record that readers are to see.
    pub(crate) acked_end: i64,
}

impl History {
    /// A record is about to be sent, whose acknowledgement makes this promise.
    pub(crate) fn invoke(&mut self, id: RecordId, content: Content, promise: Promise) {
        let sent = Sent { content, outcome: Outcome::Unknown, promise };
        assert!(self.sent.insert(id, sent).is_none(), "{id} is sent a second time");
    }

    /// An answer has come.
    pub(crate) fn answer(&mut self, id: RecordId, outcome: Outcome) {
        let sent = self.sent.get_mut(&id).expect("an answer to a record that was sent");
        sent.outcome = outcome;
        match outcome {
            Outcome::Acked { offset: Some(offset) } if sent.promise == Promise::KeptAndShown => {
                self.acked_end = self.acked_end.max(offset + 1);
            }
            Outcome::Acked { .. } | Outcome::Unknown | Outcome::Refused => {}
        }
    }

    /// A record was not sent after all.
    pub(crate) fn withdraw(&mut self, id: RecordId) {
        self.sent.remove(&id);
    }

    /// How many records were acknowledged.
    pub(crate) fn acked(&self) -> usize {
        self.sent.values().filter(|sent| matches!(sent.outcome, Outcome::Acked { .. })).count()
    }
}
