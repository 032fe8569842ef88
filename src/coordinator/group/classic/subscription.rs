//! Which topics the consumers of a group read: some deletions and expiries depend on it.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::wire::codec::{Context, DecodeError, Field, Reader};
use crate::wire::messages::consumer_protocol::ConsumerProtocolSubscription;
use crate::wire::schema::Message;

use super::{ClassicGroup, State};

/// The protocol type of consumers; other users of groups (Connect) have their own.
const CONSUMER: &str = "consumer";

/// From when the retention of a group's offsets counts (KIP-211).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum RetentionStart {
    /// From when each offset was committed.
    Commit,
    /// From when the group became empty, in milliseconds since the Unix epoch.
    Emptied(i64),
}

impl ClassicGroup {
    /// Whether consumers of the group read `topic`. When that cannot be known, consumers are
    /// thought to read everything, others nothing.
    pub(in super::super) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.has_consumers(),
        }
    }

    /// Whether the group's members, present or past, are consumers.
    pub(in super::super) fn has_consumers(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// From when offsets of topics that nobody reads count as old; `None` if they must all stay.
    pub(in super::super) fn retention_start(&self) -> Option<RetentionStart> {
        match self.state {
            State::Dead => None,
            _ if self.protocol_type.is_none() => Some(RetentionStart::Commit),
            State::Empty => {
                Some(self.state_since_ms.map_or(RetentionStart::Commit, RetentionStart::Emptied))
            }
            State::Stable if self.has_consumers() && self.subscribed_topics.is_some() => {
                Some(RetentionStart::Commit)
            }
            _ => None,
        }
    }

    /// What the members subscribe to under the selected protocol; `None` if they are not consumers
    /// or speak another language.
    pub(super) fn compute_subscribed_topics(&self) -> Option<BTreeSet<String>> {
        if !self.has_consumers() {
            return None;
        }
        let protocol = self.protocol.as_deref();
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(subscribed_topics(member.metadata(protocol)).ok()?);
        }
        Some(topics)
    }
}

/// The topics of a subscription. Every version starts with the fields of version 0, so that is the
/// one to read, whatever stands behind.
fn subscribed_topics(metadata: Bytes) -> Result<Vec<String>, DecodeError> {
    let mut reader = Reader::new(metadata);
    let version = Context { version: 0, flexible: false, nullable: false };
    i16::read(&mut reader, version)?;
    Ok(ConsumerProtocolSubscription::decode(&mut reader, 0)?.topics)
}
