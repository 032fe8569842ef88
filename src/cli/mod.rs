//! The command line: one file per `kafka-*.sh` script.
