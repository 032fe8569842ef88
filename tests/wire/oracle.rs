//! Every message at every version, three ways: Kafka's table followed literally, our codec, and the
//! crate `kafka-protocol` must agree on the bytes.

use std::sync::LazyLock;

use bytes::Bytes;
use kf::wire::api::ApiKey;
use kf::wire::codec::EncodeError;
use kf::wire::error::ErrorCode;
use kf::wire::schema::NEVER;
use regex::Regex;

use super::schema::{Field, Kind, Schema, Value, Versions};
use super::subjects::{Subject, subjects};
use crate::random::Random;

/// How many random values each message is tried with at each version.
const ROUNDS: usize = 24;

#[test]
fn every_message_has_the_versions_of_kafka() {
    for subject in subjects() {
        let schema = Schema::of(subject.name);
        assert_eq!(Versions(subject.versions), schema.versions, "{}", subject.name);
        let first_flexible = match schema.flexible.0.is_empty() {
            true => NEVER,
            false => *schema.flexible.0.start(),
        };
        assert_eq!(subject.first_flexible, first_flexible, "{}", subject.name);
    }
}

#[test]
fn every_api_and_every_message_of_the_source_is_under_test() {
    let names: Vec<_> = subjects().iter().map(|subject| subject.name).collect();
    for api in ApiKey::ALL {
        for message in [format!("{}Request", api.name()), format!("{}Response", api.name())] {
            assert!(names.contains(&message.as_str()), "add {message} to subjects.rs");
        }
    }
    let declaration = Regex::new(r"(?m)^    message (\w+) \[").expect("a regex");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/wire/messages");
    for file in std::fs::read_dir(folder).expect("the messages") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
        for (_, [message]) in declaration.captures_iter(&text).map(|found| found.extract()) {
            assert!(names.contains(&message), "add {message} to subjects.rs");
        }
    }
}

#[test]
fn our_bytes_are_those_of_kafkas_table_and_of_another_implementation() {
    let mut random = Random::from_environment();
    let (mut of_the_table, mut of_the_peer) = (0, 0);
    let mut unknown_to_the_peer = Vec::new();
    for subject in subjects() {
        let schema = Schema::of(subject.name);
        for version in subject.versions.clone() {
            let peer = subject.peer.as_ref().filter(|peer| peer.versions.contains(&version));
            of_the_table += 1;
            match peer {
                Some(_) => of_the_peer += 1,
                None => unknown_to_the_peer.push(format!("{} {version}", subject.name)),
            }
            for _ in 0..ROUNDS {
                let message = schema.random(&mut random, version);
                let bytes = Bytes::from(schema.bytes(&message, version));
                agree_on(&subject, version, &message, &bytes);
                if let Some(peer) = peer {
                    let theirs = (peer.rewrite)(bytes.clone(), version).unwrap_or_else(|error| {
                        panic!("{} {version} of the peer: {error}: {message:?}", subject.name)
                    });
                    assert_eq!(theirs, bytes, "{} {version} of the peer", subject.name);
                }
            }
        }
    }
    println!("{of_the_table} versions of messages compared, {of_the_peer} with the peer too");
    println!("The peer lacks {}.", unknown_to_the_peer.join(", "));
    assert!(of_the_table >= 602 && of_the_peer >= 497, "the comparison has shrunk");
}

/// Our codec reads `bytes` as `message`, and writes it as `bytes`.
fn agree_on(subject: &Subject, version: i16, message: &Value, bytes: &Bytes) {
    let name = subject.name;
    let printed = (subject.print)(bytes.clone(), version)
        .unwrap_or_else(|error| panic!("{name} {version}: {error}: {message:?}"));
    let fields = &Schema::of(name).fields;
    assert_eq!(without_type_names(&printed), without_type_names(&print_struct(fields, message)));
    let again = (subject.rewrite)(bytes.clone(), version, version);
    assert_eq!(again.as_ref(), Ok(bytes), "{name} {version}: {message:?}");
}

#[test]
fn what_a_version_cannot_say_is_refused_unless_it_may_be_dropped() {
    let mut random = Random::from_environment();
    let (mut refused, mut written) = (0, 0);
    for subject in subjects() {
        let schema = Schema::of(subject.name);
        for (from, to) in pairs(&subject) {
            let message = schema.random(&mut random, from);
            let bytes = Bytes::from(schema.bytes(&message, from));
            match (subject.rewrite)(bytes, from, to) {
                Ok(bytes) => {
                    written += 1;
                    assert!(can_say(&schema.fields, &message, to), "{} {to}", subject.name);
                    assert!((subject.decode)(bytes, to).is_ok(), "{} {to}", subject.name);
                }
                Err(EncodeError::NoSuchField { .. } | EncodeError::UnexpectedNull(_)) => {
                    refused += 1;
                    assert!(!can_say(&schema.fields, &message, to), "{} {to}", subject.name);
                }
                Err(error) => panic!("{} {to}: {error}", subject.name),
            }
        }
    }
    println!("{refused} messages refused at another version, {written} written");
    assert!(refused > 500 && written > 500);
}

