//! A disk in memory whose power can be cut after any operation, and whose calls can fail.
//!
//! It keeps what the system sees apart from what is durable. A sync of a file makes its contents
//! and length durable, a sync of a directory the names in it, and nothing else does. Of what is
//! not synced, a crash keeps any part that a disk may keep:
//!
//! - each sector of a file as it was at any time since the last sync, the length likewise; what
//!   lies below the length and was never written is zeros, or whatever stood there before;
//! - each change of a directory or none; changes of the same name in their order, a rename as a
//!   whole.
//!
//! When a sync of a file fails, what it should have written is lost, but reads go on to show it
//! until the cache is dropped; a second sync succeeds and does nothing. So does Linux.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use super::{DirectoryEntry, Disk, DiskFile, FileSystem, Room};

/// What a disk writes as a whole, in bytes.
const SECTOR: usize = 512;
/// The directory that holds all others.
const ROOT: usize = 0;

/// Makes a choice: a number below the one that is given, which is at least 1.
pub(crate) type Choose<'a> = &'a mut dyn FnMut(usize) -> usize;

/// Called after an operation that changed something, with the disk as it is then.
pub(crate) type Observer = Arc<dyn Fn(&CrashDisk) + Send + Sync>;

/// A kind of operation that can be told to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Opening or creating a file.
    Open,
    /// Reading from a file.
    Read,
    /// Writing to a file: half of the bytes arrive.
    Write,
    /// Syncing a file or a directory.
    Sync,
}

/// The disk; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct CrashDisk {
    state: Arc<Mutex<State>>,
    observer: Arc<Mutex<Option<Observer>>>,
}

#[derive(Default)]
struct State {
    files: Vec<File>,
    directories: usize,
    names: Names,
    durable_names: Names,
    /// Changes of names since they were synced.
    pending: Vec<Change>,
    operations: u64,
    fault: Option<Fault>,
    /// Bytes that all files together may have.
    capacity: Option<u64>,
}

/// A name and the directory that it is in.
type Name = (usize, String);
type Names = BTreeMap<Name, Node>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    File(usize),
    Directory(usize),
}

/// A change of a directory.
#[derive(Clone, Debug)]
struct Change {
    removed: Option<Name>,
    set: Option<(Name, Node)>,
}

impl Change {
    fn names(&self) -> impl Iterator<Item = &Name> {
        self.removed.iter().chain(self.set.iter().map(|(name, _)| name))
    }

    fn apply(&self, names: &mut Names) {
        names.retain(|name, _| Some(name) != self.removed.as_ref());
        names.extend(self.set.clone());
    }
}

struct Fault {
    operation: Operation,
    /// How many operations of the kind succeed before.
    after: usize,
    /// How many of them fail then.
    times: usize,
    error: Errno,
}

#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    current: Vec<u8>,
    /// Changes since the last sync.
    pending: Vec<Edit>,
}

#[derive(Clone)]
enum Edit {
    Write { position: usize, bytes: Vec<u8> },
    Resize { length: usize },
}

impl Edit {
    /// Makes the change in those sectors that `reaches` tells.
    fn apply(&self, contents: &mut Vec<u8>, reaches: impl Fn(usize) -> bool) {
        let (start, end) = match self {
            Self::Write { position, bytes } => (*position, position + bytes.len()),
            Self::Resize { length } => (*length, (*length).max(contents.len())),
        };
        contents.resize(contents.len().max(end), 0);
        for (offset, byte) in contents[start..end].iter_mut().enumerate() {
            if reaches((start + offset) / SECTOR) {
                *byte = match self {
                    Self::Write { bytes, .. } => bytes[offset],
                    Self::Resize { .. } => 0,
                };
            }
        }
    }

    fn length_after(&self, length: usize) -> usize {
        match self {
            Self::Write { position, bytes } => length.max(position + bytes.len()),
            Self::Resize { length } => *length,
        }
    }
}

impl File {
    fn edit(&mut self, edit: Edit) {
        let length = edit.length_after(self.current.len());
        edit.apply(&mut self.current, |_| true);
        self.current.truncate(length);
        self.pending.push(edit);
    }

