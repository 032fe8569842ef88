//! All integration tests in one binary, so that the dependencies are linked once.

mod cli;
mod fuzz;
mod generated;
mod random;
mod tidy;
mod wire;
