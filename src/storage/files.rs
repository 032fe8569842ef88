//! Segment files, opened on demand, with a bound on how many are open.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use crate::base::disk::{Disk, DiskFile};

/// What a file of a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// The batches.
    Log,
    /// Offsets to positions.
    Index,
    /// Timestamps to offsets.
    TimeIndex,
    /// Checksums of the batches' headers.
    Sums,
    /// Producer state up to the base offset.
    Snapshot,
}

impl FileKind {
    const ALL: [Self; 5] = [Self::Log, Self::Index, Self::TimeIndex, Self::Sums, Self::Snapshot];

    /// The file's extension, with its dot.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::Index => ".index",
            Self::TimeIndex => ".timeindex",
            Self::Sums => ".kfsum",
            Self::Snapshot => ".snapshot",
        }
    }

    /// What a file of this name holds, and its base offset; `None` if it is no segment's file.
    pub(super) fn of(name: &str) -> Option<(Self, i64)> {
        let (digits, _) = name.split_at_checked(20)?;
        let base_offset = digits.parse().ok().filter(|offset| *offset >= 0)?;
        let kind =
            Self::ALL.into_iter().find(|kind| name.strip_prefix(digits) == Some(kind.suffix()));
        kind.map(|kind| (kind, base_offset))
    }

    /// The file's path: its base offset in 20 digits and the extension.
    pub(super) fn path(self, directory: &Path, base_offset: i64) -> PathBuf {
        directory.join(format!("{base_offset:020}{}", self.suffix()))
    }
}

/// How far a file is on its way into its log or out of it; its name tells by what it ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Written by compaction, and not complete: a crash makes it worthless.
    Cleaned,
    /// Complete: it takes the place of the segments whose offsets it has, if need be at the next
    /// start.
    Swap,
    /// Part of the log.
    Live,
    /// No part of the log any more, kept for those who still read it.
    Deleted,
}

impl Stage {
    /// What the file's name ends in.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Cleaned => ".cleaned",
            Self::Swap => ".swap",
            Self::Live => "",
            Self::Deleted => ".deleted",
        }
    }
}

/// Keeps the most recently used files open, up to a bound. A file that is in use while it is
/// pushed out stays open until its user is done.
pub(super) struct FileCache {
    disk: Arc<dyn Disk>,
    capacity: usize,
    open: Mutex<OpenFiles>,
}

#[derive(Default)]
struct OpenFiles {
    files: HashMap<u64, (Arc<dyn DiskFile>, u64)>,
    /// Counts uses; the file with the smallest count is the one used least recently.
    uses: u64,
    next_id: u64,
}

impl FileCache {
    pub(super) fn new(disk: Arc<dyn Disk>, capacity: usize) -> Arc<Self> {
        Arc::new(Self { disk, capacity: capacity.max(1), open: Mutex::default() })
    }

    /// The disk that the files are on.
    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Names a file; it is neither opened nor created.
    pub(super) fn file(
        self: &Arc<Self>,
        directory: &Arc<LogDirectory>,
        base_offset: i64,
        kind: FileKind,
    ) -> Arc<StoredFile> {
        let mut open = self.open();
        open.next_id += 1;
        Arc::new(StoredFile {
            id: open.next_id,
            directory: directory.clone(),
            base_offset,
            kind,
            stage: RwLock::new(Stage::Live),
            removed: AtomicBool::new(false),
            cache: self.clone(),
        })
    }

    fn open(&self) -> MutexGuard<'_, OpenFiles> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, id: u64, file: &Arc<dyn DiskFile>) {
        let mut open = self.open();
        open.uses += 1;
        let now = open.uses;
        if open.files.len() >= self.capacity {
            // A walk over the map is cheap next to the open that comes before it.
            let oldest = open.files.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
            oldest.map(|id| open.files.remove(&id));
        }
        open.files.insert(id, (file.clone(), now));
    }
}

/// The directory of one log, as long as the log has it. When the log is deleted, a successor of the
/// same name may stand at the same path: nothing of this log may reach that.
#[derive(Debug)]
pub(super) struct LogDirectory {
    path: PathBuf,
    is_given_up: RwLock<bool>,
}

impl LogDirectory {
    pub(super) fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self { path, is_given_up: RwLock::new(false) })
    }

    /// Uses a path in the directory; not found once it is given up.
    fn while_ours<T>(&self, by_path: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let is_given_up = self.is_given_up.read().unwrap_or_else(PoisonError::into_inner);
        match *is_given_up {
            true => Err(io::ErrorKind::NotFound.into()),
            false => by_path(),
        }
    }

    fn is_given_up(&self) -> bool {
        *self.is_given_up.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the path up by moving the directory away.
    pub(super) fn give_up(&self, rename: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut is_given_up = self.is_given_up.write().unwrap_or_else(PoisonError::into_inner);
        rename()?;
        *is_given_up = true;
        Ok(())
    }
}

impl Deref for LogDirectory {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// One file of a segment, open or not.
pub(super) struct StoredFile {
    id: u64,
    directory: Arc<LogDirectory>,
    base_offset: i64,
    kind: FileKind,
    stage: RwLock<Stage>,
    removed: AtomicBool,
    cache: Arc<FileCache>,
}

impl StoredFile {
    /// A number that no other file of this process has.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn path(&self) -> PathBuf {
        self.path_at(*self.stage())
    }

