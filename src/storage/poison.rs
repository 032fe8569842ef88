//! What happens after a failed sync: nothing.
//!
//! The system may drop the pages that it could not write, tell of it once, and call the next sync
//! a success. So a sync is never tried again, nothing is acknowledged any more, and what the disk
//! holds is for the next start to find out.

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustix::io::Errno;

use super::error::StorageError;
use crate::base::disk::{DirectoryEntry, Disk, DiskFile, FileSystem, Room};
use crate::base::sabotage::{self, Bug};

/// Remembers why nothing can be promised any more; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Poison(Arc<OnceLock<Arc<str>>>);

impl Poison {
    /// # Errors
    /// [`StorageError::Poisoned`] once a sync has failed or a storage thread has died.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        match self.0.get() {
            None => Ok(()),
            Some(reason) => Err(StorageError::Poisoned(reason.clone())),
        }
    }

    /// Stops everything; the first reason is kept.
    pub(super) fn set(&self, reason: impl ToString) {
        self.0.get_or_init(|| {
            let reason = reason.to_string();
            tracing::error!(reason, "nothing more is accepted");
            reason.into()
        });
    }

    /// Syncs `path` unless a sync has failed before, and remembers if this one does.
    fn guard(&self, path: &Path, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.check().map_err(io::Error::other)?;
        sync().inspect_err(|error| {
            if !was_not_tried(error) && !sabotage::has(Bug::RetryFailedSync) {
                self.set(format_args!("cannot sync {}: {error}", path.display()));
            }
        })
    }
}

/// Whether there was nothing to sync, no descriptor to sync it with, or no such sync: a sync that was
/// begun never fails like that.
fn was_not_tried(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Unsupported)
        || is_short_of_descriptors(error)
}

/// Whether the process or the system has no more file descriptors.
pub(super) fn is_short_of_descriptors(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

/// A disk whose first failed sync is its last.
pub(super) struct FailStopDisk {
    disk: Arc<dyn Disk>,
    poison: Poison,
}

impl FailStopDisk {
    pub(super) fn new(disk: Arc<dyn Disk>, poison: Poison) -> Self {
        Self { disk, poison }
    }

    fn guarded(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(FailStopFile { path: path.into(), file, poison: self.poison.clone() })
    }
}

impl Disk for FailStopDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.disk.create_dir_all(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        self.disk.list(directory)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.guarded(path, self.disk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.guarded(path, self.disk.create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_dir_all(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.poison.guard(path, || self.disk.sync_dir(path))
    }

    fn file_system(&self, directory: &Path) -> io::Result<Box<dyn FileSystem>> {
        let file_system = self.disk.file_system(directory)?;
        let (directory, poison) = (directory.into(), self.poison.clone());
        Ok(Box::new(FailStopFileSystem { directory, file_system, poison }))
    }
}

/// The file system of a [`FailStopDisk`].
struct FailStopFileSystem {
    directory: Box<Path>,
    file_system: Box<dyn FileSystem>,
    poison: Poison,
}

impl FileSystem for FailStopFileSystem {
    fn sync(&self) -> io::Result<()> {
        self.poison.guard(&self.directory, || self.file_system.sync())
    }

    fn room(&self) -> io::Result<Option<Room>> {
        self.file_system.room()
    }
}

/// An open file of a [`FailStopDisk`].
struct FailStopFile {
    path: Box<Path>,
    file: Arc<dyn DiskFile>,
    poison: Poison,
}

impl DiskFile for FailStopFile {
    fn read_at(&self, buffer: &mut Vec<u8>, length: usize, position: u64) -> io::Result<usize> {
        self.file.read_at(buffer, length, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.file.write_at(bytes, position)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        self.file.reserve(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.poison.guard(&self.path, || self.file.sync_data())
    }

    fn drop_cache(&self, position: u64) -> io::Result<()> {
        self.file.drop_cache(position)
    }
}
