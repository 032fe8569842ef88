//! What may go wrong with a disk.

use rustix::io::Errno;

use super::End;
use super::random::Random;
use crate::base::disk::crash::{CrashDisk, Operation};

/// Some operations of a kind that fail.
pub(super) struct Fault {
    operation: Operation,
    error: Errno,
    times: usize,
}

impl Fault {
    /// Errors of these operations that a system has.
    const ALL: [(Operation, Errno); 8] = [
        (Operation::Open, Errno::MFILE),
        (Operation::Open, Errno::IO),
        (Operation::Read, Errno::IO),
        (Operation::Write, Errno::NOSPC),
        (Operation::Write, Errno::DQUOT),
        (Operation::Write, Errno::IO),
        (Operation::Sync, Errno::IO),
        (Operation::Sync, Errno::NOSPC),
    ];

    pub(super) fn random(random: &mut Random) -> Self {
        let (operation, error) = Self::ALL[random.below(Self::ALL.len())];
        Self { operation, error, times: 1 + random.below(4) }
    }

    /// Lets it happen after some operations of its kind.
    pub(super) fn inject(&self, disk: &CrashDisk, after: usize) {
        disk.fail(self.operation, after, self.times, self.error);
    }

    /// How the life of a process ends that gave up because of it: after a failed sync the page
    /// cache proves nothing.
    pub(super) fn end(&self) -> End {
        if self.operation == Operation::Sync { End::PowerCut } else { End::Killed }
    }

    /// Whether an error may be one of these.
    pub(super) fn is_cause(error: &std::io::Error) -> bool {
        Self::ALL.iter().any(|(_, injected)| Errno::from_io_error(error) == Some(*injected))
    }
}
