//! What a user or a supervisor sends to end a command.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGINT or SIGTERM. From the first call on they no longer end the process by
/// themselves: whoever waits cleans up, and leaves groups.
///
/// # Errors
/// The operating system refuses to tell of signals.
pub async fn interrupted() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
