//! What was found, as rows.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::output::{Column, Rows};
use crate::storage::Finding;

const COLUMNS: &[Column] = &[
    Column::new("finding"),
    Column::new("file"),
    Column::new("position"),
    Column::new("bytes"),
    Column::new("first_offset"),
    Column::new("last_offset"),
    Column::new("reason"),
];

/// A row for each, with paths counted from the data directory.
pub(super) fn rows<'a>(findings: impl Iterator<Item = &'a Finding>, directory: &Path) -> Rows {
    let mut rows = Rows::new(COLUMNS);
    findings.for_each(|finding| rows.push(values(finding, directory)));
    rows
}

/// An object for each.
pub(super) fn objects(findings: &[Finding], directory: &Path) -> Value {
    let object = |finding: &Finding| {
        let names = COLUMNS.iter().map(|column| column.name().to_owned());
        Value::Object(names.zip(values(finding, directory)).collect())
    };
    findings.iter().map(object).collect()
}

fn values(finding: &Finding, directory: &Path) -> Vec<Value> {
    let path = finding.path.strip_prefix(directory).unwrap_or(&finding.path);
    let bytes = finding.bytes.as_ref();
    let offsets = finding.offsets.as_ref();
    vec![
        json!(finding.kind.name()),
        json!(path.display().to_string()),
        json!(bytes.map(|bytes| bytes.start)),
        json!(bytes.map(|bytes| bytes.end - bytes.start)),
        json!(offsets.map(|offsets| offsets.start)),
        json!(offsets.map(|offsets| offsets.end - 1)),
        json!(finding.reason),
    ]
}
