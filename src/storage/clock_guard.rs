//! Whether the wall clock may decide what is too old.
//!
//! A wall clock that jumps, because it was set by hand or by a time server that went mad, would
//! make everything in the store old at once. The monotonic clock cannot jump, so the two are
//! compared: where they have drifted apart by more than a minute since the last look, nothing is
//! deleted for its age for ten minutes, in which somebody can set the clock right.

use std::time::Duration;

/// How far the clocks may drift apart between two looks.
const TOLERATED_MS: i64 = 60_000;
/// For how long the wall clock is not trusted after a jump.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// What the guard thinks of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has gone on as time has.
    Trusted,
    /// It has just jumped by this much, forward if positive: worth a warning.
    Jumped {
        /// How far.
        by_ms: i64,
    },
    /// It has jumped not long ago.
    Doubted,
}

/// Compares the clocks from look to look.
#[derive(Debug, Default)]
pub(super) struct ClockGuard {
    last: Option<(i64, Duration)>,
    doubted_until: Option<Duration>,
}

impl ClockGuard {
    /// Judges the wall clock, given what both clocks show now. The first look has nothing to
    /// compare with, and trusts.
    pub(super) fn look(&mut self, wall_ms: i64, monotonic: Duration) -> Verdict {
        let last = self.last.replace((wall_ms, monotonic));
        let by_ms = last.map_or(0, |(last_wall_ms, last_monotonic)| {
            let elapsed = monotonic.saturating_sub(last_monotonic).as_millis();
            let elapsed_ms = i64::try_from(elapsed).unwrap_or(i64::MAX);
            wall_ms.saturating_sub(last_wall_ms).saturating_sub(elapsed_ms)
        });
        if by_ms.saturating_abs() > TOLERATED_MS {
            self.doubted_until = Some(monotonic.saturating_add(PAUSE));
            return Verdict::Jumped { by_ms };
        }
        match self.doubted_until {
            Some(until) if monotonic < until => Verdict::Doubted,
            _ => Verdict::Trusted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    /// The verdicts on looks at these minutes of the wall clock and of the monotonic one.
    fn verdicts(minutes: &[(i64, i64)]) -> Vec<Verdict> {
        let mut guard = ClockGuard::default();
        let mut look = |(wall, monotonic): &(i64, i64)| {
            guard.look(wall * MINUTE_MS, Duration::from_secs(*monotonic as u64 * 60))
        };
        minutes.iter().map(&mut look).collect()
    }

    #[test]
    fn a_clock_that_goes_as_time_does_is_trusted() {
        let looks = [(1000, 0), (1005, 5), (1011, 10), (1015, 15)];
        assert_eq!(verdicts(&looks), [Verdict::Trusted; 4]);
    }

    #[test]
    fn a_jump_is_told_once_and_doubted_for_ten_minutes() {
        for by in [2, -2, 5_000_000] {
            let looks = [(0, 0), (by + 1, 1), (by + 2, 2), (by + 10, 10), (by + 11, 11)];
            let jumped = Verdict::Jumped { by_ms: by * MINUTE_MS };
            let (trusted, doubted) = (Verdict::Trusted, Verdict::Doubted);
            assert_eq!(verdicts(&looks), [trusted, jumped, doubted, doubted, trusted]);
        }
    }

    #[test]
    fn a_clock_that_is_set_right_again_has_jumped_again() {
        let looks = [(0, 0), (100, 0), (5, 5), (14, 14), (15, 15)];
        let expected = [
            Verdict::Trusted,
            Verdict::Jumped { by_ms: 100 * MINUTE_MS },
            Verdict::Jumped { by_ms: -100 * MINUTE_MS },
            Verdict::Doubted,
            Verdict::Trusted,
        ];
        assert_eq!(verdicts(&looks), expected);
    }

    #[test]
    fn no_reading_overflows() {
        let mut guard = ClockGuard::default();
        guard.look(i64::MIN, Duration::MAX / 2);
        assert!(matches!(guard.look(i64::MAX, Duration::ZERO), Verdict::Jumped { .. }));
    }
}
