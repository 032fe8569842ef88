//! The `kf` binary.

fn main() {}
