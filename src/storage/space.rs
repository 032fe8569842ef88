//! Room on the disk, and who may still write when there is little.
//!
//! | level | records of clients | what the broker writes itself |
//! |---|---|---|
//! | enough | accepted | goes on |
//! | low | refused with [`StorageError::DiskFull`] | goes on in what is left |
//! | full | refused | goes on in the room of the reserve, which is given up step by step |
//!
//! So reads, offset commits, deletions and configs go on while the disk is full, and what frees
//! room can be done. The reserve is a file of the data directory, `kf-reserve`. Between two looks at
//! the disk clients may write as much as the last one has found above the low-water mark, so that
//! they cannot eat up what is kept for the broker; somebody else may, and then a write that meets a
//! full disk tells. Room counts as back only when some could really be taken.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::config::{Durability, StoreOptions};
use super::error::StorageError;
use crate::base::disk::{Disk, DiskFile, FileSystem};

const RESERVE_FILE: &str = "kf-reserve";
/// Exists while room is taken only to see whether there is any.
const PROBE_FILE: &str = "kf-reserve.tmp";
/// The low-water mark and the reserve are this part of the file system each,
const PART: u64 = 100;
/// and at most this many bytes.
const MOST_BYTES: u64 = 64 << 20;
/// Each time that the disk is full such a part of the reserve is given up, for somebody else may be
/// writing too,
const STEP_PART: u64 = 8;
/// but at least so many bytes.
const STEP_BYTES: u64 = 64 << 10;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Enough,
    Low,
    Full,
}

/// Decides from numbers of bytes alone.
#[derive(Debug)]
struct Gauge {
    level: Level,
    /// Clients may not leave less than this.
    low: u64,
    /// What the reserve is short of.
    missing_reserve: u64,
    /// The largest write of a client that was refused since the last look.
    refused: u64,
}

impl Gauge {
    /// What clients may write when so much is free.
    fn allowance(&self, free: u64) -> u64 {
        match self.level {
            Level::Enough => free.saturating_sub(self.low),
            Level::Low | Level::Full => 0,
        }
    }

    /// Takes note that a client's write had to be refused.
    fn refuse(&mut self, bytes: u64) {
        self.refused = self.refused.max(bytes);
        if self.level == Level::Enough {
            self.level = Level::Low;
        }
    }

    /// Takes note that so much more of the reserve is gone.
    fn give_up_reserve(&mut self, bytes: u64) {
        self.missing_reserve += bytes;
        self.level = Level::Full;
    }

    /// Whether to take some room, to see that there is enough again or to make the reserve.
    fn wants(&self, free: u64) -> bool {
        let resume =
            (2 * self.low).saturating_add(self.refused).saturating_add(self.missing_reserve);
        let is_missing = self.level != Level::Enough || self.missing_reserve > 0;
        is_missing && free >= resume
    }

    /// Takes note that what [`Gauge::wants`] asked for could be taken.
    fn resume(&mut self) {
        (self.level, self.missing_reserve) = (Level::Enough, 0);
    }
}

/// The room of one data directory.
pub(super) struct Space {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    file_system: Box<dyn FileSystem>,
    reserve: u64,
    gauge: Mutex<Gauge>,
    /// What clients may write before somebody has to look again.
    allowance: AtomicU64,
}

impl Space {
    /// Looks at the room of a data directory. If there is little, the reserve of an earlier process
    /// is given up: recovery may need it.
    ///
    /// # Errors
    /// The directory cannot be opened or its file system cannot be asked.
    pub(super) fn open(disk: &Arc<dyn Disk>, options: &StoreOptions) -> Result<Self, StorageError> {
        let directory = options.directory.clone();
        let failed = |error| StorageError::io(&directory)(error);
        let file_system = disk.file_system(&directory).map_err(failed)?;
        let room = file_system.room().map_err(failed)?;
        let part = room.map_or(0, |room| (room.total / PART).min(MOST_BYTES));
        let free = room.map_or(u64::MAX, |room| room.free);
        let reserve = match options.durability {
            Durability::Synced if room.is_some() => options.reserve_bytes.unwrap_or(part),
            _ => 0,
        };
        let is_kept = reserve > 0 && free >= part && length(&**disk, &directory) == reserve;
        let missing_reserve = if is_kept { 0 } else { reserve };
        let gauge = Gauge { level: Level::Enough, low: part, missing_reserve, refused: 0 };
        let space = Self {
            disk: disk.clone(),
            file_system,
            reserve,
            allowance: AtomicU64::new(gauge.allowance(free)),
            gauge: Mutex::new(gauge),
            directory,
        };
        if !is_kept {
            space.remove(RESERVE_FILE);
        }
        Ok(space)
    }

    /// Whether so many bytes can be written and clients still have room; for work that can wait.
    pub(super) fn is_enough_for(&self, bytes: u64) -> bool {
        let gauge = self.gauge();
        gauge.level == Level::Enough && gauge.allowance(self.free()) >= bytes
    }

