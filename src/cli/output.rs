//! Data on stdout: one model of rows and columns, rendered in every form that `-o` knows.
//!
//! Without `-o`, a person at a terminal gets a table, and everything else (a pipe, a file) gets
//! the text of Kafka's own script, which each command writes itself: scripts that read it keep
//! working. With `-o`, the form is the same wherever it goes.
//!
//! The JSON keys are the columns' names, and every row has all of them.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, presets};
use serde_json::{Map, Value};

use super::context::Context;
use super::printable;

/// The forms of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table of the columns that matter most
    Table,
    /// A table of all columns
    Wide,
    /// One JSON array of objects
    Json,
    /// One JSON object per line
    Ndjson,
    /// Comma-separated values with a header line (RFC 4180)
    Csv,
    /// Only the names, one per line
    Name,
}

/// The option `-o` of every command that prints data.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct OutputOptions {
    /// table, wide (all columns), json, ndjson, csv or name
    /// [default: a table on a terminal, the script's own text elsewhere]
    #[arg(short, long, value_name = "FORM", hide_possible_values = true)]
    pub output: Option<Format>,
}

impl OutputOptions {
    /// The form to render; `None` for the text of Kafka's script.
    pub fn format(self, context: &Context) -> Option<Format> {
        self.output.or(context.stdout_is_terminal.then_some(Format::Table))
    }
}

/// A column: a name for machines; people read it in capitals.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    name: &'static str,
    only_wide: bool,
}

impl Column {
    /// A column that every form shows. The name is lower-case with underscores.
    pub const fn new(name: &'static str) -> Self {
        Self { name, only_wide: false }
    }

    /// A column that [`Format::Table`] leaves out.
    pub const fn wide(name: &'static str) -> Self {
        Self { name, only_wide: true }
    }

    /// The name, as machines see it.
    pub fn name(self) -> &'static str {
        self.name
    }

    fn title(self) -> String {
        self.name.to_uppercase().replace('_', "-")
    }
}

/// Rows under columns. The first column is the one that [`Format::Name`] prints.
#[derive(Clone, Debug)]
pub struct Rows {
    columns: &'static [Column],
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// No rows yet.
    pub fn new(columns: &'static [Column]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row with one value per column.
    pub fn push(&mut self, row: Vec<Value>) {
        debug_assert_eq!(row.len(), self.columns.len(), "one value per column");
        self.rows.push(row);
    }

    /// Writes all rows in a form.
    pub fn write(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match format {
            Format::Table => self.write_table(out, |column| !column.only_wide),
            Format::Wide => self.write_table(out, |_| true),
            Format::Json => {
                let objects: Vec<Value> = self.objects().collect();
                serde_json::to_writer_pretty(&mut *out, &objects)?;
                writeln!(out)
            }
            Format::Ndjson => self.objects().try_for_each(|object| writeln!(out, "{object}")),
            Format::Csv => self.write_csv(out),
            Format::Name => self.write_names(out),
        }
    }

    fn objects(&self) -> impl Iterator<Item = Value> {
        self.rows.iter().map(|row| {
            let names = self.columns.iter().map(|column| column.name.to_owned());
            Value::Object(names.zip(row.iter().cloned()).collect::<Map<_, _>>())
        })
    }

    fn write_table(&self, out: &mut impl Write, shown: impl Fn(&Column) -> bool) -> io::Result<()> {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.columns.iter().filter(|c| shown(c)).map(|c| c.title()));
        for row in &self.rows {
            let cells = self.columns.iter().zip(row).filter(|(column, _)| shown(column));
            table.add_row(cells.map(|(_, value)| printable::cell(&cell_text(value))));
        }
        table.lines().try_for_each(|line| writeln!(out, "{}", line.trim()))
    }

    fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        let header: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        writeln!(out, "{}", header.join(","))?;
        self.rows.iter().try_for_each(|row| {
            let fields: Vec<String> = row.iter().map(csv_field).collect();
            writeln!(out, "{}", fields.join(","))
        })
    }

    /// Neighbours of one name are one line: partitions of a topic, members of a group.
    fn write_names(&self, out: &mut impl Write) -> io::Result<()> {
        let mut names: Vec<String> = self.rows.iter().filter_map(|r| r.first()).map(text).collect();
        names.dedup();
        names.iter().try_for_each(|name| writeln!(out, "{name}"))
    }
}

/// A value in a table: an empty list is nothing, too.
fn cell_text(value: &Value) -> String {
    match text(value) {
        text if text.is_empty() => "-".to_owned(),
        text => text,
    }
}

/// A value as people write it: `-` for nothing, lists with commas, maps as `key=value`.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}={}", text(value)));
            entries.collect::<Vec<_>>().join(",")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn csv_field(value: &Value) -> String {
    let field = match value {
        Value::Null => String::new(),
        _ => text(value),
    };
    match field.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[Column] =
        &[Column::new("topic"), Column::new("partition"), Column::wide("replicas")];

    fn rendered(format: Format) -> String {
        let mut rows = Rows::new(COLUMNS);
        rows.push(vec![json!("orders"), json!(0), json!([1, 2])]);
        rows.push(vec![json!("orders"), json!(1), Value::Null]);
        rows.push(vec![json!("orders"), json!(2), json!([])]);
        let mut out = Vec::new();
        rows.write(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_leaves_out_what_is_only_wide() {
        assert_eq!(rendered(Format::Table), "TOPIC   PARTITION\norders  0\norders  1\norders  2\n");
    }

    #[test]
    fn a_wide_table_shows_lists_and_absent_values() {
        let expected = "TOPIC   PARTITION  REPLICAS\norders  0          1,2\n\
                        orders  1          -\norders  2          -\n";
        assert_eq!(rendered(Format::Wide), expected);
    }

    #[test]
    fn json_keeps_types_and_the_order_of_columns() {
        let expected = "{\"topic\":\"orders\",\"partition\":0,\"replicas\":[1,2]}\n\
                        {\"topic\":\"orders\",\"partition\":1,\"replicas\":null}\n\
                        {\"topic\":\"orders\",\"partition\":2,\"replicas\":[]}\n";
        assert_eq!(rendered(Format::Ndjson), expected);
        let array: Vec<Value> = serde_json::from_str(&rendered(Format::Json)).unwrap();
        assert_eq!(array.len(), 3);
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let expected = "topic,partition,replicas\norders,0,\"1,2\"\norders,1,\norders,2,\n";
        assert_eq!(rendered(Format::Csv), expected);
    }

    #[test]
    fn names_are_printed_once() {
        assert_eq!(rendered(Format::Name), "orders\n");
    }
}