    fn sync(&mut self) {
        for edit in self.pending.drain(..) {
            let length = edit.length_after(self.durable.len());
            edit.apply(&mut self.durable, |_| true);
            self.durable.truncate(length);
        }
    }

    /// The contents after a crash.
    fn crash(&self, choose: Choose<'_>) -> Vec<u8> {
        let edits = self.pending.len();
        if edits == 0 {
            return self.durable.clone();
        }
        let lengths = self.pending.iter().scan(self.durable.len(), |length, edit| {
            *length = edit.length_after(*length);
            Some(*length)
        });
        let lengths: Vec<usize> = std::iter::once(self.durable.len()).chain(lengths).collect();
        let sectors = lengths.iter().max().map_or(0, |longest| longest.div_ceil(SECTOR));
        // How many of the edits each sector has seen.
        let seen: Vec<usize> = match choose(6) {
            0 => vec![0; sectors],
            1 => vec![edits; sectors],
            2 => vec![choose(edits + 1); sectors],
            3 => {
                let written = choose(sectors + 1);
                (0..sectors).map(|sector| if sector < written { edits } else { 0 }).collect()
            }
            _ => (0..sectors).map(|_| choose(edits + 1)).collect(),
        };
        // What was never written is zeros, or what stood in that place of the disk before.
        let garbage = choose(4) == 0;
        let mut contents = self.durable.clone();
        contents.resize(sectors * SECTOR, 0);
        for (number, edit) in self.pending.iter().enumerate() {
            edit.apply(&mut contents, |sector| seen.get(sector).is_some_and(|seen| *seen > number));
        }
        let durable_sectors = self.durable.len().div_ceil(SECTOR);
        for (sector, bytes) in contents.chunks_mut(SECTOR).enumerate().skip(durable_sectors) {
            if garbage && seen.get(sector) == Some(&0) {
                bytes.fill_with(|| choose(256) as u8);
            }
        }
        let length = match choose(3) {
            0 => self.current.len(),
            _ => seen.iter().max().map_or(0, |seen| lengths[*seen]),
        };
        contents.resize(length, 0);
        contents
    }
}

impl State {
    fn directory(&self, path: &Path) -> io::Result<usize> {
        path.components().try_fold(ROOT, |directory, component| match component {
            Component::RootDir => Ok(ROOT),
            _ => match self.names.get(&(directory, text(component.as_os_str())?)) {
                Some(Node::Directory(directory)) => Ok(*directory),
                _ => Err(io::ErrorKind::NotFound.into()),
            },
        })
    }

    fn name(&self, path: &Path) -> io::Result<Name> {
        let parent = self.directory(path.parent().unwrap_or(Path::new("")))?;
        Ok((parent, text(path.file_name().ok_or(io::ErrorKind::InvalidInput)?)?))
    }

    fn node(&self, path: &Path) -> io::Result<(Name, Node)> {
        let name = self.name(path)?;
        let node = self.names.get(&name).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok((name, node))
    }

    fn change(&mut self, removed: Option<Name>, set: Option<(Name, Node)>) {
        let change = Change { removed, set };
        change.apply(&mut self.names);
        self.pending.push(change);
    }

    fn children(&self, directory: usize) -> impl Iterator<Item = (&Name, &Node)> {
        self.names.range((directory, String::new())..(directory + 1, String::new()))
    }

    /// The names after a crash.
    fn crash_names(&self, choose: Choose<'_>) -> Names {
        let mut names = self.durable_names.clone();
        let mut lost = BTreeSet::new();
        let in_order = choose(self.pending.len() * 2 + 1);
        for (number, change) in self.pending.iter().enumerate() {
            // Either a journal, which keeps the first changes, or any of them.
            let kept =
                if in_order <= self.pending.len() { number < in_order } else { choose(2) == 0 };
            if kept && !change.names().any(|name| lost.contains(name)) {
                change.apply(&mut names);
            } else {
                lost.extend(change.names().cloned());
            }
        }
        names
    }

