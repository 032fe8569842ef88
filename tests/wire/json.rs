//! Messages as JSON: what Kafka's table says of names, versions and tagged fields is what is shown.

use bytes::Bytes;
use serde_json::{Map, Value as Json};

use super::schema::{Field, Kind, Schema, Value};
use super::subjects::subjects;
use crate::random::Random;

#[test]
fn every_message_at_every_version_is_shown_under_kafkas_names() {
    let mut random = Random::from_environment();
    for subject in subjects() {
        let schema = Schema::of(subject.name);
        for version in subject.versions.clone() {
            let message = schema.random(&mut random, version);
            let bytes = Bytes::from(schema.bytes(&message, version));
            let shown = (subject.json)(bytes, version).expect("bytes that decode");
            let expected = json_of_struct(&schema.fields, &message, version);
            assert_eq!(shown, expected, "{} {version}", subject.name);
            assert_eq!(shown.to_string(), expected.to_string(), "order of {}", subject.name);
        }
    }
}

fn json_of_struct(fields: &[Field], value: &Value, version: i16) -> Json {
    let Value::Struct(values) = value else { panic!("not a struct: {value:?}") };
    let shown = fields.iter().zip(values).filter(|(field, value)| {
        field.versions.contain(version) && !(field.is_tagged() && **value == field.default())
    });
    Json::Object(
        shown
            .map(|(field, value)| (name(field), json(&field.kind, value, version)))
            .collect::<Map<_, _>>(),
    )
}

fn name(field: &Field) -> String {
    match field.name {
        // `match` is a keyword of Rust; the one request that has it is in no log.
        "Match" => "matchValue".to_owned(),
        name => {
            let (first, rest) = name.split_at(1);
            first.to_lowercase() + rest
        }
    }
}

fn json(kind: &Kind, value: &Value, version: i16) -> Json {
    match (kind, value) {
        (_, Value::Null) => Json::Null,
        (_, Value::Bool(value)) => Json::from(*value),
        (_, Value::Integer(value)) => Json::from(*value),
        (_, Value::Float(value)) => Json::from(*value),
        (_, Value::String(value)) => Json::from(value.as_str()),
        (_, Value::Uuid(value)) => Json::from(kf::base::uuid::Uuid(*value).to_string()),
        (_, Value::Bytes(value)) => Json::from(base64(value)),
        (Kind::Array(kind), Value::Array(elements)) => {
            elements.iter().map(|element| json(kind, element, version)).collect()
        }
        (Kind::Struct(fields), value) => json_of_struct(fields, value, version),
        _ => panic!("a value of another type: {value:?}"),
    }
}

/// Base64, bit by bit.
fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain("+/".chars()).collect();
    let mut bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    while !bits.len().is_multiple_of(6) {
        bits.push('0');
    }
    let mut text: String = (0..bits.len())
        .step_by(6)
        .map(|at| alphabet[usize::from_str_radix(&bits[at..at + 6], 2).expect("six bits")])
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