#[test]
fn a_thousand_elements_with_short_names_are_within_the_memory_bound() {
    for subject in subjects() {
        let schema = Schema::of(subject.name);
        for version in subject.versions.clone() {
            let bytes = Bytes::from(schema.bytes(&schema.small(1000, version), version));
            assert_eq!((subject.decode)(bytes, version), Ok(()), "{} {version}", subject.name);
        }
    }
}

#[test]
fn a_new_message_is_what_kafka_makes_of_one_with_nothing_set() {
    for subject in subjects() {
        let fields = &Schema::of(subject.name).fields;
        let nothing_set = Value::Struct(fields.iter().map(Field::default).collect());
        assert_eq!(
            without_type_names(&(subject.print_new)()),
            without_type_names(&print_struct(fields, &nothing_set)),
        );
    }
}

/// Every two different versions of a message, each several times.
fn pairs(subject: &Subject) -> impl Iterator<Item = (i16, i16)> {
    let versions = subject.versions.clone();
    versions
        .clone()
        .flat_map(move |from| versions.clone().map(move |to| (from, to)))
        .filter(|(from, to)| from != to)
        .flat_map(|pair| std::iter::repeat_n(pair, 4))
}

/// Whether Kafka would write these fields at `version`.
fn can_say(fields: &[Field], value: &Value, version: i16) -> bool {
    let Value::Struct(values) = value else { panic!("not a struct: {value:?}") };
    fields.iter().zip(values).all(|(field, value)| match (&field.kind, value) {
        _ if !field.versions.contain(version) => field.ignorable || *value == field.default(),
        (_, Value::Null) => field.nullable.contain(version),
        (Kind::Struct(fields), value) => can_say(fields, value, version),
        (Kind::Array(element), Value::Array(elements)) => match &**element {
            Kind::Struct(fields) => elements.iter().all(|value| can_say(fields, value, version)),
            _ => true,
        },
        _ => true,
    })
}

/// The fields as `{:?}` prints our structs.
fn print_struct(fields: &[Field], value: &Value) -> String {
    let Value::Struct(values) = value else { panic!("not a struct: {value:?}") };
    if fields.is_empty() {
        return "Struct".to_owned();
    }
    let fields: Vec<_> = fields
        .iter()
        .zip(values)
        .map(|(field, value)| format!("{}: {}", snake_case(field.name), print_field(field, value)))
        .collect();
    format!("Struct {{ {} }}", fields.join(", "))
}

fn print_field(field: &Field, value: &Value) -> String {
    let printed = match value {
        Value::Null => return "None".to_owned(),
        Value::Integer(code) if field.name.ends_with("ErrorCode") => {
            format!("{:?}", ErrorCode(*code as i16))
        }
        value => print(&field.kind, value),
    };
    if field.nullable.0.is_empty() { printed } else { format!("Some({printed})") }
}

fn print(kind: &Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Struct(fields), value) => print_struct(fields, value),
        (Kind::Array(element), Value::Array(values)) => {
            let values: Vec<_> = values.iter().map(|value| print(element, value)).collect();
            format!("[{}]", values.join(", "))
        }
        (_, Value::Bool(value)) => format!("{value:?}"),
        (_, Value::Integer(value)) => format!("{value:?}"),
        (_, Value::Float(value)) => format!("{value:?}"),
        (_, Value::Uuid(value)) => format!("{:?}", kf::base::uuid::Uuid(*value)),
        (_, Value::String(value)) => format!("{value:?}"),
        (_, Value::Bytes(value)) => format!("{:?}", Bytes::copy_from_slice(value)),
        _ => panic!("a value of another type: {value:?}"),
    }
}

/// Kafka names some structs more than once; only their fields count here.
fn without_type_names(printed: &str) -> String {
    // A struct without fields is printed as its name alone.
    static TYPE_NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\w+ \{|^\w+$").expect("a regex"));
    TYPE_NAME.replace_all(printed, "{").into_owned()
}

fn snake_case(name: &str) -> String {
    if name == "Match" {
        return "match_value".to_owned(); // `match` is a keyword of Rust
    }
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
