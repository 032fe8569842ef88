//! A file holds one thing, and one thing fits 700 lines.

use super::{Source, assert_none, project};

const MAX_LINES: usize = 700;

fn too_long(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for Source { path, text } in sources {
        let lines = text.lines().count();
        if lines > MAX_LINES {
            complaints.push(format!(
                "{path} has {lines} lines, {MAX_LINES} are allowed; split it by what it holds"
            ));
        }
    }
    complaints
}

#[test]
fn no_file_is_longer_than_700_lines() {
    assert_none(&too_long(&project()));
}

#[test]
fn a_file_that_is_too_long_is_caught() {
    assert_eq!(too_long(&[Source::new("src/wire/api.rs", &"\n".repeat(701))]).len(), 1);
    assert_none(&too_long(&[Source::new("src/wire/api.rs", &"\n".repeat(700))]));
}
