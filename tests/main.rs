//! All integration tests in one binary, so that the dependencies are linked once.

mod fuzz;
mod random;
mod tidy;
mod wire;
