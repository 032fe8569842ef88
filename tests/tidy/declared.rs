//! Every file is part of the build: a file that no `mod` names is not even compiled.

use std::collections::HashSet;

use super::{Source, assert_none, project};

/// Complaints about files that neither a `mod` line nor Cargo.toml names.
fn forgotten(sources: &[Source], cargo_toml: &str) -> Vec<String> {
    let roots: HashSet<&str> = cargo_toml
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'))
        .collect();
    let declared = |folder: &str, name: &str| {
        sources.iter().filter(|source| holds_modules_of(source, folder, &roots)).any(|source| {
            source.text.lines().any(|line| {
                let line = line.trim_start().trim_start_matches("pub ");
                let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
                line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) == Some(name)
            })
        })
    };
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !roots.contains(source.path.as_str())) {
        let (folder, name) = module_of(&source.path);
        if !declared(folder, name) {
            let path = &source.path;
            complaints.push(format!("{path} is not compiled; add `mod {name};` to its parent"));
        }
    }
    complaints
}

/// The folder that a module is in, and its name: both `a/b.rs` and `a/b/mod.rs` are `b` in `a`.
fn module_of(path: &str) -> (&str, &str) {
    let path = path.strip_suffix("/mod.rs").or(path.strip_suffix(".rs")).unwrap_or(path);
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Whether the `mod` lines of `source` are about files in `folder`.
fn holds_modules_of(source: &Source, folder: &str, roots: &HashSet<&str>) -> bool {
    let (parent, name) = module_of(&source.path);
    match roots.contains(source.path.as_str()) {
        true => parent == folder,
        false => {
            folder.strip_prefix(parent).is_some_and(|rest| rest.strip_prefix('/') == Some(name))
        }
    }
}

#[test]
fn every_file_is_compiled() {
    let cargo_toml = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let cargo_toml = std::fs::read_to_string(cargo_toml).expect("Cargo.toml");
    assert_none(&forgotten(&project(), &cargo_toml));
}

#[test]
fn a_file_that_no_module_names_is_caught() {
    let cargo_toml = "[lib]\npath = \"src/lib.rs\"\n[[test]]\npath = \"tests/main.rs\"\n";
    let sources = [
        Source::new("src/lib.rs", "pub mod wire;\n// mod ghost;\n"),
        Source::new("src/wire/mod.rs", "mod api;\npub(crate) mod records;\n"),
        Source::new("src/wire/api.rs", "#[cfg(test)]\nmod tests;\n"),
        Source::new("src/wire/api/tests.rs", ""),
        Source::new("src/wire/records/mod.rs", ""),
        Source::new("tests/main.rs", "mod wire;\n"),
        Source::new("tests/wire.rs", ""),
    ];
    assert_none(&forgotten(&sources, cargo_toml));
    for path in ["src/ghost.rs", "src/wire/tests.rs", "src/wire/records/api.rs", "tests/api.rs"] {
        let mut sources = Vec::from_iter(sources.iter().map(|s| Source::new(&s.path, &s.text)));
        sources.push(Source::new(path, ""));
        let complaints = forgotten(&sources, cargo_toml);
        assert_eq!(complaints.len(), 1, "{path}: {complaints:?}");
        assert!(complaints[0].starts_with(path), "{path}: {complaints:?}");
    }
}
