//! The parts of a segment that do not hold what was written to them.
//!
//! Damage is never repaired by cutting: what is intact before and after it is served, what lies in
//! it is refused, and its bytes stay for whoever can make something of them. Most damage is found
//! when it is read. What a reader could not find again, because bytes are missing, is written down
//! in the partition's `kf-damage` file when the log is opened.

use std::fmt::Write;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use super::error::StorageError;
use crate::base::disk::Disk;

/// The file in a partition's directory.
pub(super) const FILE_NAME: &str = "kf-damage";
const VERSION: &str = "0";

/// Offsets that cannot be read, and the bytes where they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DamagedRange {
    pub(super) start_offset: i64,
    /// The first offset after it.
    pub(super) end_offset: i64,
    /// Where it starts in the log file.
    pub(super) position: u64,
    /// Where the next batch starts; the same as `position` if the bytes are missing.
    pub(super) end_position: u64,
}

/// What is known to be damaged in one segment; readers add what they find.
#[derive(Debug, Default)]
pub(super) struct Damage(RwLock<Vec<DamagedRange>>);

impl Damage {
    /// Adds a range. Returns false if it was known.
    pub(super) fn note(&self, range: DamagedRange) -> bool {
        let mut ranges = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if ranges.contains(&range) {
            return false;
        }
        ranges.push(range);
        ranges.sort_unstable_by_key(|range| range.start_offset);
        true
    }

    /// All ranges, by offset.
    pub(super) fn ranges(&self) -> Vec<DamagedRange> {
        self.read(|ranges| ranges.to_vec())
    }

    /// The first range that holds some of these offsets.
    pub(super) fn holding(&self, offsets: Range<i64>) -> Option<DamagedRange> {
        let holds = |range: &&DamagedRange| {
            range.start_offset < offsets.end && offsets.start < range.end_offset
        };
        self.read(|ranges| ranges.iter().find(holds).copied())
    }

    /// The range to be passed over by a walk that stands at `position` and expects `next_offset`.
    pub(super) fn starting_at(&self, position: u64, next_offset: i64) -> Option<DamagedRange> {
        let starts =
            |range: &&DamagedRange| range.position == position && next_offset < range.end_offset;
        self.read(|ranges| ranges.iter().find(starts).copied())
    }

    /// The first damaged offset from `offset` on.
    pub(super) fn first_after(&self, offset: i64) -> Option<i64> {
        let follows = |start: &i64| *start >= offset;
        self.read(|ranges| ranges.iter().map(|range| range.start_offset).find(follows))
    }

    fn read<T>(&self, look: impl FnOnce(&[DamagedRange]) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads a partition's file: damaged ranges, each with the base offset of its segment. Without a
/// file there are none.
///
/// # Errors
/// An unknown version, a damaged file, or one that cannot be read.
pub(super) fn load(
    disk: &dyn Disk,
    directory: &Path,
) -> Result<Vec<(i64, DamagedRange)>, StorageError> {
    let path = directory.join(FILE_NAME);
    let bytes = match disk.read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StorageError::io(&path)(error)),
    };
    let damaged = || StorageError::corrupt(&path, 0, "not a list of damaged ranges");
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged())?;
    let (body, crc) = text.trim_end().rsplit_once('\n').ok_or_else(damaged)?;
    if crc.parse() != Ok(crc32c::crc32c(body.as_bytes())) {
        return Err(damaged());
    }
    let mut lines = body.lines();
    match lines.next() {
        Some(VERSION) => lines.map(parse_line).collect::<Option<_>>().ok_or_else(damaged),
        version => {
            let version = version.unwrap_or_default().to_owned();
            Err(StorageError::UnknownVersion { path: path.clone(), version })
        }
    }
}

fn parse_line(line: &str) -> Option<(i64, DamagedRange)> {
    let mut words = line.split(' ');
    let mut number = || words.next()?.parse::<i64>().ok();
    let base_offset = number()?;
    let range = DamagedRange {
        start_offset: number()?,
        end_offset: number()?,
        position: number()?.try_into().ok()?,
        end_position: number()?.try_into().ok()?,
    };
    Some((base_offset, range))
}

/// Writes a partition's file; with nothing to write, there is none.
pub(super) fn store(
    disk: &dyn Disk,
    directory: &Path,
    damage: &[(i64, DamagedRange)],
    durably: bool,
) -> Result<(), StorageError> {
    let path = directory.join(FILE_NAME);
    if damage.is_empty() {
        return match disk.remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StorageError::io(&path)(error))
            }
            _ => Ok(()),
        };
    }
    let mut text = VERSION.to_owned();
    for (base_offset, range) in damage {
        let DamagedRange { start_offset, end_offset, position, end_position } = range;
        // Writing to a string does not fail.
        let _ =
            write!(text, "\n{base_offset} {start_offset} {end_offset} {position} {end_position}");
    }
    let crc = crc32c::crc32c(text.as_bytes());
    let _ = writeln!(text, "\n{crc}");
    disk.replace(&path, text.as_bytes(), durably).map_err(StorageError::io(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::disk::MemoryDisk;

    const RANGE: DamagedRange =
        DamagedRange { start_offset: 10, end_offset: 13, position: 500, end_position: 700 };
    const MISSING: DamagedRange =
        DamagedRange { start_offset: 20, end_offset: 30, position: 900, end_position: 900 };

    #[test]
    fn a_range_is_found_by_what_it_holds_and_where_it_starts() {
        let damage = Damage::default();
        assert!(damage.note(MISSING) && damage.note(RANGE) && !damage.note(RANGE));
        assert_eq!(damage.ranges(), [RANGE, MISSING]);
        assert_eq!(
            [9, 10, 12, 13].map(|o| damage.holding(o..o + 1).is_some()),
            [false, true, true, false]
        );
        assert_eq!(damage.starting_at(500, 10), Some(RANGE));
        assert_eq!(damage.starting_at(900, 20), Some(MISSING));
        assert_eq!(damage.starting_at(900, 30), None, "it was passed over");
        assert_eq!(
            [9, 10, 11, 21].map(|o| damage.first_after(o)),
            [Some(10), Some(10), Some(20), None]
        );
    }

    #[test]
    fn the_file_survives_and_a_flipped_bit_in_it_is_noticed() {
        let (disk, directory) = (MemoryDisk::new(), Path::new("/data/t-0"));
        disk.create_dir_all(directory).unwrap();
        assert_eq!(load(&disk, directory).unwrap(), []);
        let damage = [(0, RANGE), (20, MISSING)];
        store(&disk, directory, &damage, true).unwrap();
        assert_eq!(load(&disk, directory).unwrap(), damage);
        let path = directory.join(FILE_NAME);
        let whole = disk.read(&path).unwrap();
        for at in 0..whole.len() - 1 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            disk.replace(&path, &bytes, true).unwrap();
            assert!(load(&disk, directory).is_err(), "byte {at}");
        }
        store(&disk, directory, &[], true).unwrap();
        assert_eq!(load(&disk, directory).unwrap(), []);
    }
}
