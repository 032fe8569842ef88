//! The offset checkpoints of a data directory: one line per partition, in Kafka's format,
//! version 0.
//!
//! Kafka's format has no checksum. Ours is the offset of a partition that does not exist, in the
//! last line: Kafka reads the file, and writes one without it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::directory::PartitionId;
use super::error::StorageError;
use crate::base::disk::Disk;

const VERSION: &str = "0";
/// Starts the line whose offset is the CRC-32C of all lines before it.
const CHECKSUM: &str = "__kf_crc32c 0 ";

/// A file that holds one offset for each of some partitions.
#[derive(Debug)]
pub(super) struct OffsetCheckpoint {
    path: PathBuf,
    /// Where the same stands once more, for an offset that nothing else tells.
    copy: Option<PathBuf>,
    offsets: BTreeMap<PartitionId, i64>,
    is_complete: bool,
    is_foreign: bool,
}

impl OffsetCheckpoint {
    /// Reads the file. Without one, or with a damaged one, no offset is known: every reader of a
    /// checkpoint has a safe thing to do then.
    ///
    /// # Errors
    /// An unknown version, or a file that cannot be read.
    pub(super) fn load(disk: &dyn Disk, path: PathBuf) -> Result<Self, StorageError> {
        let offsets = read(disk, &path)?;
        let is_complete = offsets.is_some();
        let is_foreign = is_complete && !is_ours(disk, &path)?;
        let offsets = offsets.unwrap_or_default();
        Ok(Self { path, copy: None, offsets, is_complete, is_foreign })
    }

    /// Reads the file, or `copy` if that is missing or damaged; both are written.
    ///
    /// # Errors
    /// As [`OffsetCheckpoint::load`].
    pub(super) fn load_either(
        disk: &dyn Disk,
        path: PathBuf,
        copy: PathBuf,
    ) -> Result<Self, StorageError> {
        let mut checkpoint = Self::load(disk, path)?;
        if !checkpoint.is_complete
            && let Some(offsets) = read(disk, &copy)?
        {
            tracing::warn!(path = %copy.display(), "used instead of its damaged twin");
            (checkpoint.offsets, checkpoint.is_complete) = (offsets, true);
        }
        checkpoint.copy = Some(copy);
        Ok(checkpoint)
    }

    /// Whether the file was there and right: then a partition that is not in it has no offset, and
    /// not one that was lost.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether somebody else wrote the file, who knows nothing of our other files.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign
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
        let mut text = format!("{VERSION}\n{}\n", self.offsets.len() + 1);
        for (partition, offset) in &self.offsets {
            text.push_str(&format!("{} {} {offset}\n", partition.topic(), partition.partition()));
        }
        let crc = crc32c::crc32c(text.as_bytes());
        text.push_str(&format!("{CHECKSUM}{crc}\n"));
        for path in self.copy.iter().chain([&self.path]) {
            disk.replace(path, text.as_bytes(), durably).map_err(StorageError::io(path))?;
        }
        Ok(())
    }
}

/// The offsets in a file; `None` if it is missing or damaged.
fn read(disk: &dyn Disk, path: &Path) -> Result<Option<BTreeMap<PartitionId, i64>>, StorageError> {
    let bytes = match disk.read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StorageError::io(path)(error)),
    };
    let text = String::from_utf8_lossy(&bytes);
    let offsets = parse(&text);
    if offsets.is_none() {
        if let Some(version) = text.lines().next()
            && is_proved(&text) != Some(false)
            && version != VERSION
            && version.parse::<i32>().is_ok()
        {
            let (path, version) = (path.to_path_buf(), version.to_owned());
            return Err(StorageError::UnknownVersion { path, version });
        }
        tracing::warn!(path = %path.display(), "checkpoint is damaged and not used");
    }
    Ok(offsets)
}

/// Whether a file has a checksum.
fn is_ours(disk: &dyn Disk, path: &Path) -> Result<bool, StorageError> {
    let bytes = disk.read(path).map_err(StorageError::io(path))?;
    Ok(is_proved(&String::from_utf8_lossy(&bytes)).is_some())
}

/// Whether the checksum is right; `None` without one.
fn is_proved(text: &str) -> Option<bool> {
    let (lines, crc) = text.rsplit_once(CHECKSUM)?;
    Some(crc.trim_end().parse() == Ok(crc32c::crc32c(lines.as_bytes())))
}

fn parse(text: &str) -> Option<BTreeMap<PartitionId, i64>> {
    if is_proved(text) == Some(false) || text.lines().next()? != VERSION {
        return None;
    }
    let mut lines = text.lines().skip(1);
    let count: usize = lines.next()?.parse().ok()?;
    let lines: Vec<_> = lines.collect();
    if lines.len() != count {
        return None;
    }
    lines.into_iter().filter(|line| !line.starts_with(CHECKSUM)).map(parse_line).collect()
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
        let text = String::from_utf8(disk.read(&path).unwrap()).unwrap();
        assert!(text.starts_with("0\n3\na 0 1\nb 11 7\n__kf_crc32c 0 "), "{text}");
        let loaded = OffsetCheckpoint::load(&disk, path.clone()).unwrap();
        assert_eq!((loaded.get(&a), loaded.get(&b)), (Some(1), Some(7)));

        for damaged in ["", "0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\n../x 0 1\n", "\0\0\0"] {
            disk.replace(&path, damaged.as_bytes(), true).unwrap();
            assert_eq!(OffsetCheckpoint::load(&disk, path.clone()).unwrap().get(&a), None);
        }
        disk.replace(&path, b"0\n2\na 0 1\nb 11 7\n", true).unwrap();
        let of_kafka = OffsetCheckpoint::load(&disk, path.clone()).unwrap();
        assert_eq!((of_kafka.get(&a), of_kafka.get(&b)), (Some(1), Some(7)));
        disk.replace(&path, b"1\n0\n", true).unwrap();
        let newer = OffsetCheckpoint::load(&disk, path);
        assert!(matches!(newer, Err(StorageError::UnknownVersion { .. })));
    }

    #[test]
    fn a_flipped_bit_is_noticed_and_the_copy_helps() {
        let disk = MemoryDisk::new();
        disk.create_dir_all(Path::new("/data")).unwrap();
        let [path, copy] = ["/data/starts", "/data/starts-again"].map(PathBuf::from);
        let load = || OffsetCheckpoint::load_either(&disk, path.clone(), copy.clone()).unwrap();
        let id = PartitionId::new("topic", 3).unwrap();
        let mut checkpoint = load();
        checkpoint.set(&id, 123_456);
        checkpoint.store(&disk, true).unwrap();
        let whole = disk.read(&path).unwrap();
        for file in [&path, &copy] {
            for at in 0..whole.len() * 8 {
                let mut bytes = whole.clone();
                bytes[at / 8] ^= 1 << (at % 8);
                disk.replace(file, &bytes, true).unwrap();
                assert_eq!(load().get(&id), Some(123_456), "bit {at} of {}", file.display());
            }
            disk.replace(file, &whole, true).unwrap();
        }
        disk.remove_file(&path).unwrap();
        assert_eq!(load().get(&id), Some(123_456));
        disk.remove_file(&copy).unwrap();
        assert!(!load().is_complete());
    }
}
