//! The operating system's disk, to be looked at.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::real::RealFile;
use super::{DirectoryEntry, Disk, DiskFile, FileSystem, RealDisk};

/// The files and directories of the operating system, of which none can be changed: files are
/// opened for reading alone, and all that would change something is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOnlyDisk;

fn refused<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Disk for ReadOnlyDisk {
    fn create_dir_all(&self, _path: &Path) -> io::Result<()> {
        refused()
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        RealDisk.list(directory)
    }

    /// Opens an existing file for reading; writes to it fail.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(RealFile(File::open(path)?)))
    }

    fn create(&self, _path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        refused()
    }

    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        refused()
    }

    fn remove_file(&self, _path: &Path) -> io::Result<()> {
        refused()
    }

    fn remove_dir_all(&self, _path: &Path) -> io::Result<()> {
        refused()
    }

    fn sync_dir(&self, _path: &Path) -> io::Result<()> {
        refused()
    }

    fn file_system(&self, _directory: &Path) -> io::Result<Box<dyn FileSystem>> {
        refused()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_nothing_can_be_changed() {
        let directory = std::env::temp_dir().join(format!("kf-read-only-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("file");
        std::fs::write(&path, "hello").unwrap();

        let disk = ReadOnlyDisk;
        assert_eq!(disk.read(&path).unwrap(), b"hello");
        assert_eq!(disk.list(&directory).unwrap().len(), 1);
        let file = disk.open(&path).unwrap();
        assert!(file.write_at(b"x", 0).is_err() && file.set_len(0).is_err());
        assert!(disk.create(&directory.join("new")).is_err());
        assert!(disk.replace(&path, b"x", false).is_err());
        assert!(disk.remove_file(&path).is_err() && disk.rename(&path, &directory).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"hello");
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
