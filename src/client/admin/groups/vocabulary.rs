//! The words in which groups are spoken of.

use std::fmt;

/// What a group is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupState {
    /// A classic group waits for its members to join.
    PreparingRebalance,
    /// A classic group waits for its leader's assignment.
    CompletingRebalance,
    /// All members have what they are to have.
    Stable,
    /// The group is gone.
    Dead,
    /// No members; there may be offsets.
    Empty,
    /// A group of the consumer protocol computes a new assignment.
    Assigning,
    /// Members of the consumer protocol move to the new assignment.
    Reconciling,
    /// The broker does not say, or says a word that is not known here.
    Unknown,
}

impl GroupState {
    /// The states that a group can be asked for.
    pub const ALL: [GroupState; 7] = [
        Self::PreparingRebalance,
        Self::CompletingRebalance,
        Self::Stable,
        Self::Dead,
        Self::Empty,
        Self::Assigning,
        Self::Reconciling,
    ];

    /// The state of a name, in whatever case; [`GroupState::Unknown`] for all other words.
    pub fn of(name: &str) -> Self {
        let named = |state: &Self| state.to_string().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(named).unwrap_or(Self::Unknown)
    }

    /// Whether offsets may be written from outside: nobody is a member.
    pub fn is_inactive(self) -> bool {
        matches!(self, Self::Empty | Self::Dead)
    }

    /// Whether members wait for an assignment.
    pub fn is_rebalancing(self) -> bool {
        use GroupState::*;
        matches!(self, PreparingRebalance | CompletingRebalance | Assigning | Reconciling)
    }
}

/// As Kafka writes it.
impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Which protocol a consumer group speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroupType {
    /// Members assign the partitions among themselves (JoinGroup, SyncGroup).
    Classic,
    /// The broker assigns the partitions (KIP-848).
    Consumer,
}

impl GroupType {
    /// The type of a name, in whatever case; `None` for groups that are not consumer groups.
    /// Brokers that name no type know classic groups only.
    pub fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "" | "classic" => Some(Self::Classic),
            "consumer" => Some(Self::Consumer),
            _ => None,
        }
    }
}

/// As Kafka writes it.
impl fmt::Display for GroupType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found_by_name_in_any_case() {
        for state in GroupState::ALL {
            assert_eq!(GroupState::of(&state.to_string().to_uppercase()), state);
        }
        assert_eq!(GroupState::of("AwaitingSync"), GroupState::Unknown);
        assert_eq!(GroupState::of("Unknown"), GroupState::Unknown);
    }
}
