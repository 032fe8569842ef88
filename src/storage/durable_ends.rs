//! How far each log is known to be durable: the files `kf-commit.0` and `kf-commit.1`.
//!
//! After a crash a bad batch may be a torn tail that nobody was promised, or damage to what was
//! promised; the log alone cannot tell. So the committer notes, after each sync, up to which offset
//! a log was durable then. What is bad below that offset is damage.
//!
//! A note reaches the page cache at once, so after a kill it is exact; it is synced with one of
//! the next commits or when there is nothing else to do, so after a power cut it may be older than
//! the last answers. An older note proves less, but nothing wrong.
//!
//! Kafka does not look at these files. Each starts with a header:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `kfcommit` |
//! | 4 | version, 0 |
//! | 8 | generation: the file with the larger one is newer |
//! | 4 | CRC-32C of these |
//!
//! and goes on with notes, of which later ones replace earlier ones:
//!
//! | bytes | what |
//! |---|---|
//! | 16 | topic id |
//! | 4 | partition |
//! | 8 | all below this offset is durable |
//! | 4 | leader epoch of the last batch below it |
//! | 4 | CRC-32C of these |
//!
//! When one file is full, the other starts anew with all that is known.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Buf;

use super::error::StorageError;
use crate::base::disk::{Disk, DiskFile};
use crate::base::uuid::Uuid;

const NAMES: [&str; 2] = ["kf-commit.0", "kf-commit.1"];
const MAGIC: &[u8; 8] = b"kfcommit";
const VERSION: u32 = 0;
const HEADER_LENGTH: usize = 24;
const NOTE_LENGTH: usize = 36;
/// Bytes of notes before the other file is used, beyond one note for each log.
const FULL: u64 = 1 << 20;

/// A partition of a topic that may have been deleted since.
pub(super) type TopicPartition = (Uuid, i32);

/// Up to where a log is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DurableEnd {
    /// All below this offset is durable.
    pub(super) end_offset: i64,
    /// Leader epoch of the last batch below it.
    pub(super) leader_epoch: i32,
}

/// The two files.
pub(super) struct DurableEnds {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    ends: HashMap<TopicPartition, DurableEnd>,
    generation: u64,
    /// The file that is written to; `None` until there is something to note, and after an error.
    file: Option<Arc<dyn DiskFile>>,
    position: u64,
    full: u64,
    notes_unsynced: usize,
}

