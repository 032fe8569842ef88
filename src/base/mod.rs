//! What every layer stands on: identifiers, and the doors through which time and disk come in.

pub mod clock;
pub mod disk;
pub mod uuid;
