//! `kf log --verify`: a row for each partition, then what was found, then all of it in one line.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::{Arguments, counted, findings, in_use, look};
use crate::broker::data_dir::OfflineDataDir;
use crate::cli::context::Context;
use crate::cli::error::Outcome;
use crate::cli::output::{Column, Format, Rows};
use crate::storage::{FindingKind, PartitionReport, Verification};

const COLUMNS: &[Column] = &[
    Column::new("topic"),
    Column::new("partition"),
    Column::new("segments"),
    Column::new("bytes"),
    Column::new("log_start_offset"),
    Column::new("log_end_offset"),
    Column::new("batches"),
    Column::new("records"),
    Column::wide("offsets_damaged"),
    Column::wide("torn_bytes"),
    Column::new("state"),
];

/// The same with all findings, for machines.
const COLUMNS_WITH_FINDINGS: &[Column] = &[
    Column::new("topic"),
    Column::new("partition"),
    Column::new("segments"),
    Column::new("bytes"),
    Column::new("log_start_offset"),
    Column::new("log_end_offset"),
    Column::new("batches"),
    Column::new("records"),
    Column::new("offsets_damaged"),
    Column::new("torn_bytes"),
    Column::new("state"),
    Column::new("findings"),
];

/// Proves the partitions that are selected, and shows what was found.
pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let directory = arguments.subject.directory(context)?;
    let _offline = OfflineDataDir::look(&directory).map_err(in_use)?;
    let found = look(arguments, &directory)?;
    show(&found, &directory, arguments.output.output.unwrap_or(Format::Table))?;
    eprintln!("{}", summary(&found.partitions));
    Ok(outcome(&found.partitions))
}

fn show(found: &Verification, directory: &Path, format: Format) -> io::Result<()> {
    let has_findings = matches!(format, Format::Json | Format::Ndjson);
    let mut rows = Rows::new(if has_findings { COLUMNS_WITH_FINDINGS } else { COLUMNS });
    for report in &found.partitions {
        let mut row = values(report);
        row.extend(has_findings.then(|| findings::objects(&report.findings, directory)));
        rows.push(row);
    }
    let mut out = io::stdout().lock();
    rows.write(format, &mut out)?;
    let of_partitions = found.partitions.iter().flat_map(|report| &report.findings);
    let of_partitions = of_partitions.filter(|_| !has_findings);
    let details = findings::rows(found.findings.iter().chain(of_partitions), directory);
    match format {
        _ if details.is_empty() => Ok(()),
        Format::Table | Format::Wide => {
            io::Write::write_all(&mut out, b"\n")?;
            details.write(format, &mut out)
        }
        // The rows alone are what the format is asked for.
        _ => details.write(Format::Table, &mut io::stderr().lock()),
    }
}

fn values(report: &PartitionReport) -> Vec<Value> {
    vec![
        json!(report.partition.topic()),
        json!(report.partition.partition()),
        json!(report.segments),
        json!(report.bytes),
        json!(report.log_start_offset),
        json!(report.log_end_offset),
        json!(report.batches),
        json!(report.records),
        json!(report.offsets_damaged()),
        json!(report.torn_bytes()),
        json!(state(report)),
    ]
}

/// The worst that is to be said.
fn state(report: &PartitionReport) -> String {
    let has = |kind| report.of_kind(kind).next().is_some();
    if has(FindingKind::Unreadable) {
        "cannot be read".to_owned()
    } else if has(FindingKind::Unavailable) {
        "not available".to_owned()
    } else if has(FindingKind::Damage) {
        counted(report.offsets_damaged(), "offset") + " damaged"
    } else if has(FindingKind::TornTail) {
        format!("torn tail of {}", counted(report.torn_bytes(), "byte"))
    } else if has(FindingKind::Rebuild) {
        let files = report.of_kind(FindingKind::Rebuild).count() as u64;
        counted(files, "file") + " to be made again"
    } else {
        "ok".to_owned()
    }
}

fn summary(reports: &[PartitionReport]) -> String {
    let sum = |number: fn(&PartitionReport) -> u64| reports.iter().map(number).sum::<u64>();
    let mut parts = vec![
        counted(reports.len() as u64, "partition"),
        counted(sum(|report| report.segments as u64), "segment"),
        counted(sum(|report| report.bytes), "byte"),
        counted(sum(|report| report.records), "record"),
    ];
    let (damaged, torn) = (sum(PartitionReport::offsets_damaged), sum(PartitionReport::torn_bytes));
    let findings = |kind| reports.iter().map(|r| r.of_kind(kind).count() as u64).sum::<u64>();
    let rebuilt = findings(FindingKind::Rebuild);
    let closed = findings(FindingKind::Unreadable) + findings(FindingKind::Unavailable);
    for (count, what) in [
        (damaged, "offsets damaged"),
        (closed, "files that cannot be used"),
        (torn, "bytes that nobody was promised"),
        (rebuilt, "files to be made again"),
    ] {
        parts.extend((count > 0).then(|| format!("{count} {what}")));
    }
    parts.join(", ")
}

/// Damage is certain, so it counts for more than what could not be read.
pub(super) fn outcome(reports: &[PartitionReport]) -> Outcome {
    let any = |kind| reports.iter().any(|report| report.of_kind(kind).next().is_some());
    if any(FindingKind::Damage) || any(FindingKind::Unavailable) {
        Outcome::Failed
    } else if any(FindingKind::Unreadable) {
        Outcome::SomeFailed
    } else {
        Outcome::Done
    }
}
