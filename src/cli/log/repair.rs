//! `kf log --repair`: a row for all that is lost or made again, a question, and then the work.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Arguments, counted, failed, in_use, look};
use crate::base::disk::{Disk, RealDisk};
use crate::broker::data_dir::OfflineDataDir;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Outcome};
use crate::cli::output::{Column, Format, Rows};
use crate::storage::{self, FindingKind, PartitionReport, RepairPlan};

const COLUMNS: &[Column] = &[
    Column::new("action"),
    Column::new("file"),
    Column::new("position"),
    Column::new("bytes"),
    Column::new("first_offset"),
    Column::new("last_offset"),
];

/// Says what will be done, asks, and does it.
pub(super) fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let directory = arguments.subject.directory(context)?;
    let is_dry_run = arguments.caution.dry_run;
    let offline = match is_dry_run {
        true => OfflineDataDir::look(&directory),
        false => OfflineDataDir::change(&directory),
    };
    let _offline = offline.map_err(in_use)?;
    let found = look(arguments, &directory)?;
    let plans: Vec<_> = found.partitions.iter().filter_map(RepairPlan::of).collect();
    let mut failures: Vec<_> = found.partitions.iter().filter_map(cannot_be_used).collect();
    let total = plans.len() + failures.len();

    show(&plans, &directory, arguments.output.output.unwrap_or(Format::Table))?;
    eprintln!("{}", summary(&plans));
    if is_dry_run || plans.is_empty() {
        return Outcome::of_items(total, failures);
    }
    if !arguments.caution.yes {
        if !context.is_interactive() {
            let message = "nothing was changed: nobody can be asked whether that is wanted";
            return Err(CliError::usage(message).hint("--yes says that it is").into());
        }
        if !context.confirm("Repair?")? {
            return Err(CliError::failed("nothing was changed").into());
        }
    }
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    for plan in &plans {
        let repaired = storage::repair(&disk, &directory, plan).map_err(failed);
        failures.extend(repaired.err().map(|error| error.context(plan.partition.to_string())));
    }
    let repaired = total - failures.len();
    if repaired > 0 {
        eprintln!("repaired {}", counted(repaired as u64, "partition"));
    }
    Outcome::of_items(total, failures)
}

/// What has to be mended by other means first.
fn cannot_be_used(report: &PartitionReport) -> Option<anyhow::Error> {
    let blocks = |kind| matches!(kind, FindingKind::Unreadable | FindingKind::Unavailable);
    let finding = report.findings.iter().find(|finding| blocks(finding.kind))?;
    let (path, reason) = (finding.path.display(), &finding.reason);
    let message = format!("{} cannot be repaired: {path}: {reason}", report.partition);
    Some(CliError::failed(message).into())
}

fn show(plans: &[RepairPlan], directory: &Path, format: Format) -> io::Result<()> {
    let name = |path: &Path| {
        let path = path.strip_prefix(directory).unwrap_or(path);
        json!(path.display().to_string())
    };
    let mut rows = Rows::new(COLUMNS);
    for plan in plans {
        for loss in &plan.losses {
            rows.push(vec![
                json!("lose"),
                name(&loss.path),
                json!(loss.bytes.start),
                json!(loss.bytes.end - loss.bytes.start),
                json!(loss.offsets.start),
                json!(loss.offsets.end - 1),
            ]);
        }
        for path in &plan.rebuilds {
            let none = || Value::Null;
            rows.push(vec![json!("make again"), name(path), none(), none(), none(), none()]);
        }
    }
    match rows.is_empty() && format == Format::Table {
        true => Ok(()),
        false => rows.write(format, &mut io::stdout().lock()),
    }
}

fn summary(plans: &[RepairPlan]) -> String {
    if plans.is_empty() {
        return "nothing to repair".to_owned();
    }
    let sum = |number: fn(&RepairPlan) -> u64| plans.iter().map(number).sum::<u64>();
    let offsets = sum(RepairPlan::offsets_lost);
    let rebuilds = sum(|plan| plan.rebuilds.len() as u64);
    let mut parts = Vec::new();
    if offsets > 0 {
        let bytes = counted(sum(RepairPlan::bytes_lost), "byte");
        let offsets = counted(offsets, "offset");
        parts.push(format!("{offsets} will be lost ({bytes}, kept in .damaged files)"));
    }
    if rebuilds > 0 {
        parts.push(counted(rebuilds, "file") + " will be made again");
    }
    parts.push("all else stays as it is".to_owned());
    parts.join(", ")
}
