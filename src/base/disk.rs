//! The disk as the storage layer sees it: every read, write, rename and sync goes through
//! [`Disk`], so that a test can decide what survives a crash and which call fails.
//!
//! [`RealDisk`] is the operating system's, and [`ReadOnlyDisk`] for those who only look; [`MemoryDisk`] keeps everything in memory and serves
//! tests and brokers whose data need not outlive them.

#[cfg(test)]
pub(crate) mod crash;
mod memory;
mod read_only;
mod real;

use crate::base::sabotage::{self, Bug};
use std::io;
use std::path::Path;
use std::sync::Arc;

pub use memory::MemoryDisk;
pub use read_only::ReadOnlyDisk;
pub use real::RealDisk;

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name, without the directory.
    pub name: String,
    /// Whether it is a directory itself.
    pub is_directory: bool,
}

/// A place for files. What a method has done survives the process at once, a power cut only after
/// the sync that covers it.
pub trait Disk: Send + Sync {
    /// Creates a directory and those above it; no error if it exists.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory, in no order; names that are not UTF-8 are left out.
    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>>;
    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;
    /// Creates an empty file, or empties the one that is there.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;
    /// Gives a file or a directory another name; a file that has it is replaced at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a directory and all in it.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable: files created, renamed and removed.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// The file system that holds a directory.
    fn file_system(&self, directory: &Path) -> io::Result<Box<dyn FileSystem>>;

    /// All of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path)?;
        let length = usize::try_from(file.len()?).map_err(io::Error::other)?;
        let mut contents = Vec::new();
        file.read_at(&mut contents, length, 0)?;
        Ok(contents)
    }

    /// Gives a file new contents in one step: after a crash it has the old ones or the new ones.
    /// With `durably` the new ones survive a power cut once this returns.
    fn replace(&self, path: &Path, contents: &[u8], durably: bool) -> io::Result<()> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let temporary = Path::new(&temporary);
        let file = self.create(temporary)?;
        file.write_at(contents, 0)?;
        if durably && !sabotage::has(Bug::RenameBeforeSync) {
            file.sync_data()?;
        }
        self.rename(temporary, path)?;
        match path.parent() {
            Some(directory) if durably => self.sync_dir(directory),
            _ => Ok(()),
        }
    }
}

/// A file system as a whole. Errors that it met since this value was made are told by the next sync.
pub trait FileSystem: Send + Sync {
    /// Makes durable what all its files and directories hold: one wait instead of one for each.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported) where that cannot be asked for; nothing was done
    /// then. After any other error the contents of all files are undefined, as with
    /// [`DiskFile::sync_data`].
    fn sync(&self) -> io::Result<()>;
    /// How much room there is; `None` if it is never full.
    fn room(&self) -> io::Result<Option<Room>>;
}

/// Room of a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What this process may still use.
    pub free: u64,
    /// All there is, used or not.
    pub total: u64,
}

/// An open file. Positions count from its start; reads and writes may run at the same time.
pub trait DiskFile: Send + Sync {
    /// Appends up to `length` bytes from `position` on to `buffer`; fewer only at the end of the
    /// file. Returns how many.
    fn read_at(&self, buffer: &mut Vec<u8>, length: usize, position: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at `position`, growing the file as needed.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;
    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Whether there is nothing in it.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Sees to it that there is room for the first `length` bytes, without growing the file: writing
    /// them will not fail for lack of space. What is not used is given back by
    /// [`DiskFile::set_len`], also to the length that the file has. Where that cannot be promised
    /// nothing happens.
    fn reserve(&self, _length: u64) -> io::Result<()> {
        Ok(())
    }
    /// Cuts the file, or grows it with zeros.
    fn set_len(&self, length: u64) -> io::Result<()>;
    /// Makes contents and length durable.
    ///
    /// After an error the contents are undefined; calling again proves nothing.
    fn sync_data(&self) -> io::Result<()>;
    /// Forgets what memory holds of the file from `position` on, as far as it is synced: the next
    /// read tells what the disk has. After a sync that failed, the two may differ.
    fn drop_cache(&self, position: u64) -> io::Result<()>;
}
