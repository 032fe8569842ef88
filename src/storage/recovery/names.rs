//! What stands in a partition's directory.

use std::path::Path;

use super::super::damage;
use super::super::error::StorageError;
use super::super::files::FileKind;
use super::super::log::Log;

/// The files of a partition's directory, by base offset.
#[derive(Default)]
pub(super) struct Names {
    pub(super) segments: Vec<i64>,
    pub(super) snapshots: Vec<i64>,
}

impl Names {
    /// Lists them, and removes what an interrupted write or deletion left behind.
    pub(super) fn list(log: &Log) -> Result<Self, StorageError> {
        let directory = &log.home.directory;
        let remove = |path: &Path| log.disk().remove_file(path).map_err(StorageError::io(path));
        let mut names = Self::default();
        let mut indexes = Vec::new();
        for entry in log.disk().list(directory).map_err(StorageError::io(directory))? {
            match FileKind::of(&entry.name) {
                Some((FileKind::Log, offset)) => names.segments.push(offset),
                Some((FileKind::Snapshot, offset)) => names.snapshots.push(offset),
                Some(index) => indexes.push(index),
                None if entry.name.ends_with(".tmp") || entry.name.ends_with(".deleted") => {
                    remove(&directory.join(&entry.name))?;
                }
                None => {}
            }
        }
        names.segments.sort_unstable();
        names.snapshots.sort_unstable();
        for (kind, offset) in indexes {
            if names.segments.binary_search(&offset).is_err() {
                remove(&kind.path(directory, offset))?;
            }
        }
        Ok(names)
    }
}

/// Removes what only we write, and what tells of a log that somebody else has changed since.
pub(super) fn remove_ours(log: &Log) -> Result<(), StorageError> {
    let directory = &log.home.directory;
    for entry in log.disk().list(directory).map_err(StorageError::io(directory))? {
        let is_ours = matches!(FileKind::of(&entry.name), Some((FileKind::Sums, _)))
            || entry.name == damage::FILE_NAME;
        let path = directory.join(&entry.name);
        if is_ours {
            log.disk().remove_file(&path).map_err(StorageError::io(&path))?;
        }
    }
    Ok(())
}
