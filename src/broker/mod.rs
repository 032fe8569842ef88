//! The broker: connections, dispatch, handlers.
