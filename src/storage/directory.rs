//! The names in a data directory, and the `partition.metadata` file.

use std::fmt;
use std::io;
use std::path::Path;

use super::error::StorageError;
use crate::base::disk::Disk;
use crate::base::topic_name::check_topic_name;
use crate::base::uuid::Uuid;

/// The file in a partition's directory that says to which topic it belongs.
pub(super) const METADATA_FILE: &str = "partition.metadata";
/// Ends the name of a directory whose topic was deleted.
pub(super) const DELETED_SUFFIX: &str = "-delete";
const METADATA_VERSION: &str = "0";
/// Starts the line that tells the CRC-32C of the lines before it.
const METADATA_CHECKSUM: &str = "\ncrc32c: ";

/// A topic's name and the number of one of its partitions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    topic: String,
    partition: i32,
}

impl PartitionId {
    /// Names a partition.
    ///
    /// # Errors
    /// A topic name that Kafka does not allow ([`check_topic_name`]), or a negative partition.
    pub fn new(topic: impl Into<String>, partition: i32) -> Result<Self, StorageError> {
        let topic = topic.into();
        match check_topic_name(&topic) {
            Ok(()) if partition >= 0 => Ok(Self { topic, partition }),
            _ => Err(StorageError::InvalidTopicName(topic)),
        }
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The partition's number.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// Reads the name of a partition's directory.
    pub(super) fn from_directory(name: &str) -> Option<Self> {
        let (topic, partition) = name.rsplit_once('-')?;
        let id = Self::new(topic, partition.parse().ok()?).ok()?;
        (id.to_string() == name).then_some(id)
    }

    /// The name that the directory gets when its topic is deleted; `unique` keeps it apart from
    /// those of earlier topics of the same name.
    pub(super) fn deleted_directory(&self, unique: Uuid) -> String {
        let unique = u128::from_be_bytes(unique.0);
        // No file name is longer than 255 bytes.
        let room = 255 - (1 + 10 + 1 + 32 + DELETED_SUFFIX.len());
        let topic = self.topic.get(..room).unwrap_or(&self.topic);
        format!("{topic}-{}.{unique:032x}{DELETED_SUFFIX}", self.partition)
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Writes `partition.metadata`.
pub(super) fn write_metadata(
    disk: &dyn Disk,
    directory: &Path,
    topic_id: Uuid,
    durably: bool,
) -> Result<(), StorageError> {
    let path = directory.join(METADATA_FILE);
    let mut text = format!("version: {METADATA_VERSION}\ntopic_id: {topic_id}");
    // Kafka reads the two lines that it knows.
    let crc = crc32c::crc32c(text.as_bytes());
    text.push_str(&format!("{METADATA_CHECKSUM}{crc}\n"));
    disk.replace(&path, text.as_bytes(), durably).map_err(StorageError::io(&path))
}

/// Reads `partition.metadata`; `None` if there is none, or if it is damaged: the name of the
/// directory tells which partition it is, and the metadata log which id that has.
///
/// # Errors
/// An unknown version, or a file that cannot be read.
pub(super) fn read_metadata(
    disk: &dyn Disk,
    directory: &Path,
) -> Result<Option<Uuid>, StorageError> {
    let path = directory.join(METADATA_FILE);
    let bytes = match disk.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StorageError::io(&path)(error)),
    };
    let text = String::from_utf8_lossy(&bytes);
    let Some((version, topic_id)) = parse_metadata(&text) else {
        tracing::error!(path = %path.display(), "not used: it is damaged");
        return Ok(None);
    };
    match topic_id {
        Some(topic_id) if version == METADATA_VERSION => Ok(Some(topic_id)),
        _ => Err(StorageError::UnknownVersion { path, version: version.to_owned() }),
    }
}

/// The version, and the topic id if there is one; `None` if the file is damaged.
fn parse_metadata(text: &str) -> Option<(&str, Option<Uuid>)> {
    if let Some((lines, crc)) = text.rsplit_once(METADATA_CHECKSUM)
        && crc.trim_end().parse() != Ok(crc32c::crc32c(lines.as_bytes()))
    {
        return None;
    }
    let mut lines = text.lines();
    let version = lines.next()?.strip_prefix("version: ")?;
    let topic_id = lines.next().and_then(|line| line.strip_prefix("topic_id: ")?.parse().ok());
    (topic_id.is_some() || version != METADATA_VERSION).then_some((version, topic_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::disk::MemoryDisk;

    #[test]
    fn directory_names_are_partitions_or_nothing() {
        let id = PartitionId::from_directory("my-topic.v1-12").unwrap();
        assert_eq!((id.topic(), id.partition()), ("my-topic.v1", 12));
        for name in ["topic", "-1", "topic-", "topic-01", "topic-+1", "a b-1", "..-1"] {
            assert_eq!(PartitionId::from_directory(name), None, "{name}");
        }
        let deleted = id.deleted_directory(Uuid([7; 16]));
        assert_eq!(deleted, format!("my-topic.v1-12.{}-delete", "07".repeat(16)));
        let longest = PartitionId::new("t".repeat(249), i32::MAX).unwrap();
        assert!(longest.deleted_directory(Uuid::ZERO).len() <= 255);
        assert!(PartitionId::new("../etc", 0).is_err() && PartitionId::new("t", -1).is_err());
    }

    #[test]
    fn metadata_survives_and_unknown_versions_are_refused() {
        let (disk, directory) = (MemoryDisk::new(), Path::new("/data/t-0"));
        disk.create_dir_all(directory).unwrap();
        assert_eq!(read_metadata(&disk, directory).unwrap(), None);
        let topic_id = Uuid::random();
        write_metadata(&disk, directory, topic_id, true).unwrap();
        assert_eq!(read_metadata(&disk, directory).unwrap(), Some(topic_id));
        let path = directory.join(METADATA_FILE);
        disk.replace(&path, b"version: 1\ntopic_id: x", true).unwrap();
        let newer = read_metadata(&disk, directory);
        assert!(matches!(newer, Err(StorageError::UnknownVersion { .. })));
        disk.replace(&path, b"version: 0\n", true).unwrap();
        assert_eq!(read_metadata(&disk, directory).unwrap(), None);
        let of_kafka = format!("version: 0\ntopic_id: {topic_id}");
        disk.replace(&path, of_kafka.as_bytes(), true).unwrap();
        assert_eq!(read_metadata(&disk, directory).unwrap(), Some(topic_id));
    }
}
