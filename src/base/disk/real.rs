//! The operating system's disk.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Advice, FallocateFlags, fadvise, fallocate, fstatvfs, syncfs};
use rustix::io::Errno;

use super::{DirectoryEntry, Disk, DiskFile, FileSystem, Room};

/// The first Linux whose `syncfs` tells that a write failed.
const SYNCFS_TELLS_ERRORS: (u32, u32) = (5, 8);
/// No page of memory is larger than this on the machines that this runs on.
const LARGEST_PAGE: u64 = 64 << 10;

/// Files and directories of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let is_directory = entry.file_type()?.is_dir();
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(DirectoryEntry { name, is_directory });
            }
        }
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(RealFile(OpenOptions::new().read(true).write(true).open(path)?)))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Arc::new(RealFile(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn file_system(&self, directory: &Path) -> io::Result<Box<dyn FileSystem>> {
        Ok(Box::new(RealFileSystem(File::open(directory)?)))
    }
}

/// A directory that is kept open: the system tells an error once to each that has been watching.
#[derive(Debug)]
struct RealFileSystem(File);

impl FileSystem for RealFileSystem {
    fn sync(&self) -> io::Result<()> {
        match linux_version() {
            Some(version) if version >= SYNCFS_TELLS_ERRORS => Ok(syncfs(&self.0)?),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn room(&self) -> io::Result<Option<Room>> {
        let found = fstatvfs(&self.0)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        Ok(Some(Room { free: bytes(found.f_bavail), total: bytes(found.f_blocks) }))
    }
}

/// Major and minor version of the running Linux; `None` on another system.
fn linux_version() -> Option<(u32, u32)> {
    let system = rustix::system::uname();
    let release = system.release().to_str().ok()?;
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (system.sysname().to_bytes() == b"Linux").then_some((major, minor))
}

#[derive(Debug)]
pub(super) struct RealFile(pub(super) File);

impl DiskFile for RealFile {
    fn read_at(&self, buffer: &mut Vec<u8>, length: usize, position: u64) -> io::Result<usize> {
        let start = buffer.len();
        // Reading into spare capacity saves zeroing what is overwritten at once.
        buffer.reserve_exact(length);
        while buffer.len() - start < length {
            let position = position + (buffer.len() - start) as u64;
            let spare = rustix::buffer::spare_capacity(buffer);
            match rustix::io::pread(&self.0, spare, position) {
                Ok(0) => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        buffer.truncate(start + length);
        Ok(buffer.len() - start)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, position)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        match fallocate(&self.0, FallocateFlags::KEEP_SIZE, 0, length) {
            Err(Errno::OPNOTSUPP) => Ok(()),
            result => Ok(result?),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn drop_cache(&self, position: u64) -> io::Result<()> {
        // Pages are forgotten as a whole, so the one that holds the position has to go as well.
        let start = position - position % LARGEST_PAGE;
        Ok(fadvise(&self.0, start, None, Advice::DontNeed)?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn what_is_reserved_takes_room_without_length_until_it_is_given_back() {
        const RESERVED: u64 = 1 << 20;
        let path = std::env::temp_dir().join(format!("kf-reserve-{}", std::process::id()));
        let file = RealDisk.create(&path).unwrap();
        let room = || fs::metadata(&path).unwrap().blocks() * 512;
        file.reserve(RESERVED).unwrap();
        file.write_at(b"hello", 0).unwrap();
        assert_eq!(file.len().unwrap(), 5);
        // Some file systems reserve nothing.
        let reserved = room();
        assert!(reserved >= RESERVED || reserved <= LARGEST_PAGE, "{reserved}");
        file.set_len(5).unwrap();
        assert!(room() <= LARGEST_PAGE, "{}", room());
        assert_eq!(RealDisk.read(&path).unwrap(), b"hello");
        fs::remove_file(&path).unwrap();
    }
}
