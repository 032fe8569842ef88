//! What recovery cuts off a log is kept beside it, as far as it is small: somebody may want to know
//! what it was.

use std::io;

use super::files::StoredFile;

/// Bytes of a torn tail that are kept.
const KEPT: usize = 1 << 20;

/// Copies the start of what follows `position` into a file with `.torn` at the end of its name. It
/// replaces an older one, and has no part in any promise, so errors are only told.
pub(super) fn keep(log: &StoredFile, position: u64) {
    if let Err(error) = copy(log, position) {
        tracing::warn!(?log, %error, "cannot keep the torn tail");
    }
}

fn copy(log: &StoredFile, position: u64) -> io::Result<()> {
    let mut bytes = Vec::new();
    log.get()?.read_at(&mut bytes, KEPT, position)?;
    if bytes.is_empty() {
        return Ok(());
    }
    let mut path = log.path().into_os_string();
    path.push(".torn");
    log.disk().create(path.as_ref())?.write_at(&bytes, 0)
}
