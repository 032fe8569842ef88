//! Our async client on [`crate::wire`].
