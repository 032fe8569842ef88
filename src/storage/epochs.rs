//! Which leader epoch started at which offset, and the `leader-epoch-checkpoint` file (KIP-101).

use super::error::StorageError;
use crate::base::sabotage::{self, Bug};

/// The file in a partition's directory.
pub(super) const FILE_NAME: &str = "leader-epoch-checkpoint";
const VERSION: &str = "0";

/// One epoch and the offset of its first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EpochStart {
    /// The leader epoch.
    pub(super) epoch: i32,
    /// Offset of the first record that its leader appended.
    pub(super) start_offset: i64,
}

/// The leader epochs of a log, oldest first: epochs and offsets both grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeaderEpochs {
    starts: Vec<EpochStart>,
}

impl LeaderEpochs {
    /// All epochs, oldest first.
    pub(super) fn starts(&self) -> &[EpochStart] {
        &self.starts
    }

    /// The newest epoch.
    pub(super) fn latest(&self) -> Option<EpochStart> {
        self.starts.last().copied()
    }

    /// Takes the start of earlier epochs back that were truncated since.
    pub(super) fn start_as(&mut self, earlier: &Self) {
        let later = std::mem::replace(&mut self.starts, earlier.starts.clone());
        later.iter().for_each(|start| self.assign(start.epoch, start.start_offset));
    }

    /// Whether appending with `epoch` starts a new one.
    pub(super) fn is_new(&self, epoch: i32) -> bool {
        epoch >= 0 && self.latest().is_none_or(|latest| epoch > latest.epoch)
    }

    /// Notes that `epoch` starts at `start_offset`, unless it or a later one has started.
    pub(super) fn assign(&mut self, epoch: i32, start_offset: i64) {
        if self.is_new(epoch) {
            self.starts.push(EpochStart { epoch, start_offset });
        }
    }

    /// The epoch of the record at `offset`.
    pub(super) fn epoch_at(&self, offset: i64) -> Option<i32> {
        let started = self.starts.partition_point(|start| start.start_offset <= offset);
        started.checked_sub(1).and_then(|index| self.starts.get(index)).map(|start| start.epoch)
    }

    /// The largest epoch that is at most `epoch`, and the offset after its last record; `None` if
    /// `epoch` is newer than all that are known.
    pub(super) fn end_offset_for_epoch(
        &self,
        epoch: i32,
        log_end_offset: i64,
    ) -> Option<(i32, i64)> {
        let latest = self.latest()?;
        if epoch < 0 || epoch > latest.epoch {
            return None;
        }
        if epoch == latest.epoch {
            return Some((epoch, log_end_offset));
        }
        let started = self.starts.partition_point(|start| start.epoch <= epoch);
        let end_offset = self.starts.get(started)?.start_offset;
        let floor = started.checked_sub(1).and_then(|index| self.starts.get(index));
        Some((floor.map_or(epoch, |floor| floor.epoch), end_offset))
    }

    /// Whether the epoch of the record at `offset` is known, or there are none at all.
    pub(super) fn cover(&self, offset: i64) -> bool {
        self.starts.first().is_none_or(|first| first.start_offset <= offset)
    }

    /// Forgets epochs that start at or after `log_end_offset`.
    pub(super) fn truncate_from_end(&mut self, log_end_offset: i64) {
        if !sabotage::has(Bug::KeepEpochsOfTornTail) {
            self.starts.retain(|start| start.start_offset < log_end_offset);
        }
    }

    /// Forgets epochs that ended before `log_start_offset`; the one that holds it starts there.
    pub(super) fn truncate_from_start(&mut self, log_start_offset: i64) {
        let started = self.starts.partition_point(|start| start.start_offset <= log_start_offset);
        if started > 0 {
            self.starts.drain(..started - 1);
            self.starts.iter_mut().take(1).for_each(|start| start.start_offset = log_start_offset);
        }
    }

