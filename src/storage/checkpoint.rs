//! The offset checkpoints of a data directory: one line per partition, in Kafka's format,
//! version 0.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::directory::PartitionId;
use super::error::StorageError;
use crate::base::disk::Disk;

const VERSION: &str = "0";

/// A file that holds one offset for each of some partitions.
#[derive(Debug)]
pub(super) struct OffsetCheckpoint {
    path: PathBuf,
    offsets: BTreeMap<PartitionId, i64>,
    is_complete: bool,
}

impl OffsetCheckpoint {
    /// Reads the file. Without one, or with a damaged one, no offset is known: every reader of a
    /// checkpoint has a safe thing to do then.
    ///
    /// # Errors
    /// An unknown version, or a file that cannot be read.
    pub(super) fn load(disk: &dyn Disk, path: PathBuf) -> Result<Self, StorageError> {
        let bytes = match disk.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, offsets: BTreeMap::new(), is_complete: false });
            }
            Err(error) => return Err(StorageError::io(&path)(error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        if let Some(version) = text.lines().next()
            && version != VERSION
            && version.parse::<i32>().is_ok()
        {
            return Err(StorageError::UnknownVersion { path, version: version.to_owned() });
        }
        let offsets = parse(&text);
        if offsets.is_none() {
            tracing::warn!(path = %path.display(), "checkpoint is damaged and not used");
        }
        let is_complete = offsets.is_some();
        Ok(Self { path, offsets: offsets.unwrap_or_default(), is_complete })
    }

    /// Whether the file was there and right: then a partition that is not in it has no offset, and
    /// not one that was lost.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    pub(super) fn get(&self, partition: &PartitionId) -> Option<i64> {
        self.offsets.get(partition).copied()
    }

    pub(super) fn set(&mut self, partition: &PartitionId, offset: i64) {
        self.offsets.insert(partition.clone(), offset);
    }

    /// Sets an offset unless the one before is larger.
    pub(super) fn raise(&mut self, partition: &PartitionId, offset: i64) {
        let before = self.get(partition).unwrap_or(offset);
        self.set(partition, before.max(offset));
    }

    pub(super) fn remove(&mut self, partition: &PartitionId) {
        self.offsets.remove(partition);
    }

    /// Keeps the offsets of these partitions alone, which are in order. Returns whether there were
    /// others.
    pub(super) fn retain(&mut self, partitions: &[PartitionId]) -> bool {
        let count = self.offsets.len();
        self.offsets.retain(|partition, _| partitions.binary_search(partition).is_ok());
        self.offsets.len() < count
    }

    /// Writes the file in one step.
    pub(super) fn store(&self, disk: &dyn Disk, durably: bool) -> Result<(), StorageError> {
        let mut text = format!("{VERSION}\n{}\n", self.offsets.len());
        for (partition, offset) in &self.offsets {
            text.push_str(&format!("{} {} {offset}\n", partition.topic(), partition.partition()));
        }
        let path: &Path = &self.path;
        disk.replace(path, text.as_bytes(), durably).map_err(StorageError::io(path))
    }
}

fn parse(text: &str) -> Option<BTreeMap<PartitionId, i64>> {
    let mut lines = text.lines().skip(1);
    let count: usize = lines.next()?.parse().ok()?;
    let offsets: BTreeMap<_, _> = lines.map(parse_line).collect::<Option<_>>()?;
    (offsets.len() == count).then_some(offsets)
}

fn parse_line(line: &str) -> Option<(PartitionId, i64)> {
    let mut words = line.split(' ');
    let id = PartitionId::new(words.next()?, words.next()?.parse().ok()?).ok()?;
    Some((id, words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::disk::MemoryDisk;

    #[test]
    fn offsets_survive_and_the_format_is_that_of_kafka() {
        let disk = MemoryDisk::new();
        disk.create_dir_all(Path::new("/data")).unwrap();
        let path = PathBuf::from("/data/log-start-offset-checkpoint");
        let (a, b) = (PartitionId::new("a", 0).unwrap(), PartitionId::new("b", 11).unwrap());
        let mut checkpoint = OffsetCheckpoint::load(&disk, path.clone()).unwrap();
        checkpoint.set(&b, 7);
        checkpoint.set(&a, 1);
        checkpoint.store(&disk, true).unwrap();
        assert_eq!(disk.read(&path).unwrap(), b"0\n2\na 0 1\nb 11 7\n");
        let loaded = OffsetCheckpoint::load(&disk, path.clone()).unwrap();
        assert_eq!((loaded.get(&a), loaded.get(&b)), (Some(1), Some(7)));

        for damaged in ["", "0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\n../x 0 1\n", "\0\0\0"] {
            disk.replace(&path, damaged.as_bytes(), true).unwrap();
            assert_eq!(OffsetCheckpoint::load(&disk, path.clone()).unwrap().get(&a), None);
        }
        disk.replace(&path, b"1\n0\n", true).unwrap();
        let newer = OffsetCheckpoint::load(&disk, path);
        assert!(matches!(newer, Err(StorageError::UnknownVersion { .. })));
    }
}
