//! A disk that can lose its power: ext4 on a loop device over a file in memory.
//!
//! The shutdown ioctl of ext4 stops all writing to the device at once and does not flush the
//! journal: what was not synced is gone at the next mount, as after a power cut.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::scenario::Stop;

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
    memory: PathBuf,
    image: PathBuf,
    mount_point: PathBuf,
}

impl LoopDisk {
    /// Makes and mounts a disk of that size, with everything that belongs to it in `directory`.
    pub(crate) fn create(directory: &Path, size_mib: u32) -> Result<Self, Stop> {
        for tool in TOOLS {
            which(tool)?;
        }
        let memory = directory.join("memory");
        let disk =
            Self { image: memory.join("image"), mount_point: directory.join("disk"), memory };
        std::fs::create_dir(&disk.memory)?;
        std::fs::create_dir(&disk.mount_point)?;
        // A little more than the image, which must never find it full.
        let size = format!("size={}m", size_mib + 64);
        let skip = |error: String| Stop::Skipped(format!("no file systems to mount: {error}"));
        run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", &text(&disk.memory)]).map_err(skip)?;
        std::fs::File::create(&disk.image)?.set_len(u64::from(size_mib) << 20)?;
        run("mkfs.ext4", &["-q", "-F", &text(&disk.image)])?;
        disk.mount().map_err(skip)?;
        Ok(disk)
    }

    /// Where files on it are.
    pub(crate) fn mount_point(&self) -> &Path {
        &self.mount_point
    }

    /// Cuts the power: from now on nothing reaches the disk.
    pub(crate) fn cut_power(&self) -> Result<(), Stop> {
        Ok(run("perl", &["-e", SHUTDOWN, &text(&self.mount_point)])?)
    }

    /// Turns the power on again. Nobody has files open on it.
    pub(crate) fn mount_again(&self) -> Result<(), Stop> {
        self.unmount()?;
        Ok(self.mount()?)
    }

    fn mount(&self) -> Result<(), String> {
        run("mount", &["-o", "loop", &text(&self.image), &text(&self.mount_point)])
    }

    fn unmount(&self) -> Result<(), String> {
        let mut result = Ok(());
        for _ in 0..UNMOUNT_ATTEMPTS {
            result = run("umount", &[&text(&self.mount_point)]);
            if result.is_ok() {
                break;
            }
            thread::sleep(UNMOUNT_PAUSE);
        }
        result
    }
}

impl Drop for LoopDisk {
    fn drop(&mut self) {
        // Lazily, so that nothing stays behind whoever still looks at it.
        for mounted in [&self.mount_point, &self.memory] {
            let _ = run("umount", &["--lazy", &text(mounted)]);
        }
    }
}

/// Skips the scenario if a tool is not installed.
pub(crate) fn which(tool: &str) -> Result<(), Stop> {
    let mut command = Command::new("sh");
    command.args(["-c", "command -v \"$0\"", tool]).stdout(Stdio::null());
    match command.status()?.success() {
        true => Ok(()),
        false => Err(Stop::Skipped(format!("{tool} is not installed"))),
    }
}

fn run(tool: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(tool).args(arguments).output();
    let output = output.map_err(|error| format!("{tool}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{tool}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
