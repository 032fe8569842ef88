//! `NNN.log.damaged`: the bytes that repairs took out of a log, for whoever can make something of
//! them.
//!
//! One piece after the other: a line of text, the bytes, a line feed. The line has `kf-damaged 0`
//! (the version), the first offset, the offset after the last one, the position that the bytes had
//! in the log, how many there are, and their CRC-32C in decimal. Pieces that are there already are
//! not written again, so a repair can be repeated.

use std::io;
use std::sync::Arc;

use crate::base::disk::DiskFile;
use crate::storage::damage::DamagedRange;
use crate::storage::error::StorageError;
use crate::storage::files::FileKind;
use crate::storage::log::LogHome;

const MARK: &str = "kf-damaged 0";
/// No line is longer.
const LINE_MAX: usize = 200;
/// Bytes that are copied at a time.
const CHUNK: u64 = 1 << 20;

/// Copies what stands in damaged ranges of a segment, durably.
pub(super) fn keep(
    home: &LogHome,
    base_offset: i64,
    damage: &[DamagedRange],
) -> Result<(), StorageError> {
    if damage.iter().all(|range| range.position >= range.end_position) {
        return Ok(());
    }
    let log = home.cache.file(&home.directory, base_offset, FileKind::Log);
    let mut path = log.path().into_os_string();
    path.push(".damaged");
    let disk = home.cache.disk();
    let copied = log.get().and_then(|log| {
        let kept = match disk.open(path.as_ref()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => disk.create(path.as_ref())?,
            opened => opened?,
        };
        append(&*log, &kept, damage)?;
        disk.sync_dir(&home.directory)
    });
    copied.map_err(StorageError::io(path.as_ref()))
}

fn append(log: &dyn DiskFile, kept: &Arc<dyn DiskFile>, damage: &[DamagedRange]) -> io::Result<()> {
    let (known, mut end) = pieces(&**kept)?;
    kept.set_len(end)?;
    for range in damage.iter().filter(|range| range.position < range.end_position) {
        let DamagedRange { start_offset, end_offset, position, end_position } = range;
        let length = end_position - position;
        let mut crc = 0;
        copy(log, *position, length, |bytes, _| {
            crc = crc32c::crc32c_append(crc, bytes);
            Ok(())
        })?;
        let line = format!("{MARK} {start_offset} {end_offset} {position} {length} {crc}\n");
        if known.contains(&line) {
            continue;
        }
        kept.write_at(line.as_bytes(), end)?;
        end += line.len() as u64;
        copy(log, *position, length, |bytes, at| kept.write_at(bytes, end + at))?;
        kept.write_at(b"\n", end + length)?;
        end += length + 1;
    }
    kept.sync_data()
}

/// The lines of the pieces that are whole, and where the last one ends.
fn pieces(kept: &dyn DiskFile) -> io::Result<(Vec<String>, u64)> {
    let (mut lines, mut end) = (Vec::new(), 0);
    loop {
        let mut bytes = Vec::new();
        kept.read_at(&mut bytes, LINE_MAX, end)?;
        let Some((line, next)) = piece(&bytes, end) else { return Ok((lines, end)) };
        if next > kept.len()? {
            return Ok((lines, end));
        }
        lines.push(line);
        end = next;
    }
}

/// The line of the piece at `start`, and where the next piece is.
fn piece(bytes: &[u8], start: u64) -> Option<(String, u64)> {
    let length = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    let line = std::str::from_utf8(bytes.get(..length)?).ok()?;
    let numbers = line.strip_prefix(MARK)?;
    let bytes: u64 = numbers.split_whitespace().nth(3)?.parse().ok()?;
    Some((line.to_owned(), start.checked_add(length as u64)?.checked_add(bytes)?.checked_add(1)?))
}

/// Reads part of a file, and gives each chunk on with its place in the part.
pub(super) fn copy(
    file: &dyn DiskFile,
    position: u64,
    length: u64,
    mut take: impl FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<()> {
    let (mut done, mut bytes) = (0, Vec::new());
    while done < length {
        bytes.clear();
        let chunk = CHUNK.min(length - done) as usize;
        if file.read_at(&mut bytes, chunk, position + done)? < chunk {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        take(&bytes, done)?;
        done += chunk as u64;
    }
    Ok(())
}