impl DurableEnds {
    /// Reads what was noted. Notes that are damaged are left out, files that are damaged are not
    /// used.
    ///
    /// # Errors
    /// An unknown version, or a file that cannot be read.
    pub(super) fn load(disk: &Arc<dyn Disk>, directory: &Path) -> Result<Self, StorageError> {
        let mut files = Vec::new();
        for name in NAMES {
            let path = directory.join(name);
            match disk.read(&path) {
                Ok(bytes) => files.extend(parse(&path, bytes)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(StorageError::io(&path)(error)),
            }
        }
        files.sort_unstable_by_key(|(generation, _)| *generation);
        let generation = files.last().map_or(0, |(generation, _)| *generation);
        Ok(Self {
            disk: disk.clone(),
            directory: directory.to_path_buf(),
            ends: files.into_iter().flat_map(|(_, notes)| notes).collect(),
            generation,
            file: None,
            position: 0,
            full: 0,
            notes_unsynced: 0,
        })
    }

    pub(super) fn get(&self, partition: &TopicPartition) -> Option<DurableEnd> {
        self.ends.get(partition).copied()
    }

    /// Forgets all logs but these.
    pub(super) fn retain(&mut self, is_there: impl Fn(&TopicPartition) -> bool) {
        self.ends.retain(|partition, _| is_there(partition));
    }

    pub(super) fn remove(&mut self, partition: &TopicPartition) {
        self.ends.remove(partition);
    }

    /// Notes that logs are durable up to their ends.
    pub(super) fn note(&mut self, ends: &[(TopicPartition, DurableEnd)]) {
        if ends.is_empty() {
            return;
        }
        self.ends.extend(ends.iter().copied());
        if let Err(error) = self.write(ends) {
            tracing::warn!(
                directory = %self.directory.display(), %error,
                "cannot note what is durable; damage from now on may be taken for a torn tail",
            );
            self.file = None;
        }
    }

    /// The notes that are not synced.
    pub(super) fn notes_unsynced(&self) -> usize {
        self.notes_unsynced
    }

    /// Makes the notes durable.
    pub(super) fn sync(&mut self) -> Result<(), StorageError> {
        self.notes_unsynced = 0;
        match &self.file {
            Some(file) => file.sync_data().map_err(StorageError::io(&self.path())),
            None => Ok(()),
        }
    }

    fn path(&self) -> PathBuf {
        self.path_of(self.generation)
    }

    fn path_of(&self, generation: u64) -> PathBuf {
        let [even, odd] = NAMES;
        self.directory.join(if generation.is_multiple_of(2) { even } else { odd })
    }

    fn write(&mut self, ends: &[(TopicPartition, DurableEnd)]) -> io::Result<()> {
        let bytes: Vec<u8> = ends.iter().flat_map(|(id, end)| encode(id, *end)).collect();
        match &self.file {
            Some(file) if self.position + bytes.len() as u64 <= self.full => {
                file.write_at(&bytes, self.position)?;
                self.position += bytes.len() as u64;
                self.notes_unsynced += ends.len();
                Ok(())
            }
            _ => self.start_file(),
        }
    }

    /// Starts the other file with all that is known. It is synced before the older one may be
    /// overwritten.
    fn start_file(&mut self) -> io::Result<()> {
        // Until it is whole, the next attempt is made with the same file.
        let generation = self.generation + 1;
        let path = self.path_of(generation);
        let mut bytes = Vec::with_capacity(HEADER_LENGTH + self.ends.len() * NOTE_LENGTH);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_be_bytes());
        bytes.extend(generation.to_be_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
        self.ends.iter().for_each(|(id, end)| bytes.extend(encode(id, *end)));
        let file = self.disk.create(&path)?;
        file.write_at(&bytes, 0)?;
        file.sync_data()?;
        self.disk.sync_dir(&self.directory)?;
        self.generation = generation;
        self.position = bytes.len() as u64;
        self.full = self.position + FULL;
        self.file = Some(file);
        Ok(())
    }
}

fn encode((topic_id, partition): &TopicPartition, end: DurableEnd) -> [u8; NOTE_LENGTH] {
    let mut note = Vec::with_capacity(NOTE_LENGTH);
    note.extend(topic_id.0);
    note.extend(partition.to_be_bytes());
    note.extend(end.end_offset.to_be_bytes());
    note.extend(end.leader_epoch.to_be_bytes());
    note.extend(crc32c::crc32c(&note).to_be_bytes());
    let mut bytes = [0; NOTE_LENGTH];
    bytes.copy_from_slice(&note);
    bytes
}

type Notes = Vec<(TopicPartition, DurableEnd)>;

/// The generation of a file and its notes; `None` if it is damaged.
fn parse(path: &Path, bytes: Vec<u8>) -> Result<Option<(u64, Notes)>, StorageError> {
    let (header, notes) = bytes.split_at(HEADER_LENGTH.min(bytes.len()));
    let Some(mut header) = checked(header).and_then(|header| header.strip_prefix(MAGIC)) else {
        // A crash while the file was started leaves one too; then the other one has it all.
        tracing::warn!(path = %path.display(), "not used: it is damaged");
        return Ok(None);
    };
    let (version, generation) = (header.get_u32(), header.get_u64());
    if version != VERSION {
        let version = version.to_string();
        return Err(StorageError::UnknownVersion { path: path.to_path_buf(), version });
    }
    Ok(Some((generation, notes.chunks_exact(NOTE_LENGTH).filter_map(decode).collect())))
}

fn decode(note: &[u8]) -> Option<(TopicPartition, DurableEnd)> {
    let mut note = checked(note)?;
    let partition = (Uuid(note.get_u128().to_be_bytes()), note.get_i32());
    Some((partition, DurableEnd { end_offset: note.get_i64(), leader_epoch: note.get_i32() }))
}

/// The bytes before a CRC-32C that is theirs.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (bytes, stored) = bytes.split_last_chunk()?;
    (crc32c::crc32c(bytes) == u32::from_be_bytes(*stored)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::disk::MemoryDisk;

    const DIRECTORY: &str = "/data";

    fn end(end_offset: i64) -> DurableEnd {
        DurableEnd { end_offset, leader_epoch: 3 }
    }

    fn load(disk: &Arc<dyn Disk>) -> DurableEnds {
        DurableEnds::load(disk, Path::new(DIRECTORY)).unwrap()
    }

    fn new_disk() -> Arc<dyn Disk> {
        let disk = MemoryDisk::new();
        disk.create_dir_all(Path::new(DIRECTORY)).unwrap();
        Arc::new(disk)
    }

    #[test]
    fn the_newest_note_counts_however_often_the_files_take_turns() {
        let disk = new_disk();
        let mut ends = load(&disk);
        let ids: Vec<_> = (0..3).map(|partition| (Uuid([7; 16]), partition)).collect();
        let rounds = 3 * FULL as i64 / NOTE_LENGTH as i64;
        for round in 1..=rounds {
            let id = ids[round as usize % 3];
            ends.note(&[(id, end(round))]);
            if round % 5000 == 0 {
                assert_eq!(load(&disk).get(&id), Some(end(round)));
            }
        }
        assert!(ends.generation >= 3, "both files were used again");
        let mut loaded = load(&disk);
        for (index, id) in ids.iter().enumerate() {
            let newest = (0..3).map(|back| rounds - back).find(|r| r % 3 == index as i64);
            assert_eq!(loaded.get(id).map(|end| end.end_offset), newest);
        }
        // A truncated log ends earlier than it did.
        loaded.note(&[(ids[0], end(1))]);
        assert_eq!(load(&disk).get(&ids[0]), Some(end(1)));
    }

    #[test]
    fn a_damaged_note_is_left_out_and_the_others_count() {
        let disk = new_disk();
        let ids: Vec<_> = (0..4).map(|partition| (Uuid([7; 16]), partition)).collect();
        let mut ends = load(&disk);
        ids.iter().enumerate().for_each(|(i, id)| ends.note(&[(*id, end(i as i64 + 1))]));
        let path = ends.path();
        let whole = disk.read(&path).unwrap();
        assert_eq!(whole.len(), HEADER_LENGTH + 4 * NOTE_LENGTH);
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            disk.replace(&path, &bytes, false).unwrap();
            let damaged = at.checked_sub(HEADER_LENGTH).map(|at| at / NOTE_LENGTH);
            let loaded = load(&disk);
            for (index, id) in ids.iter().enumerate() {
                let expected = damaged.filter(|d| *d != index).map(|_| end(index as i64 + 1));
                assert_eq!(loaded.get(id), expected, "byte {at}");
            }
        }
        for length in 0..whole.len() {
            disk.replace(&path, &whole[..length], false).unwrap();
            let notes = length.saturating_sub(HEADER_LENGTH) / NOTE_LENGTH;
            assert_eq!(load(&disk).ends.len(), notes);
        }
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let disk = new_disk();
        let mut header = MAGIC.to_vec();
        header.extend(1_u32.to_be_bytes());
        header.extend(1_u64.to_be_bytes());
        header.extend(crc32c::crc32c(&header).to_be_bytes());
        disk.replace(&Path::new(DIRECTORY).join(NAMES[0]), &header, false).unwrap();
        let loaded = DurableEnds::load(&disk, Path::new(DIRECTORY));
        assert!(matches!(loaded, Err(StorageError::UnknownVersion { .. })));
    }
}