    fn path_at(&self, stage: Stage) -> PathBuf {
        let mut path = self.kind.path(&self.directory, self.base_offset).into_os_string();
        if stage == Stage::Deleted {
            // There may be several of one offset: what compaction made of a segment may have been
            // compacted again.
            path.push(format!(".{}", self.id));
        }
        path.push(stage.suffix());
        path.into()
    }

    fn stage(&self) -> RwLockReadGuard<'_, Stage> {
        self.stage.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open file.
    pub(super) fn get(&self) -> io::Result<Arc<dyn DiskFile>> {
        {
            let mut open = self.cache.open();
            open.uses += 1;
            let now = open.uses;
            if let Some((file, used)) = open.files.get_mut(&self.id) {
                *used = now;
                return Ok(file.clone());
            }
        }
        // Held, so that the file keeps its name until it is open.
        let stage = self.stage();
        let file = self.directory.while_ours(|| self.cache.disk.open(&self.path_at(*stage)))?;
        self.cache.insert(self.id, &file);
        Ok(file)
    }

    /// Gives the file new contents in one step.
    pub(super) fn replace(&self, contents: &[u8], durably: bool) -> io::Result<()> {
        self.cache.open().files.remove(&self.id);
        self.cache.disk.replace(&self.path(), contents, durably)
    }

    /// The disk that it is on.
    pub(super) fn disk(&self) -> &dyn Disk {
        self.cache.disk()
    }

    /// The open file, created empty.
    pub(super) fn create(&self) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.directory.while_ours(|| self.cache.disk.create(&self.path()))?;
        self.cache.insert(self.id, &file);
        Ok(file)
    }

    /// Says at which stage a file begins that does not exist yet, if not as part of its log.
    pub(super) fn begin_at(&self, stage: Stage) {
        *self.stage.write().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    /// Gives the file the name of another stage; no error if it was never created. Whoever has it
    /// open or opens it later still reads it.
    pub(super) fn move_to(&self, stage: Stage) -> io::Result<()> {
        let mut current = self.stage.write().unwrap_or_else(PoisonError::into_inner);
        if *current == stage {
            return Ok(());
        }
        let (from, to) = (self.path_at(*current), self.path_at(stage));
        match self.directory.while_ours(|| self.cache.disk.rename(&from, &to)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => *current = stage,
        }
        Ok(())
    }

    /// Says that the file is about to lose its name, so that errors of later uses are expected.
    pub(super) fn set_removed(&self) {
        self.removed.store(true, Ordering::Release);
    }

    /// Whether it has lost its name, or its directory has.
    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Acquire) || self.directory.is_given_up()
    }

    /// Removes the file; no error if it was never created.
    pub(super) fn remove(&self) -> io::Result<()> {
        self.set_removed();
        self.cache.open().files.remove(&self.id);
        match self.directory.while_ours(|| self.cache.disk.remove_file(&self.path())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        self.cache.open().files.remove(&self.id);
    }
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::disk::MemoryDisk;

    #[test]
    fn file_names_tell_kind_and_base_offset() {
        for kind in FileKind::ALL {
            let path = kind.path(Path::new("/data"), 1234);
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(FileKind::of(name), Some((kind, 1234)));
        }
        for name in ["", "1.log", "-0000000000000000001.log", "00000000000000000001.log.deleted"] {
            assert_eq!(FileKind::of(name), None, "{name}");
        }
    }

    #[test]
    fn no_more_files_stay_open_than_allowed() {
        let disk = Arc::new(MemoryDisk::new());
        let directory = LogDirectory::new("/data".into());
        disk.create_dir_all(&directory).unwrap();
        let cache = FileCache::new(disk, 2);
        let files: Vec<_> =
            (0..3).map(|offset| cache.file(&directory, offset, FileKind::Log)).collect();
        files.iter().for_each(|file| drop(file.create().unwrap()));
        let is_open = |file: &StoredFile| cache.open().files.contains_key(&file.id);
        assert_eq!(files.iter().map(|f| is_open(f)).collect::<Vec<_>>(), [false, true, true]);
        files[1].get().unwrap();
        files[0].get().unwrap();
        assert_eq!(files.iter().map(|f| is_open(f)).collect::<Vec<_>>(), [true, true, false]);
        drop(files);
        assert!(cache.open().files.is_empty(), "a file that nobody names is closed");
    }

    #[test]
    fn a_file_that_gets_another_name_is_still_read_and_removed() {
        let disk = Arc::new(MemoryDisk::new());
        let directory = LogDirectory::new("/data".into());
        disk.create_dir_all(&directory).unwrap();
        let cache = FileCache::new(disk.clone(), 1);
        let file = cache.file(&directory, 7, FileKind::Log);
        file.create().unwrap().write_at(b"abc", 0).unwrap();
        file.move_to(Stage::Deleted).unwrap();
        // The cache has room for one, so this one has to be opened again.
        cache.file(&directory, 8, FileKind::Log).create().unwrap();
        assert_eq!(file.get().unwrap().len().unwrap(), 3);
        let name = file.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("00000000000000000007.log.") && name.ends_with(".deleted"));
        file.remove().unwrap();
        assert_eq!(disk.list(&directory).unwrap().len(), 1);
        let never_created = cache.file(&directory, 9, FileKind::Index);
        never_created.move_to(Stage::Deleted).unwrap();
    }
}
