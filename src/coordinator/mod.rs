//! Groups and their offsets, as machines that decide without doing.