    /// Whether a client may write so many bytes.
    ///
    /// # Errors
    /// [`StorageError::DiskFull`]
    pub(super) fn admit(&self, bytes: usize) -> Result<(), StorageError> {
        let bytes = bytes as u64;
        let take = |allowance: u64| allowance.checked_sub(bytes);
        if self.allowance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            return Ok(());
        }
        let mut gauge = self.gauge();
        let free = self.free();
        let allowance = gauge.allowance(free);
        match take(allowance) {
            Some(left) => {
                self.allowance.store(left, Ordering::Relaxed);
                Ok(())
            }
            None => {
                self.change(&mut gauge, free, |gauge| gauge.refuse(bytes));
                Err(StorageError::DiskFull { directory: self.directory.clone(), free_bytes: free })
            }
        }
    }

    /// Takes note of an error of a client's write.
    pub(super) fn note(&self, error: &StorageError) {
        if error.is_disk_full() {
            self.change(&mut self.gauge(), self.free(), |gauge| gauge.refuse(0));
        }
    }

    /// Does something of the broker's own that may need room; if there is none, once more in the
    /// room of the reserve.
    pub(super) fn with_reserve<T>(
        &self,
        mut work: impl FnMut() -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        loop {
            match work() {
                Err(error) if error.is_disk_full() && self.give_up_reserve() => {}
                result => return result,
            }
        }
    }

    /// Makes some of the reserve's room free; false if there is none left.
    fn give_up_reserve(&self) -> bool {
        let mut gauge = self.gauge();
        let left = self.reserve - gauge.missing_reserve;
        let step = left.min(STEP_BYTES.max(self.reserve / STEP_PART));
        let path = self.directory.join(RESERVE_FILE);
        let cut = |file: Arc<dyn DiskFile>| file.set_len(left - step);
        if step == 0 || self.disk.open(&path).and_then(cut).is_err() {
            return false;
        }
        self.change(&mut gauge, self.free(), |gauge| gauge.give_up_reserve(step));
        true
    }

    /// Looks at the disk again; to be called about once a second.
    pub(super) fn look(&self) {
        let mut gauge = self.gauge();
        let free = self.free();
        if gauge.level == Level::Enough && free < gauge.low {
            self.change(&mut gauge, free, |gauge| gauge.refuse(0));
        }
        match gauge.wants(free).then(|| self.take(&gauge)) {
            Some(Ok(())) => self.change(&mut gauge, self.free(), Gauge::resume),
            // The next look tries again.
            Some(Err(_)) => {}
            None => self.allowance.store(gauge.allowance(free), Ordering::Relaxed),
        }
        gauge.refused = 0;
    }

    /// Whether there is so little room that nothing should wait to be removed.
    pub(super) fn is_low(&self) -> bool {
        self.gauge().level != Level::Enough
    }

    /// Takes room for the reserve, or only to see that there is some.
    fn take(&self, gauge: &Gauge) -> io::Result<()> {
        if gauge.missing_reserve > 0 {
            let path = self.directory.join(RESERVE_FILE);
            let file = self.disk.open(&path).or_else(|_| self.disk.create(&path))?;
            return file.reserve(self.reserve).and_then(|()| file.set_len(self.reserve));
        }
        let taken = self.disk.create(&self.directory.join(PROBE_FILE))?.reserve(gauge.low);
        self.remove(PROBE_FILE);
        taken
    }

    fn remove(&self, name: &str) {
        let path = self.directory.join(name);
        match self.disk.remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %path.display(), %error, "cannot free the room of a file");
            }
            _ => {}
        }
    }

    /// Bytes that are free; none if nobody can say.
    fn free(&self) -> u64 {
        self.file_system.room().map_or(0, |room| room.map_or(u64::MAX, |room| room.free))
    }

    /// Changes the level, and says so if it is another one.
    fn change(&self, gauge: &mut Gauge, free: u64, change: impl FnOnce(&mut Gauge)) {
        let before = gauge.level;
        change(gauge);
        self.allowance.store(gauge.allowance(free), Ordering::Relaxed);
        if gauge.level == before {
            return;
        }
        let directory = self.directory.display();
        match gauge.level {
            Level::Low => tracing::error!(
                %directory, free_bytes = free,
                "the disk is nearly full: records of clients are refused; free some room, and they \
                 are accepted again by themselves"
            ),
            Level::Full => tracing::error!(
                %directory, reserve_bytes = self.reserve,
                "the disk is full: the broker goes on in the room of its reserve; free some room"
            ),
            Level::Enough => tracing::warn!(
                %directory, free_bytes = free,
                "there is room on the disk: records of clients are accepted again"
            ),
        }
    }

    fn gauge(&self) -> MutexGuard<'_, Gauge> {
        self.gauge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Length of the reserve that is there.
fn length(disk: &dyn Disk, directory: &Path) -> u64 {
    disk.open(&directory.join(RESERVE_FILE)).and_then(|file| file.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
