//! A directory that is gone when the test is over.

use std::path::{Path, PathBuf};

use kf::base::uuid::Uuid;

/// A directory of this test alone, deleted with all that is in it when dropped.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("kf-test-{}", Uuid::random()));
        std::fs::create_dir(&path).expect("a temporary directory");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be deleted is left to the operating system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
