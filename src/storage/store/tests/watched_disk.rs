//! A disk in memory that counts syncs and open files, and lets syncs fail or wait.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use crate::base::disk::{DirectoryEntry, Disk, DiskFile, FileSystem, MemoryDisk, Room};

#[derive(Default)]
pub(super) struct WatchedDisk {
    disk: MemoryDisk,
    watch: Arc<Watch>,
}

#[derive(Default)]
struct Watch {
    syncs: Mutex<Syncs>,
    changed: Condvar,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

#[derive(Default)]
struct Syncs {
    done: Vec<String>,
    fail: bool,
    hold: bool,
}

impl Watch {
    fn sync(&self, path: &Path) -> io::Result<()> {
        let mut syncs = self.syncs.lock().unwrap();
        while syncs.hold {
            syncs = self.changed.wait(syncs).unwrap();
        }
        if syncs.fail {
            return Err(io::Error::other("a sync that was told to fail"));
        }
        syncs.done.push(path.to_str().unwrap().to_owned());
        Ok(())
    }

    fn opened(self: &Arc<Self>, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        Arc::new(WatchedFile { path: path.into(), file, watch: self.clone() })
    }
}

impl WatchedDisk {
    /// What was synced, in order.
    pub(super) fn synced(&self) -> Vec<String> {
        self.watch.syncs.lock().unwrap().done.clone()
    }

    pub(super) fn fail_syncs(&self, fail: bool) {
        self.watch.syncs.lock().unwrap().fail = fail;
    }

    pub(super) fn hold_syncs(&self) {
        self.watch.syncs.lock().unwrap().hold = true;
    }

    pub(super) fn release_syncs(&self) {
        self.watch.syncs.lock().unwrap().hold = false;
        self.watch.changed.notify_all();
    }

    /// The largest number of files that were open at a time.
    pub(super) fn most_open(&self) -> usize {
        self.watch.most_open.load(Ordering::SeqCst)
    }
}

impl Disk for WatchedDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.disk.create_dir_all(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        self.disk.list(directory)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.watch.opened(path, self.disk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.watch.opened(path, self.disk.create(path)?))
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
        self.watch.sync(path)?;
        self.disk.sync_dir(path)
    }

    fn file_system(&self, directory: &Path) -> io::Result<Box<dyn FileSystem>> {
        Ok(Box::new(WatchedFileSystem { path: directory.into(), watch: self.watch.clone() }))
    }
}

struct WatchedFileSystem {
    path: Box<Path>,
    watch: Arc<Watch>,
}

impl FileSystem for WatchedFileSystem {
    fn sync(&self) -> io::Result<()> {
        self.watch.sync(&self.path)
    }

    fn room(&self) -> io::Result<Option<Room>> {
        Ok(None)
    }
}

struct WatchedFile {
    path: Box<Path>,
    file: Arc<dyn DiskFile>,
    watch: Arc<Watch>,
}

impl DiskFile for WatchedFile {
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

    fn sync_data(&self) -> io::Result<()> {
        self.watch.sync(&self.path)?;
        self.file.sync_data()
    }

    fn drop_cache(&self, position: u64) -> io::Result<()> {
        self.file.drop_cache(position)
    }
}

impl Drop for WatchedFile {
    fn drop(&mut self) {
        self.watch.open.fetch_sub(1, Ordering::SeqCst);
    }
}
