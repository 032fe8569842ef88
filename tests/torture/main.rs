//! Tortures the real binary: `torture [--tier 1|2] [--count N] [SCENARIO]...`.
//!
//! Each scenario starts `kf broker`, lets writers write, does harm, and holds what is left against
//! what was promised. It prints its seed (`KF_SEED` repeats it), what it did, what it measured next
//! to the goal, and every broken promise. What this machine cannot do is skipped by name. The exit
//! code is 1 if a promise was broken.

mod broker;
mod checker;
mod client;
mod ledger;
mod load;
mod loop_disk;
mod mounts;
mod process;
#[path = "../random.rs"]
mod random;
mod reader;
mod record;
mod requests;
mod scenario;
mod scenarios;
mod statistics;
mod strace;
#[path = "../harness/temp_dir.rs"]
mod temp_dir;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use random::Random;
use scenario::{Report, Run, Scenario, Stop, Tier};
use scenarios::SCENARIOS;
use temp_dir::TempDir;

/// Names the binary under test; without it, the one that was built along.
const BINARY_VARIABLE: &str = "KF_BIN";

fn main() -> ExitCode {
    let Arguments { tier, count, names } = match arguments() {
        Ok(arguments) => arguments,
        Err(complaint) => {
            eprintln!("{complaint}");
            return ExitCode::from(2);
        }
    };
    let is_chosen = |name| names.is_empty() || names.iter().any(|other| other == name);
    let chosen = SCENARIOS.iter().filter(|scenario| is_chosen(scenario.name));
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for scenario in chosen {
        match attempt(scenario, tier, count) {
            Ok(report) if report.complaints.is_empty() => passed += 1,
            Err(Stop::Skipped(_)) => skipped += 1,
            Ok(_) | Err(Stop::Failed(_)) => failed += 1,
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    ExitCode::from(u8::from(failed > 0))
}

/// What the command line says.
struct Arguments {
    tier: Tier,
    /// How often harm is done, instead of as often as the tier says.
    count: Option<usize>,
    /// The scenarios; none stands for all.
    names: Vec<String>,
}

fn arguments() -> Result<Arguments, String> {
    let mut said = Arguments { tier: Tier::One, count: None, names: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--tier" => {
                said.tier = match words.next().as_deref() {
                    Some("1") => Tier::One,
                    Some("2") => Tier::Two,
                    _ => return Err("--tier takes 1 or 2".to_owned()),
                }
            }
            "--count" => {
                let count = words.next().and_then(|count| count.parse().ok());
                said.count = Some(count.ok_or("--count takes a number")?);
            }
            name if SCENARIOS.iter().any(|scenario| scenario.name == name) => {
                said.names.push(word);
            }
            other => {
                let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
                return Err(format!("there is no scenario {other}; there are {}", known.join(" ")));
            }
        }
    }
    Ok(said)
}

/// Runs one scenario and prints what came of it.
fn attempt(scenario: &Scenario, tier: Tier, count: Option<usize>) -> Result<Report, Stop> {
    let name = scenario.name;
    let number = if tier == Tier::One { 1 } else { 2 };
    print!("\n== {name}, tier {number}, ");
    let random = Random::from_environment();
    let binary = std::env::var_os(BINARY_VARIABLE).map(PathBuf::from);
    let binary = binary.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_kf")));
    let directory = TempDir::new();
    let path = directory.path().to_owned();
    let started = Instant::now();
    let result = (scenario.run)(&mut Run { tier, count, random, binary, directory: path });
    let seconds = started.elapsed().as_secs_f64();
    match &result {
        Ok(report) => {
            print_report(name, report);
            println!("   {seconds:.0} s");
        }
        Err(Stop::Skipped(reason)) => println!("skip {name}: {reason}"),
        Err(Stop::Failed(reason)) => println!("not ok {name}: {reason}"),
    }
    if !matches!(&result, Ok(report) if report.complaints.is_empty()) {
        keep(directory);
    }
    result
}

fn print_report(name: &str, report: &Report) {
    let verdict = if report.complaints.is_empty() { "ok" } else { "not ok" };
    println!("{verdict} {name}");
    for complaint in &report.complaints {
        println!("   {complaint}");
    }
    for done in &report.done {
        println!("   {done}");
    }
    for measurement in &report.measurements {
        let verdict = if measurement.is_met { "met" } else { "MISSED" };
        let scenario::Measurement { what, measured, goal, .. } = measurement;
        println!("   {what}: {measured}, goal {goal}: {verdict}");
    }
}

/// Leaves what a failure has left behind to whoever looks for its cause.
fn keep(directory: TempDir) {
    println!("   the files are kept in {}", directory.path().display());
    std::mem::forget(directory);
}
