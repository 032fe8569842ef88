//! Completions and manual pages in the repository are what `kf` prints, and the tables in
//! `src/docs/settings.md` are those of the broker.
//!
//! `KF_BLESS=1 cargo test generated` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap_complete::Shell;
use kf::config::broker::BROKER_CONFIGS;
use kf::config::definition::{ConfigDefinition, ConfigTable, Effect};
use kf::config::topic::TOPIC_CONFIGS;

const COMPLETIONS: [(Shell, &str); 4] = [
    (Shell::Bash, "kf.bash"),
    (Shell::Zsh, "_kf"),
    (Shell::Fish, "kf.fish"),
    (Shell::PowerShell, "_kf.ps1"),
];

fn project(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Compares a folder with what it is to hold: these files, and no others.
fn assert_generated(folder: &str, expected: BTreeMap<String, Vec<u8>>) {
    let folder_path = project(folder);
    if std::env::var_os("KF_BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder_path);
        fs::create_dir_all(&folder_path).unwrap();
        for (name, content) in &expected {
            fs::write(folder_path.join(name), content).unwrap();
        }
    }
    let found: BTreeMap<String, Vec<u8>> = fs::read_dir(&folder_path)
        .unwrap_or_else(|error| panic!("{folder}: {error}; KF_BLESS=1 writes it"))
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "files in {folder}; KF_BLESS=1 rewrites them");
    let stale = expected.iter().find(|(name, content)| found.get(*name) != Some(content));
    let stale = stale.map(|(name, _)| format!("{folder}/{name}"));
    assert_eq!(stale, None, "not what kf prints; KF_BLESS=1 rewrites it");
}

#[test]
fn completions_are_what_kf_prints() {
    let files = COMPLETIONS
        .into_iter()
        .map(|(shell, name)| (name.to_owned(), kf::cli::completions::script(shell)));
    assert_generated("completions", files.collect());
}

#[test]
fn manual_pages_are_what_kf_prints() {
    let pages = kf::cli::man::pages().unwrap();
    let files = pages.into_iter().map(|(name, page)| (format!("{name}.1"), page));
    assert_generated("man", files.collect());
}

/// A table of settings as the page shows it.
fn settings(table: &ConfigTable) -> String {
    let row = |row: &ConfigDefinition| {
        let default = match row.default {
            Some("") | None => String::new(),
            Some(default) => format!("`{default}`"),
        };
        let effect = match row.effect {
            Effect::Obeyed => "yes",
            Effect::NoEffect => "none",
            Effect::OnlyDefault(_) => "only the default",
        };
        format!("| `{}` | {default} | {effect} | {} |\n", row.name, row.documentation)
    };
    let rows: String = table.rows().iter().map(row).collect();
    format!("| config | default | effect | what it is |\n|---|---|---|---|\n{rows}")
}

#[test]
fn the_page_of_settings_shows_the_tables() {
    let path = project("src/docs/settings.md");
    let found = fs::read_to_string(&path).expect("a page");
    let mut expected = found.clone();
    for (mark, table) in
        [("<!-- topics -->\n", &TOPIC_CONFIGS), ("<!-- brokers -->\n", &BROKER_CONFIGS)]
    {
        let (before, rest) = expected.split_once(mark).expect("a mark where the table starts");
        let (_, after) = rest.split_once("<!-- end -->").expect("a mark where the table ends");
        expected = format!("{before}{mark}{}<!-- end -->{after}", settings(table));
    }
    if std::env::var_os("KF_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    } else {
        assert!(found == expected, "src/docs/settings.md is stale; KF_BLESS=1 rewrites it");
    }
}
