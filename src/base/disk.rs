//! The disk as the storage layer sees it.
