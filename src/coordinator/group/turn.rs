//! One turn at the machine: what a decision about a group may read and change besides the group.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::classic::{Assignment, ReplacedStatic};
use super::effects::{Append, AppendId, Effects, Reply, Ticket, Transaction};
use super::record::GroupRecord;
use super::timers::Timers;
use super::{GroupSettings, Now};

/// What to do with a group when an append of it has completed.
#[derive(Debug)]
pub(super) enum Then {
    /// Nothing beyond applying the records.
    Nothing,
    /// Hand out the leader's assignment.
    Assign(Assignment),
    /// Let a static member go on under its new id.
    ReplaceStatic(ReplacedStatic),
    /// Bring the group back to life if it could not be deleted.
    Delete,
}

/// An append whose outcome is not known.
#[derive(Debug)]
pub(super) struct PendingAppend {
    pub(super) group_id: Arc<str>,
    pub(super) records: Arc<[GroupRecord]>,
    pub(super) transaction: Option<Transaction>,
    pub(super) then: Then,
    /// Replies that leave once the records are durable.
    pub(super) waiting: Vec<(Ticket, Reply)>,
}

/// All appends whose outcome is not known.
#[derive(Debug, Default)]
pub(super) struct Appends {
    pending: BTreeMap<AppendId, PendingAppend>,
    last_id: u64,
}

impl Appends {
    /// Ends the wait for an append.
    pub(super) fn take(&mut self, id: AppendId) -> Option<PendingAppend> {
        self.pending.remove(&id)
    }

    /// The groups of which something is on its way to the log.
    pub(super) fn group_ids(&self) -> impl Iterator<Item = Arc<str>> {
        self.pending.values().map(|append| append.group_id.clone())
    }

    /// The records of `group_id` that are on their way to the log, in order.
    pub(super) fn records_of<'a>(
        &'a self,
        group_id: &'a str,
    ) -> impl Iterator<Item = &'a GroupRecord> {
        self.pending
            .values()
            .filter(move |append| &*append.group_id == group_id)
            .flat_map(|append| append.records.iter())
    }
}

/// One turn: the time, the settings, and what to schedule, append and send.
pub(super) struct Turn<'a> {
    pub(super) now: Now,
    pub(super) settings: &'a GroupSettings,
    pub(super) timers: &'a mut Timers,
    pub(super) appends: &'a mut Appends,
    effects: Effects,
}

impl<'a> Turn<'a> {
    /// A turn in which nothing has happened yet.
    pub(super) fn new(
        now: Now,
        settings: &'a GroupSettings,
        timers: &'a mut Timers,
        appends: &'a mut Appends,
    ) -> Self {
        Self { now, settings, timers, appends, effects: Effects::default() }
    }

    /// `timeout_ms` from now; negative counts as 0.
    pub(super) fn after_ms(&self, timeout_ms: i32) -> Duration {
        self.now.monotonic + Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0))
    }

    /// Answers now.
    pub(super) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.effects.replies.push((ticket, reply));
    }

    /// Answers when what this turn appends is durable; now if it appends nothing.
    pub(super) fn reply_after_appends(&mut self, ticket: Ticket, reply: Reply) {
        let last = self.effects.appends.last().map(|append| append.id);
        match last.and_then(|id| self.appends.pending.get_mut(&id)) {
            Some(append) => append.waiting.push((ticket, reply)),
            None => self.reply(ticket, reply),
        }
    }

    /// Appends `records` of one group as one batch; nothing if there are none.
    pub(super) fn append(
        &mut self,
        group_id: &Arc<str>,
        records: Vec<GroupRecord>,
        transaction: Option<Transaction>,
        then: Then,
    ) {
        if records.is_empty() {
            return;
        }
        self.appends.last_id += 1;
        let id = AppendId(self.appends.last_id);
        let records: Arc<[GroupRecord]> = records.into();
        let pending = PendingAppend {
            group_id: group_id.clone(),
            records: records.clone(),
            transaction,
            then,
            waiting: Vec::new(),
        };
        self.appends.pending.insert(id, pending);
        self.effects.appends.push(Append { id, group_id: group_id.clone(), records, transaction });
    }

    /// What this turn asks the driver to do.
    pub(super) fn finish(self) -> Effects {
        self.effects
    }
}
