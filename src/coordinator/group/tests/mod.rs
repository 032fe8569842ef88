//! Each rule of the group coordinator, by name.
