//! Tables as Kafka's script prints them, which other scripts cut by column.
//!
//! Columns are padded on the right and stand one space apart. Some have a fixed width that longer
//! values break, some grow to their longest value.

/// A column of the script's tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScriptColumn {
    title: &'static str,
    least: usize,
    grows: bool,
}

impl ScriptColumn {
    /// A column of so many characters; 0 for the last one of a row, which is not padded.
    pub(super) const fn fixed(title: &'static str, width: usize) -> Self {
        Self { title, least: width, grows: false }
    }

    /// A column as wide as its longest value, and at least of so many characters.
    pub(super) const fn growing(title: &'static str, least: usize) -> Self {
        Self { title, least, grows: true }
    }

    fn width(&self, values: impl Iterator<Item = usize>) -> usize {
        match self.grows {
            true => values.fold(self.least, usize::max),
            false => self.least,
        }
    }
}

/// The titles and all rows, each ended by a line feed. Every row has one cell per column.
pub(super) fn script_table(columns: &[ScriptColumn], rows: &[Vec<String>]) -> String {
    let lengths = |index: usize| {
        rows.iter().filter_map(move |row| row.get(index)).map(|cell| cell.chars().count())
    };
    let widths: Vec<usize> =
        columns.iter().enumerate().map(|(index, column)| column.width(lengths(index))).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join(" ") + "\n"
    };
    let mut table = line(&mut columns.iter().map(|column| column.title));
    for row in rows {
        table += &line(&mut row.iter().map(String::as_str));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [ScriptColumn; 3] = [
        ScriptColumn::growing("GROUP", 7),
        ScriptColumn::fixed("LAG", 4),
        ScriptColumn::fixed("HOST", 0),
    ];

    fn table(rows: &[[&str; 3]]) -> String {
        let rows: Vec<_> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        script_table(&COLUMNS, &rows)
    }

    #[test]
    fn without_rows_there_are_titles() {
        assert_eq!(table(&[]), "GROUP   LAG  HOST\n");
    }

    #[test]
    fn a_growing_column_is_as_wide_as_its_longest_value() {
        assert_eq!(
            table(&[["longer-id", "1", "/a"], ["g", "2", "/b"]]),
            "GROUP     LAG  HOST\nlonger-id 1    /a\ng         2    /b\n"
        );
    }

    #[test]
    fn a_fixed_column_lets_longer_values_through() {
        assert_eq!(table(&[["g", "123456", "/a"]]), "GROUP   LAG  HOST\ng       123456 /a\n");
    }

    #[test]
    fn characters_count_not_bytes() {
        assert_eq!(table(&[["größe", "1", "/a"]]), "GROUP   LAG  HOST\ngröße   1    /a\n");
    }
}
