//! `.txnindex` files: the aborted transactions of a segment.

use std::path::Path;

use super::entries::Entries;
use super::report::{Report, Stop};

const ENTRY_SIZE: usize = 34;
const VERSION: i16 = 0;

/// Shows all aborted transactions.
pub(super) fn dump(path: &Path, report: &mut Report) -> Result<(), Stop> {
    let mut entries = Entries::<ENTRY_SIZE>::open(path)?;
    while let Some([high, low, numbers @ ..]) = entries.next()? {
        let version = i16::from_be_bytes([high, low]);
        if version != VERSION {
            return Err(Stop::file(format!("an entry has the unknown version {version}")));
        }
        let mut numbers = numbers.as_chunks().0.iter().map(|bytes| i64::from_be_bytes(*bytes));
        let names = ["producerId", "firstOffset", "lastOffset", "lastStableOffset"];
        let fields: Vec<String> = names
            .iter()
            .zip(&mut numbers)
            .map(|(name, number)| format!("{name}: {number}"))
            .collect();
        report.line(format_args!("version: {version} {}", fields.join(" ")))?;
    }
    entries.check_length()
}