    fn room(&self) -> Option<Room> {
        let total = self.capacity?;
        let length = |node: &Node| match node {
            Node::File(number) => self.files[*number].current.len() as u64,
            Node::Directory(_) => 0,
        };
        let used: u64 = self.names.values().map(length).sum();
        Some(Room { free: total.saturating_sub(used), total })
    }

    fn check_fault(&mut self, operation: Operation) -> io::Result<()> {
        let Some(fault) = self.fault.as_mut().filter(|fault| fault.operation == operation) else {
            return Ok(());
        };
        if fault.after > 0 {
            fault.after -= 1;
            return Ok(());
        }
        let error = fault.error;
        fault.times -= 1;
        if fault.times == 0 {
            self.fault = None;
        }
        Err(error.into())
    }
}

fn text(name: &std::ffi::OsStr) -> io::Result<String> {
    Ok(name.to_str().ok_or(io::ErrorKind::InvalidInput)?.to_owned())
}

impl CrashDisk {
    /// Calls `observer` after each operation that changes something; `None` stops that.
    pub(crate) fn observe(&self, observer: Option<Observer>) {
        *self.observer.lock().unwrap_or_else(PoisonError::into_inner) = observer;
    }

    /// How many operations changed something so far.
    pub(crate) fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Lets operations of a kind fail: after `after` of them the next `times`, at least one.
    pub(crate) fn fail(&self, operation: Operation, after: usize, times: usize, error: Errno) {
        self.state().fault = Some(Fault { operation, after, times: times.max(1), error });
    }

    /// Lets all files together have so many bytes and no more.
    pub(crate) fn set_capacity(&self, bytes: u64) {
        self.state().capacity = Some(bytes);
    }

    /// Takes back the failures that are still to come.
    pub(crate) fn heal(&self) {
        self.state().fault = None;
    }

