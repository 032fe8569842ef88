//! What the broker promises, API by API, over TCP.

mod connections;