    /// The text of the checkpoint file.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{VERSION}\n{}\n", self.starts.len());
        for EpochStart { epoch, start_offset } in &self.starts {
            text.push_str(&format!("{epoch} {start_offset}\n"));
        }
        text
    }

    /// Reads the text of the checkpoint file; `None` if it is damaged.
    ///
    /// # Errors
    /// An unknown version.
    pub(super) fn from_text(
        text: &str,
        path: &std::path::Path,
    ) -> Result<Option<Self>, StorageError> {
        let mut lines = text.lines();
        match lines.next() {
            Some(VERSION) => {}
            Some(version) if version.parse::<i32>().is_ok() => {
                return Err(StorageError::UnknownVersion {
                    path: path.to_path_buf(),
                    version: version.to_owned(),
                });
            }
            _ => return Ok(None),
        }
        if !text.ends_with('\n') {
            return Ok(None);
        }
        let count = lines.next().and_then(|count| count.parse::<usize>().ok());
        let mut epochs = Self::default();
        for line in lines {
            let parsed = line.split_once(' ').and_then(|(epoch, start_offset)| {
                Some((epoch.parse().ok()?, start_offset.parse().ok()?))
            });
            let Some((epoch, start_offset)) = parsed else { return Ok(None) };
            epochs.assign(epoch, start_offset);
        }
        Ok((count == Some(epochs.starts.len())).then_some(epochs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(starts: &[(i32, i64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        starts.iter().for_each(|(epoch, start_offset)| epochs.assign(*epoch, *start_offset));
        epochs
    }

    #[test]
    fn end_offset_for_epoch_follows_kafka() {
        let known = epochs(&[(2, 5), (3, 10), (7, 20)]);
        let end = |epoch| known.end_offset_for_epoch(epoch, 30);
        assert_eq!(end(7), Some((7, 30)));
        assert_eq!(end(5), Some((3, 20)));
        assert_eq!(end(3), Some((3, 20)));
        assert_eq!(end(2), Some((2, 10)));
        assert_eq!(end(1), Some((1, 5)), "older than all that are known");
        assert_eq!(end(8), None);
        assert_eq!(end(-1), None);
        assert_eq!(epochs(&[]).end_offset_for_epoch(0, 0), None);
    }

    #[test]
    fn epochs_only_grow_and_are_found_by_offset() {
        let known = epochs(&[(0, 0), (0, 5), (2, 10), (1, 12)]);
        assert_eq!(known, epochs(&[(0, 0), (2, 10)]));
        assert_eq!([9, 10, 11].map(|offset| known.epoch_at(offset)), [Some(0), Some(2), Some(2)]);
        assert_eq!(epochs(&[(0, 3)]).epoch_at(2), None);
    }

    #[test]
    fn truncation_keeps_what_the_log_still_holds() {
        let mut known = epochs(&[(0, 0), (1, 10), (2, 20)]);
        known.truncate_from_start(15);
        assert_eq!(known, epochs(&[(1, 15), (2, 20)]));
        known.truncate_from_end(20);
        assert_eq!(known, epochs(&[(1, 15)]));
    }

    #[test]
    fn the_file_has_the_format_of_kafka() {
        let path = std::path::Path::new("leader-epoch-checkpoint");
        let known = epochs(&[(0, 0), (4, 100)]);
        assert_eq!(known.to_text(), "0\n2\n0 0\n4 100\n");
        assert_eq!(LeaderEpochs::from_text(&known.to_text(), path).unwrap(), Some(known));
        for damaged in ["", "0\n1\n0 10", "x", "0", "0\n2\n0 0\n", "0\n1\n0\n", "0\n2\n1 5\n1 6\n"]
        {
            assert_eq!(LeaderEpochs::from_text(damaged, path).unwrap(), None, "{damaged:?}");
        }
        let newer = LeaderEpochs::from_text("1\n0\n", path);
        assert!(matches!(newer, Err(StorageError::UnknownVersion { .. })));
    }
}
