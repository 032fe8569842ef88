//! The data directory: who may use it, and whose data it holds.
//!
//! `meta.properties` is Kafka's, version 1: node id, cluster id, directory id. It is written when
//! an empty directory is first used; there is no format step. A lock keeps a second broker out.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock, flock};

use crate::base::disk::{Disk as _, RealDisk};
use crate::base::uuid::Uuid;
use crate::config::properties::Properties;
use crate::storage::Durability;

const LOCK_FILE: &str = ".lock";
const META_FILE: &str = "meta.properties";
const META_VERSION: &str = "1";
/// Only the owner may look into the data.
const DIRECTORY_MODE: u32 = 0o700;

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the data directory {} is in use by another broker", .0.display())]
    InUse(PathBuf),
    /// Its `meta.properties` is of a version that is not known, or not one.
    #[error("{}: {reason}", path.display())]
    Meta {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It belongs to another broker or cluster.
    #[error("the data directory {} belongs to {what} {found}, this is {expected}", path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// "node id" or "cluster id".
        what: &'static str,
        /// What its `meta.properties` says.
        found: String,
        /// What this broker was told to be.
        expected: String,
    },
}

/// A directory that is locked for this process until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    /// Where it is.
    pub path: PathBuf,
    /// Id of the cluster whose data it holds.
    pub cluster_id: String,
    lock: File,
}

/// Keeps brokers out of a data directory, this one and Apache Kafka's, until it is dropped: for work
/// on the files of a broker that is stopped.
#[derive(Debug)]
pub struct OfflineDataDir {
    _lock: Option<File>,
}

impl OfflineDataDir {
    /// For a look: nothing is created, and nothing opened for writing. Others may look as well.
    /// A directory without a lock file is none that a broker has.
    ///
    /// # Errors
    /// A broker has it, or the operating system refuses.
    pub fn look(path: &Path) -> Result<Self, DataDirError> {
        match File::open(path.join(LOCK_FILE)) {
            Ok(lock) => Self::hold(path, lock, FlockOperation::NonBlockingLockShared),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self { _lock: None }),
            Err(source) => Err(DataDirError::Io { path: path.join(LOCK_FILE), source }),
        }
    }

    /// For changes.
    ///
    /// # Errors
    /// Somebody has it, or the operating system refuses.
    pub fn change(path: &Path) -> Result<Self, DataDirError> {
        Self::hold(path, open_lock(path)?, FlockOperation::NonBlockingLockExclusive)
    }

    /// Java's locks are another kind than ours, so both are taken.
    fn hold(path: &Path, lock: File, operation: FlockOperation) -> Result<Self, DataDirError> {
        let held = flock(&lock, operation).and_then(|()| fcntl_lock(&lock, operation));
        held.map_err(|_| DataDirError::InUse(path.to_owned()))?;
        Ok(Self { _lock: Some(lock) })
    }
}

fn open_lock(path: &Path) -> Result<File, DataDirError> {
    let path = path.join(LOCK_FILE);
    let mut options = OpenOptions::new();
    let opened = options.create(true).truncate(false).write(true).mode(0o600).open(&path);
    opened.map_err(|source| DataDirError::Io { path, source })
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is being started has the file too, for the
        // moment until it becomes another program. If this fails, closing has to do.
        let _ = flock(&self.lock, FlockOperation::Unlock);
    }
}

impl DataDir {
    /// Takes the directory for node `node_id`, creating and formatting it if needed. Without a
    /// wish for a cluster id a new directory gets a random one; `durability` says whether that is
    /// synced.
    ///
    /// # Errors
    /// It is in use, belongs to someone else, or the operating system refuses.
    pub fn open(
        path: &Path,
        node_id: i32,
        cluster_id: Option<&str>,
        durability: Durability,
    ) -> Result<Self, DataDirError> {
        let failed = |path: PathBuf| move |source| DataDirError::Io { path, source };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(path)
            .map_err(failed(path.to_owned()))?;
        let lock = open_lock(path)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| DataDirError::InUse(path.to_owned()))?;

        let meta = path.join(META_FILE);
        let cluster_id = match fs::read_to_string(&meta) {
            Ok(text) => check_meta(path, &text, node_id, cluster_id)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let cluster_id =
                    cluster_id.map_or_else(|| Uuid::random().to_string(), str::to_owned);
                write_meta(path, node_id, &cluster_id, durability).map_err(failed(meta))?;
                cluster_id
            }
            Err(error) => return Err(failed(meta)(error)),
        };
        Ok(Self { path: path.to_owned(), cluster_id, lock })
    }
}