    /// The disk as it is found when the power comes back; what it holds is durable.
    pub(crate) fn crash(&self, choose: Choose<'_>) -> Self {
        let state = self.state();
        let names = state.crash_names(choose);
        let contents = state.files.iter().map(|file| file.crash(choose));
        let files = contents.map(|durable| {
            let current = durable.clone();
            File { durable, current, pending: Vec::new() }
        });
        let crashed = State {
            files: files.collect(),
            directories: state.directories,
            names: names.clone(),
            durable_names: names,
            capacity: state.capacity,
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(crashed)), observer: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, as one operation.
    fn operate<R>(&self, change: impl FnOnce(&mut State) -> io::Result<R>) -> io::Result<R> {
        let result = {
            let mut state = self.state();
            state.operations += 1;
            change(&mut state)
        };
        let observer = self.observer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(observer) = observer {
            observer(self);
        }
        result
    }

    fn file(&self, number: usize) -> Arc<dyn DiskFile> {
        Arc::new(CrashFile { disk: self.clone(), number })
    }
}

impl Disk for CrashDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut missing: Vec<_> =
            path.ancestors().filter(|path| self.state().directory(path).is_err()).collect();
        missing.reverse();
        missing.into_iter().try_for_each(|path| {
            self.operate(|state| {
                let name = state.name(path)?;
                state.directories += 1;
                let directory = Node::Directory(state.directories);
                state.change(None, Some((name, directory)));
                Ok(())
            })
        })
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let state = self.state();
        let entry = |(name, node): (&Name, &Node)| DirectoryEntry {
            name: name.1.clone(),
            is_directory: matches!(node, Node::Directory(_)),
        };
        Ok(state.children(state.directory(directory)?).map(entry).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        state.check_fault(Operation::Open)?;
        match state.node(path)? {
            (_, Node::File(number)) => Ok(self.file(number)),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.operate(|state| {
            state.check_fault(Operation::Open)?;
            let name = state.name(path)?;
            let number = match state.names.get(&name) {
                Some(Node::Directory(_)) => return Err(io::ErrorKind::IsADirectory.into()),
                Some(Node::File(number)) => *number,
                None => {
                    state.files.push(File::default());
                    let number = state.files.len() - 1;
                    state.change(None, Some((name, Node::File(number))));
                    number
                }
            };
            state.files[number].edit(Edit::Resize { length: 0 });
            Ok(self.file(number))
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operate(|state| {
            let (from, node) = state.node(from)?;
            let to = state.name(to)?;
            state.change(Some(from), Some((to, node)));
            Ok(())
        })
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.state().node(path)?;
        self.operate(|state| {
            let (name, _) = state.node(path)?;
            state.change(Some(name), None);
            Ok(())
        })
    }

    fn file_system(&self, _directory: &Path) -> io::Result<Box<dyn FileSystem>> {
        Ok(Box::new(self.clone()))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        for entry in self.list(path)? {
            let path = path.join(&entry.name);
            if entry.is_directory { self.remove_dir_all(&path) } else { self.remove_file(&path) }?;
        }
        self.remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.operate(|state| {
            state.check_fault(Operation::Sync)?;
            let directory = state.directory(path)?;
            let pending = std::mem::take(&mut state.pending);
            for change in pending {
                if change.names().any(|(of, _)| *of == directory) {
                    change.apply(&mut state.durable_names);
                } else {
                    state.pending.push(change);
                }
            }
            Ok(())
        })
    }
}

impl FileSystem for CrashDisk {
    fn sync(&self) -> io::Result<()> {
        self.operate(|state| {
            let fault = state.check_fault(Operation::Sync);
            match fault {
                Ok(()) => state.files.iter_mut().for_each(File::sync),
                Err(_) => state.files.iter_mut().for_each(|file| file.pending.clear()),
            }
            fault?;
            let pending = std::mem::take(&mut state.pending);
            pending.iter().for_each(|change| change.apply(&mut state.durable_names));
            Ok(())
        })
    }

    fn room(&self) -> io::Result<Option<Room>> {
        Ok(self.state().room())
    }
}

struct CrashFile {
    disk: CrashDisk,
    number: usize,
}

impl DiskFile for CrashFile {
    fn read_at(&self, buffer: &mut Vec<u8>, length: usize, position: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.check_fault(Operation::Read)?;
        let contents = &state.files[self.number].current;
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(contents.len());
        let end = start.saturating_add(length).min(contents.len());
        buffer.extend_from_slice(&contents[start..end]);
        Ok(end - start)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.disk.operate(|state| {
            let position = usize::try_from(position).map_err(io::Error::other)?;
            let fault = state.check_fault(Operation::Write);
            let length = state.files[self.number].current.len();
            let free = state.room().map_or(usize::MAX, |room| room.free as usize);
            let fits = length.saturating_add(free).saturating_sub(position).min(bytes.len());
            let arrives = if fault.is_ok() { fits } else { bytes.len() / 2 };
            let arrived = bytes[..arrives].to_vec();
            state.files[self.number].edit(Edit::Write { position, bytes: arrived });
            fault.and(if fits < bytes.len() { Err(Errno::NOSPC.into()) } else { Ok(()) })
        })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.number].current.len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.disk.operate(|state| {
            let length = usize::try_from(length).map_err(io::Error::other)?;
            state.files[self.number].edit(Edit::Resize { length });
            Ok(())
        })
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        let state = self.disk.state();
        let more = length.saturating_sub(state.files[self.number].current.len() as u64);
        match state.room() {
            Some(room) if room.free < more => Err(Errno::NOSPC.into()),
            _ => Ok(()),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.operate(|state| {
            let fault = state.check_fault(Operation::Sync);
            let file = &mut state.files[self.number];
            match fault {
                Ok(()) => file.sync(),
                // The system takes what it could not write for written.
                Err(_) => file.pending.clear(),
            }
            fault
        })
    }

    fn drop_cache(&self, _position: u64) -> io::Result<()> {
        // All of it, which the system may do at any time.
        self.disk.operate(|state| {
            let file = &mut state.files[self.number];
            if file.pending.is_empty() {
                // The system does not forget the length, and shows zeros for what it has nowhere.
                let length = file.current.len();
                file.current = file.durable.clone();
                file.current.resize(length, 0);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/d/file";

    /// All the files that crashes may leave, by the contents of `PATH`.
    fn after_crashes(disk: &CrashDisk) -> BTreeSet<Option<Vec<u8>>> {
        let mut seed: u64 = 1;
        let mut choose = |bound: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % bound
        };
        (0..500).map(|_| disk.crash(&mut choose).read(Path::new(PATH)).ok()).collect()
    }

    fn synced_file(contents: &[u8]) -> (CrashDisk, Arc<dyn DiskFile>) {
        let disk = CrashDisk::default();
        disk.create_dir_all(Path::new("/d")).unwrap();
        let file = disk.create(Path::new(PATH)).unwrap();
        file.write_at(contents, 0).unwrap();
        file.sync_data().unwrap();
        (disk, file)
    }

    fn sync_directories(disk: &CrashDisk) {
        ["/", "/d"].iter().for_each(|path| disk.sync_dir(Path::new(path)).unwrap());
    }

    #[test]
    fn a_name_survives_when_all_directories_above_it_are_synced() {
        let (disk, _) = synced_file(b"x");
        disk.sync_dir(Path::new("/d")).unwrap();
        assert_eq!(after_crashes(&disk).len(), 2, "the directory itself may be lost");
        sync_directories(&disk);
        assert_eq!(after_crashes(&disk), [Some(b"x".to_vec())].into());
    }

    #[test]
    fn writes_that_are_not_synced_are_kept_or_lost_by_sector_and_synced_bytes_stay() {
        let (disk, file) = synced_file(&[1; 100]);
        sync_directories(&disk);
        file.write_at(&[2; 1000], 100).unwrap();
        let found = after_crashes(&disk);
        let is_torn = |c: &Vec<u8>| c.len() == 1100 && c[511] != 2 && c[512] == 2;
        assert!(found.iter().flatten().any(is_torn), "the second sector arrived first");
        assert!(found.iter().flatten().any(|contents| contents.len() == 100));
        assert!(found.iter().flatten().all(|contents| contents[..100] == [1; 100]));
        file.sync_data().unwrap();
        assert_eq!(after_crashes(&disk).len(), 1);
    }

    #[test]
    fn a_rename_that_is_not_synced_has_happened_or_not() {
        let (disk, _) = synced_file(b"old");
        sync_directories(&disk);
        disk.replace(Path::new(PATH), b"new", false).unwrap();
        let found = after_crashes(&disk);
        assert!(found.contains(&Some(b"old".to_vec())) && found.contains(&Some(b"new".to_vec())));
        assert!(!found.contains(&None));
        disk.replace(Path::new(PATH), b"new", true).unwrap();
        assert_eq!(after_crashes(&disk), [Some(b"new".to_vec())].into());
    }

    #[test]
    fn what_a_failed_sync_lost_is_seen_until_the_cache_is_dropped() {
        let (disk, file) = synced_file(b"old");
        sync_directories(&disk);
        file.write_at(b"new", 0).unwrap();
        disk.fail(Operation::Sync, 0, 1, Errno::IO);
        assert!(file.sync_data().is_err() && file.sync_data().is_ok());
        assert_eq!(disk.read(Path::new(PATH)).unwrap(), b"new");
        assert_eq!(after_crashes(&disk), [Some(b"old".to_vec())].into());
        file.drop_cache(0).unwrap();
        assert_eq!(disk.read(Path::new(PATH)).unwrap(), b"old");
    }

    #[test]
    fn an_operation_fails_when_it_is_told_to_and_only_then() {
        let (disk, file) = synced_file(b"");
        disk.fail(Operation::Write, 1, 1, Errno::NOSPC);
        file.write_at(b"ab", 0).unwrap();
        file.sync_data().unwrap();
        let error = file.write_at(b"cd", 2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        file.write_at(b"d", 3).unwrap();
        assert_eq!(disk.read(Path::new(PATH)).unwrap(), b"abcd");
        disk.fail(Operation::Open, 0, 2, Errno::MFILE);
        assert!(disk.open(Path::new(PATH)).is_err());
        disk.heal();
        disk.open(Path::new(PATH)).unwrap();
    }
}
