//! All integration tests in one binary, so that the dependencies are linked once.

mod broker;
mod cli;
mod fuzz;
mod generated;
mod harness;
mod random;
mod scenarios;
mod tidy;
mod wire;
