//! A disk in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::{DirectoryEntry, Disk, DiskFile, FileSystem, Room};

/// Files and directories that live as long as this value and its clones.
///
/// As on Unix, an open file outlives its name.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    names: Arc<Mutex<Names>>,
}

#[derive(Debug, Default)]
struct Names {
    directories: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, Arc<MemoryFile>>,
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_found(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} does not exist", path.display()))
}

impl Names {
    fn require_directory(&self, path: &Path) -> io::Result<()> {
        if self.directories.contains(path) { Ok(()) } else { Err(not_found(path)) }
    }
}

impl Disk for MemoryDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.names().directories.extend(path.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let names = self.names();
        names.require_directory(directory)?;
        let child = |path: &PathBuf, is_directory| {
            let name = path.file_name()?.to_str()?.to_owned();
            (path.parent() == Some(directory)).then_some(DirectoryEntry { name, is_directory })
        };
        let directories = names.directories.iter().filter_map(|path| child(path, true));
        let files = names.files.keys().filter_map(|path| child(path, false));
        Ok(directories.chain(files).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        match self.names().files.get(path) {
            Some(file) => Ok(file.clone()),
            None => Err(not_found(path)),
        }
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut names = self.names();
        names.require_directory(path.parent().unwrap_or(path))?;
        let file = names.files.entry(path.to_path_buf()).or_default().clone();
        file.set_len(0)?;
        Ok(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut names = self.names();
        names.require_directory(to.parent().unwrap_or(to))?;
        if let Some(file) = names.files.remove(from) {
            names.files.insert(to.to_path_buf(), file);
            return Ok(());
        }
        names.require_directory(from)?;
        let moved = |path: &Path| match path.strip_prefix(from) {
            Ok(rest) if rest.as_os_str().is_empty() => to.to_path_buf(),
            Ok(rest) => to.join(rest),
            Err(_) => path.to_path_buf(),
        };
        names.directories = names.directories.iter().map(|path| moved(path)).collect();
        names.files =
            std::mem::take(&mut names.files).into_iter().map(|(p, f)| (moved(&p), f)).collect();
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.names().files.remove(path).map(drop).ok_or_else(|| not_found(path))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut names = self.names();
        names.require_directory(path)?;
        names.directories.retain(|directory| !directory.starts_with(path));
        names.files.retain(|file, _| !file.starts_with(path));
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.names().require_directory(path)
    }

    fn file_system(&self, directory: &Path) -> io::Result<Box<dyn FileSystem>> {
        self.names().require_directory(directory)?;
        Ok(Box::new(self.clone()))
    }
}

impl FileSystem for MemoryDisk {
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn room(&self) -> io::Result<Option<Room>> {
        Ok(None)
    }
}

#[derive(Debug, Default)]
struct MemoryFile {
    contents: RwLock<Vec<u8>>,
}

impl DiskFile for MemoryFile {
    fn read_at(&self, buffer: &mut Vec<u8>, length: usize, position: u64) -> io::Result<usize> {
        let contents = self.contents.read().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(contents.len());
        let end = start.saturating_add(length).min(contents.len());
        buffer.extend_from_slice(&contents[start..end]);
        Ok(end - start)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(position).map_err(io::Error::other)?;
        let overlap = contents.len().saturating_sub(start).min(bytes.len());
        if contents.len() < start {
            contents.resize(start, 0);
        }
        contents[start..start + overlap].copy_from_slice(&bytes[..overlap]);
        contents.extend_from_slice(&bytes[overlap..]);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.contents.read().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.contents.write().unwrap_or_else(PoisonError::into_inner).resize(length, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn drop_cache(&self, _position: u64) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::RealDisk;
    use super::super::crash::CrashDisk;
    use super::*;

    fn exercise(disk: &dyn Disk, root: &Path) {
        let directory = root.join("a/b");
        assert!(disk.create(&directory.join("early")).is_err());
        disk.create_dir_all(&directory).unwrap();
        disk.create_dir_all(&directory).unwrap();
        let path = directory.join("file");
        assert_eq!(disk.open(&path).err().unwrap().kind(), io::ErrorKind::NotFound);
        let file = disk.create(&path).unwrap();
        file.write_at(b"world", 6).unwrap();
        file.write_at(b"hello", 0).unwrap();
        file.write_at(b" W", 5).unwrap();
        assert_eq!(disk.read(&path).unwrap(), b"hello World");
        let mut buffer = b"> ".to_vec();
        assert_eq!(file.read_at(&mut buffer, 100, 6).unwrap(), 5);
        assert_eq!(buffer, b"> World");
        assert_eq!(file.read_at(&mut buffer, 100, 100).unwrap(), 0);
        file.set_len(5).unwrap();
        file.sync_data().unwrap();
        disk.replace(&directory.join("other"), b"new", true).unwrap();

        let moved = root.join("a/moved");
        disk.rename(&directory, &moved).unwrap();
        let mut names: Vec<_> = disk.list(&moved).unwrap();
        names.sort_by(|a, b| a.name.cmp(&b.name));
        let entry = |name: &str| DirectoryEntry { name: name.into(), is_directory: false };
        assert_eq!(names, [entry("file"), entry("other")]);
        disk.remove_file(&moved.join("file")).unwrap();
        assert_eq!(file.len().unwrap(), 5, "an open file outlives its name");
        disk.remove_dir_all(&moved).unwrap();
        assert!(disk.list(&moved).is_err());
        assert_eq!(disk.list(&root.join("a")).unwrap(), []);
    }

    #[test]
    fn memory_and_the_operating_system_do_the_same() {
        exercise(&MemoryDisk::new(), Path::new("/root"));
        exercise(&CrashDisk::default(), Path::new("/root"));
        let root = std::env::temp_dir().join(format!("kf-disk-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        exercise(&RealDisk, &root);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
