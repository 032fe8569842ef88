//! A disk that can lose its power: ext4 on a loop device over a file in memory.
//!
//! The shutdown ioctl of ext4 stops all writing to the device at once and does not flush the
//! journal: what was not synced is gone at the next mount, as after a power cut.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::mounts::{Mount, require, run};
use crate::scenario::Stop;

/// The file that the disk is made of.
const IMAGE: &str = "image";
/// What has to be installed.
const TOOLS: [&str; 5] = ["mkfs.ext4", "mount", "umount", "losetup", "perl"];
/// Calls EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH on the directory that it is given.
/// Perl is what every build of librdkafka's OpenSSL needs anyway, and starts within 3 ms.
const SHUTDOWN: &str = r#"
    my ($ioc_shutdown, $nologflush) = (0x8004587D, 2);
    sysopen(my $directory, $ARGV[0], 0) or die "open: $!";
    ioctl($directory, $ioc_shutdown, pack("L", $nologflush)) or die "ioctl: $!";
"#;
/// The killed broker's descriptors may be closed a moment after it has gone.
const UNMOUNT_ATTEMPTS: usize = 50;
const UNMOUNT_PAUSE: Duration = Duration::from_millis(20);

/// A mounted disk; unmounted and gone when dropped.
pub(crate) struct LoopDisk {
    disk: Mount,
    /// Dropped after the disk whose image it holds.
    memory: Mount,
    options: String,
}

impl LoopDisk {
    /// Makes and mounts a disk of that size, with everything that belongs to it in `directory`.
    /// `options` are those of ext4.
    pub(crate) fn create(directory: &Path, size_mib: u32, options: &str) -> Result<Self, Stop> {
        TOOLS.into_iter().try_for_each(require)?;
        // A little more than the image, which must never find it full.
        let memory = Mount::memory(&directory.join("memory"), size_mib + 64)?;
        let image = memory.path().join(IMAGE);
        File::create(&image)?.set_len(u64::from(size_mib) << 20)?;
        let image = image.display().to_string();
        run("mkfs.ext4", &["-q", "-F", &image])?;
        let options = format!("loop,{options}");
        let disk = Mount::new(&directory.join("disk"), &["-o", &options, &image])?;
        Ok(Self { disk, memory, options })
    }

    /// Where files on it are.
    pub(crate) fn path(&self) -> &Path {
        self.disk.path()
    }

    /// Cuts the power: from now on nothing reaches the disk.
    pub(crate) fn cut_power(&self) -> Result<(), Stop> {
        Ok(run("perl", &["-e", SHUTDOWN, &self.path().display().to_string()])?)
    }

    /// Turns the power on again. Nobody has files open on it.
    pub(crate) fn mount_again(&self) -> Result<(), Stop> {
        let path = self.path().display().to_string();
        let mut result = Ok(());
        for _ in 0..UNMOUNT_ATTEMPTS {
            result = run("umount", &[&path]);
            if result.is_ok() {
                break;
            }
            thread::sleep(UNMOUNT_PAUSE);
        }
        result?;
        let image = self.memory.path().join(IMAGE).display().to_string();
        Ok(run("mount", &["-o", &self.options, &image, &path])?)
    }
}