fn check_meta(
    path: &Path,
    text: &str,
    node_id: i32,
    cluster_id: Option<&str>,
) -> Result<String, DataDirError> {
    let meta = path.join(META_FILE);
    let wrong = |reason: String| DataDirError::Meta { path: meta.clone(), reason };
    let properties = Properties::parse(text).map_err(|error| wrong(error.to_string()))?;
    let get = |name: &str| properties.get(name).ok_or_else(|| wrong(format!("{name} is missing")));
    let version = get("version")?;
    if version != META_VERSION {
        return Err(wrong(format!("version {version} is not known, only {META_VERSION} is")));
    }
    let foreign = |what, found: &str, expected: String| DataDirError::Foreign {
        path: path.to_owned(),
        what,
        found: found.to_owned(),
        expected,
    };
    let found_node = get("node.id")?;
    if found_node != node_id.to_string() {
        return Err(foreign("node id", found_node, node_id.to_string()));
    }
    let found_cluster = get("cluster.id")?;
    match cluster_id {
        Some(expected) if expected != found_cluster => {
            Err(foreign("cluster id", found_cluster, expected.to_owned()))
        }
        _ => Ok(found_cluster.to_owned()),
    }
}

fn write_meta(
    path: &Path,
    node_id: i32,
    cluster_id: &str,
    durability: Durability,
) -> io::Result<()> {
    let text = format!(
        "version={META_VERSION}\nnode.id={node_id}\ncluster.id={cluster_id}\ndirectory.id={}\n",
        Uuid::random()
    );
    RealDisk.replace(&path.join(META_FILE), text.as_bytes(), durability == Durability::Synced)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TempDir(PathBuf);

    impl TempDir {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("kf-data-dir-{}", Uuid::random())))
        }
    }

    impl Drop for TempDir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn open(
        temp: &TempDir,
        node_id: i32,
        cluster_id: Option<&str>,
    ) -> Result<DataDir, DataDirError> {
        DataDir::open(&temp.0, node_id, cluster_id, Durability::Synced)
    }

    #[test]
    fn a_new_directory_gets_a_cluster_id_and_keeps_it() {
        let temp = TempDir::new();
        let first = open(&temp, 1, None).unwrap().cluster_id.clone();
        assert_eq!(open(&temp, 1, None).unwrap().cluster_id, first);
    }

    #[test]
    fn a_second_broker_is_kept_out() {
        let temp = TempDir::new();
        let _held = open(&temp, 1, None).unwrap();
        assert!(matches!(open(&temp, 1, None), Err(DataDirError::InUse(_))));
    }

    #[test]
    fn who_works_on_the_files_and_the_broker_keep_each_other_out() {
        let temp = TempDir::new();
        let in_use = |held: Result<OfflineDataDir, _>| matches!(held, Err(DataDirError::InUse(_)));
        let broker = open(&temp, 1, None).unwrap();
        assert!(in_use(OfflineDataDir::look(&temp.0)) && in_use(OfflineDataDir::change(&temp.0)));
        drop(broker);
        let looks = [(); 2].map(|()| OfflineDataDir::look(&temp.0).unwrap());
        assert!(matches!(open(&temp, 1, None), Err(DataDirError::InUse(_))));
        assert!(in_use(OfflineDataDir::change(&temp.0)));
        drop(looks);
        let _change = OfflineDataDir::change(&temp.0).unwrap();
        assert!(in_use(OfflineDataDir::look(&temp.0)));
    }

    #[test]
    fn a_directory_of_another_node_or_cluster_is_refused() {
        let temp = TempDir::new();
        drop(open(&temp, 1, Some("ours")).unwrap());
        for (node_id, cluster_id) in [(2, None), (1, Some("theirs"))] {
            let refused = open(&temp, node_id, cluster_id);
            assert!(matches!(refused, Err(DataDirError::Foreign { .. })));
        }
    }

    #[test]
    fn an_unknown_version_is_refused_and_not_guessed() {
        let temp = TempDir::new();
        drop(open(&temp, 1, None).unwrap());
        fs::write(temp.0.join(META_FILE), "version=2\nnode.id=1\ncluster.id=c\n").unwrap();
        assert!(matches!(open(&temp, 1, None), Err(DataDirError::Meta { .. })));
    }
}
