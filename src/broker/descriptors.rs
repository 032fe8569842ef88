//! How the file descriptors of the process are shared out, so that files and connections together
//! always fit.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are neither files of segments nor connections: standard streams, listeners, the
/// runtime's, the lock, files that are open for a moment while they are read or synced.
const OTHERS: usize = 40;
/// The store's part of what there is,
const FILES_PART: usize = 6;
/// but not more than it can make use of, and not so few that it does nothing but open files.
const FILES: std::ops::RangeInclusive<usize> = 16..=1000;

/// Who may have how many descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptors {
    /// Segment files that the store keeps open.
    pub files: usize,
    /// Connections at a time; at least one.
    pub connections: usize,
}

impl Descriptors {
    /// Raises the process's limit as far as the system lets it, and shares it out.
    pub fn share_out() -> Self {
        let limits = getrlimit(Resource::Nofile);
        // If it cannot be raised, what there is has to do.
        let raised = setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, ..limits });
        let limit = if raised.is_ok() { limits.maximum } else { limits.current };
        Self::of(limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX))
    }

    /// Shares out `limit` descriptors.
    fn of(limit: usize) -> Self {
        let files = (limit / FILES_PART).clamp(*FILES.start(), *FILES.end());
        Self { files, connections: limit.saturating_sub(files + OTHERS).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_connections_fit_into_the_limit_together() {
        for limit in [64, 100, 256, 300, 1024, 20_000, 1 << 20] {
            let Descriptors { files, connections } = Descriptors::of(limit);
            assert!(files + connections + OTHERS <= limit.max(57), "{limit}");
        }
        assert_eq!(Descriptors::of(300), Descriptors { files: 50, connections: 210 });
        assert_eq!(Descriptors::of(usize::MAX).files, 1000);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes() {
        Descriptors::share_out();
        let limits = getrlimit(Resource::Nofile);
        assert_eq!(limits.current, limits.maximum);
    }
}
