//! Messages as JSON, as Kafka's own converters write them: how its tools show records.
//!
//! A field's name is the one in Kafka's schema with a small first letter. A field that the version
//! lacks is left out, and so is a tagged field with its default value. Ids are text, bytes are
//! base64, and null is null.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::error::ErrorCode;
use crate::base::uuid::Uuid;

/// Something that a message is made of, and the message itself.
pub trait ToJson {
    /// The value as it is at `version` of the message around it.
    fn to_json(&self, version: i16) -> Value;
}

/// The fields of a message, in the order of the schema.
#[derive(Debug)]
pub struct JsonObject {
    version: i16,
    fields: Map<String, Value>,
}

impl JsonObject {
    /// No fields yet, of a message at `version`.
    pub fn new(version: i16) -> Self {
        Self { version, fields: Map::new() }
    }

    /// Adds a field, whose name is that of the field in Rust: `topic_id` becomes `topicId`.
    pub fn put(&mut self, name: &str, value: &impl ToJson) {
        self.fields.insert(camel_case(name), value.to_json(self.version));
    }
}

impl From<JsonObject> for Value {
    fn from(object: JsonObject) -> Value {
        Value::Object(object.fields)
    }
}

fn camel_case(snake_case: &str) -> String {
    let mut name = String::with_capacity(snake_case.len());
    let mut starts_word = false;
    for letter in snake_case.chars() {
        match letter {
            '_' => starts_word = true,
            _ if std::mem::take(&mut starts_word) => name.push(letter.to_ascii_uppercase()),
            _ => name.push(letter),
        }
    }
    name
}

macro_rules! as_they_are {
    ($($type:ty),*) => {$(
        impl ToJson for $type {
            fn to_json(&self, _: i16) -> Value {
                self.clone().into()
            }
        }
    )*};
}

as_they_are!(bool, i8, i16, u16, i32, u32, i64, f64, String);

impl ToJson for ErrorCode {
    fn to_json(&self, version: i16) -> Value {
        self.0.to_json(version)
    }
}

impl ToJson for Uuid {
    fn to_json(&self, _: i16) -> Value {
        self.to_string().into()
    }
}

impl ToJson for Bytes {
    fn to_json(&self, _: i16) -> Value {
        base64(self).into()
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self, version: i16) -> Value {
        self.as_ref().map_or(Value::Null, |value| value.to_json(version))
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self, version: i16) -> Value {
        self.iter().map(|element| element.to_json(version)).collect()
    }
}

/// RFC 4648 with padding, on one line.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for place in 0..4 {
            match place <= group.len() {
                true => text.push(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63] as char),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }
}
