//! A temporary directory that is deleted at the end.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::error::warn;
use crate::base::uuid::Uuid;

/// A directory of this process's own, deleted with all that is in it when dropped.
#[derive(Debug)]
pub struct EphemeralDir {
    path: PathBuf,
}

impl EphemeralDir {
    /// Creates a directory that only this user can look into.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn create() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("kf-{}", Uuid::random()));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for EphemeralDir {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            warn(&format!("{} could not be deleted: {error}", self.path.display()));
        }
    }
}
