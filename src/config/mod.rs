//! The tables of settings: what a topic, a broker and a client can be told, and the `.properties` reader.
