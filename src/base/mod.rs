//! What every layer stands on: identifiers and names, and the doors through which time and disk
//! come in.

pub mod clock;
pub mod disk;
pub mod sabotage;
pub mod topic_name;
pub mod uuid;
