//! What the layout promises, and a machine can check: who may import whom, who may print, which
//! files are compiled, how long they are, and that the tables of settings tell the truth.
//!
//! Each rule takes files as text and returns complaints that say what to do instead, so that it
//! can be shown a planted offender as well as the project itself.

mod declared;
mod layers;
mod length;
mod settings;

use std::path::Path;

/// A file of the project.
struct Source {
    /// Its path from the top of the project, such as `src/wire/api.rs`.
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The module right below the crate that the file is part of; `None` for `lib.rs`, `main.rs`
    /// and tests.
    fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?.trim_end_matches(".rs");
        let module = inside.split('/').next()?;
        (!["lib", "main"].contains(&module)).then_some(module)
    }

    /// The numbered lines of the text that are neither comments nor inside of a test module.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        let mut after_cfg_test = false;
        let mut in_test_module = is_test;
        self.text.lines().enumerate().filter_map(move |(index, line)| {
            if after_cfg_test && line.starts_with("mod ") && line.ends_with('{') {
                in_test_module = true;
            }
            after_cfg_test = line == "#[cfg(test)]";
            let is_code = !in_test_module && !line.trim_start().starts_with("//");
            if in_test_module && !is_test && line == "}" {
                in_test_module = false;
            }
            is_code.then_some((index + 1, line))
        })
    }
}

/// Every Rust file below `src` and `tests`.
fn project() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["src", "tests"] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), folder, &mut sources);
    }
    assert!(sources.len() > 100, "the files of the project were not found");
    sources
}

fn collect(folder: &Path, path: &str, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder that can be read") {
        let entry = entry.expect("an entry that can be read").path();
        let name = entry.file_name().expect("a name").to_string_lossy();
        let path = format!("{path}/{name}");
        if entry.is_dir() {
            collect(&entry, &path, sources);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&entry).expect("a text file");
            sources.push(Source { path, text });
        }
    }
}

/// Fails with all complaints at once.
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn comments_and_test_modules_are_not_code() {
    let text = "use a;\n// b\n#[cfg(test)]\nmod tests {\n    use c;\n}\n#[cfg(test)]\nmod d;\ne\n";
    let source = Source::new("src/wire/x.rs", text);
    let code: Vec<_> = source.code().map(|(number, _)| number).collect();
    assert_eq!(code, [1, 3, 7, 8, 9]);
    assert_eq!(Source::new("src/wire/tests.rs", text).code().count(), 0);
}
