//! A module imports only lower tiers; only `cli` talks to the world; the cores are not async.

use regex::Regex;

use super::{Source, assert_none, project};

/// The modules right below the crate, each with its tier.
const TIERS: [(&str, usize); 10] = [
    ("base", 0),
    ("wire", 1),
    ("config", 1),
    ("net", 2),
    ("storage", 2),
    ("client", 3),
    ("coordinator", 3),
    ("broker", 4),
    ("cli", 5),
    // Pages without code.
    ("docs", 6),
];

/// What only `cli` may do, as it appears in code.
const TALKING: &str =
    r"\b(e?print(ln)?!|dbg!|std::env::|env::(vars?|args)(_os)?\(|process::(exit|abort)\()";

/// Reads which bug is planted, in a build that is for tests alone.
const SABOTAGE: &str = "src/base/sabotage.rs";

/// The modules whose logic must run without a runtime, and what gives a runtime away.
const NOT_ASYNC: [&str; 4] = ["wire", "config", "storage", "coordinator"];
const ASYNC: &str = r"\b(async (fn|move)|async \{|tokio\b)|\.await\b";

fn tier(module: &str) -> Option<usize> {
    TIERS.iter().find(|(name, _)| *name == module).map(|(_, tier)| *tier)
}

/// Complaints about imports of a module of the same or a higher tier.
fn imports(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        let Some(module) = source.module() else { continue };
        let path = &source.path;
        let Some(own) = tier(module) else {
            complaints.push(format!("{path}: give `{module}` a tier in tests/tidy/layers.rs"));
            continue;
        };
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        for other in imported(&code) {
            if other != module && tier(other).is_some_and(|tier| tier >= own) {
                complaints.push(format!(
                    "{path}: `{module}` must not know of `{other}`, which is not of a lower tier; \
                     move what both need down, or declare a trait that `{other}` implements"
                ));
            }
        }
    }
    complaints
}

/// The first names of all paths that start at the crate, those in braces too.
fn imported(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        let path = &code[at + start.len()..];
        match path.strip_prefix('{') {
            None => names.push(first_name(path)),
            Some(group) => names.extend(names_of_group(group)),
        }
    }
    names
}

/// The first name of each path of `a::b, c::{d, e}}`, up to the brace that closes the group.
fn names_of_group(group: &str) -> Vec<&str> {
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                names.push(first_name(&group[start..at]));
                break;
            }
            ',' if depth == 0 => {
                names.push(first_name(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    &path[..end.unwrap_or(path.len())]
}

/// Complaints about lines that `pattern` finds in the modules for which `forbidden` is true.
fn lines(
    sources: &[Source],
    forbidden: impl Fn(&str) -> bool,
    pattern: &str,
    advice: &str,
) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a regex");
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| source.module().is_some_and(&forbidden)) {
        for (number, line) in source.code() {
            if let Some(found) = pattern.find(line) {
                let (path, found) = (&source.path, found.as_str());
                complaints.push(format!("{path}:{number}: no `{found}` here; {advice}"));
            }
        }
    }
    complaints
}

fn talking(sources: &[Source]) -> Vec<String> {
    let advice = "return it to `cli`, which alone prints, reads the environment and exits, or \
                  use `tracing` for a log line";
    let mut complaints = lines(sources, |module| module != "cli", TALKING, advice);
    complaints.retain(|complaint| !complaint.starts_with(SABOTAGE));
    complaints
}

fn asynchronous(sources: &[Source]) -> Vec<String> {
    let advice = "decide with plain functions here, and let `broker` or `client` do the waiting";
    lines(sources, |module| NOT_ASYNC.contains(&module), ASYNC, advice)
}

#[test]
fn a_module_imports_only_lower_tiers() {
    assert_none(&imports(&project()));
}

#[test]
fn only_the_command_line_prints_reads_the_environment_or_exits() {
    assert_none(&talking(&project()));
}

#[test]
fn wire_config_storage_and_coordinator_are_not_async() {
    assert_none(&asynchronous(&project()));
}

#[test]
fn an_import_of_the_same_or_a_higher_tier_is_caught() {
    for import in [
        "use crate::net::framed;",
        "use crate::{\n    base::uuid::Uuid,\n    net::{framed, sasl},\n};",
        "fn f() -> crate::net::Stream {",
        "use crate::{storage, net};",
    ] {
        let complaints = imports(&[Source::new("src/storage/log.rs", import)]);
        assert_eq!(complaints.len(), 1, "{import}");
        assert!(complaints[0].contains("`storage` must not know of `net`"), "{}", complaints[0]);
    }
    let fine = "use crate::{base::{clock, net}, message, wire};\nuse crate::storage::view;\n";
    assert_none(&imports(&[Source::new("src/storage/log.rs", fine)]));
}

#[test]
fn a_module_without_a_tier_is_caught() {
    assert_eq!(imports(&[Source::new("src/helpers/mod.rs", "")]).len(), 1);
}

#[test]
fn talking_outside_of_the_command_line_is_caught() {
    for line in [
        "    println!(\"hello\");",
        "    eprint!(\"hello\");",
        "    let home = std::env::var(\"HOME\");",
        "    std::process::exit(1);",
        "    dbg!(x);",
    ] {
        assert_eq!(talking(&[Source::new("src/broker/mod.rs", line)]).len(), 1, "{line}");
        assert_none(&talking(&[Source::new("src/cli/topics.rs", line)]));
    }
    assert_none(&talking(&[Source::new("src/broker/mod.rs", "let v = env!(\"VERSION\");")]));
}

#[test]
fn asynchronous_cores_are_caught() {
    for line in
        ["pub async fn f() {", "use tokio::sync::mpsc;", "x().await;", "spawn(async move {})"]
    {
        assert_eq!(asynchronous(&[Source::new("src/wire/x.rs", line)]).len(), 1, "{line}");
        assert_none(&asynchronous(&[Source::new("src/broker/x.rs", line)]));
    }
}
