//! File systems that are there for one scenario.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::scenario::Stop;

/// A mounted file system; unmounted when dropped.
pub(crate) struct Mount {
    path: PathBuf,
}

impl Mount {
    /// One in memory, of that size, on a directory that is created for it.
    ///
    /// # Errors
    /// The scenario is skipped where nothing can be mounted.
    pub(crate) fn memory(path: &Path, size_mib: u32) -> Result<Self, Stop> {
        let size = format!("size={size_mib}m");
        Self::new(path, &["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    /// What `mount` makes of these arguments.
    ///
    /// # Errors
    /// As of [`Mount::memory`].
    pub(crate) fn new(path: &Path, arguments: &[&str]) -> Result<Self, Stop> {
        if !path.exists() {
            fs::create_dir(path)?;
        }
        let point = path.display().to_string();
        run("mount", &[arguments, &[&point]].concat())
            .map_err(|error| Stop::Skipped(format!("nothing can be mounted: {error}")))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where its files are.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily, so that nothing stays behind whoever still looks at it.
        let _ = run("umount", &["--lazy", &self.path.display().to_string()]);
    }
}

/// Skips the scenario if a tool is not installed.
pub(crate) fn require(tool: &str) -> Result<(), Stop> {
    let mut command = Command::new("sh");
    command.args(["-c", "command -v \"$0\"", tool]).stdout(Stdio::null());
    match command.status()?.success() {
        true => Ok(()),
        false => Err(Stop::Skipped(format!("{tool} is not installed"))),
    }
}

/// Runs a tool to its end.
///
/// # Errors
/// What it says if it fails.
pub(crate) fn run(tool: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(tool).args(arguments).output();
    let output = output.map_err(|error| format!("{tool}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{tool}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
