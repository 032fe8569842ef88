//! All integration tests in one binary, so that the dependencies are linked once.

mod broker;
#[path = "torture/checker/mod.rs"]
mod checker;
mod cli;
mod fuzz;
mod generated;
mod harness;
mod planted;
mod random;
mod scenarios;
mod tidy;
mod wire;
