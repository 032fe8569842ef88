//! How Java shows things: text that is not UTF-8, numbers that may be missing, and JSON as Jackson
//! writes it.

use std::fmt::{self, Write};

use serde_json::Value;

/// The text of bytes. What is not UTF-8 becomes one replacement character for each run that might
/// have been a character; other than in Rust, half of a UTF-16 pair is such a run.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(chunk) = rest.utf8_chunks().next() {
        text.push_str(chunk.valid());
        if chunk.invalid().is_empty() {
            break;
        }
        text.push(char::REPLACEMENT_CHARACTER);
        rest = rest.get(chunk.valid().len()..).unwrap_or_default();
        rest = match rest {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, rest @ ..] | [0xed, 0xa0..=0xbf, rest @ ..] => rest,
            _ => rest.get(chunk.invalid().len()..).unwrap_or_default(),
        };
    }
    text
}

/// A number that may be missing.
pub(super) fn optional_long(number: Option<i64>) -> String {
    number.map_or("OptionalLong.empty".to_owned(), |number| format!("OptionalLong[{number}]"))
}

/// A value, displayed as Jackson writes it.
pub(super) struct JavaJson(pub(super) Value);

impl fmt::Display for JavaJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put_value(f, &self.0)
    }
}

fn put_value(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => f.write_str("null"),
        Value::Bool(value) => write!(f, "{value}"),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(number) => put_double(f, number),
            None => write!(f, "{number}"),
        },
        Value::String(text) => put_text(f, text),
        Value::Array(elements) => {
            f.write_char('[')?;
            for (index, element) in elements.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { "," })?;
                put_value(f, element)?;
            }
            f.write_char(']')
        }
        Value::Object(fields) => {
            f.write_char('{')?;
            for (index, (name, value)) in fields.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { "," })?;
                put_text(f, name)?;
                f.write_char(':')?;
                put_value(f, value)?;
            }
            f.write_char('}')
        }
    }
}

/// Java's `Double.toString`: with an exponent below 0.001 and from ten million on.
fn put_double(f: &mut fmt::Formatter<'_>, number: f64) -> fmt::Result {
    if number == 0.0 || (1e-3..1e7).contains(&number.abs()) {
        return write!(f, "{number:?}");
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => write!(f, "{digits}.0E{exponent}"),
        _ => f.write_str(&text),
    }
}

fn put_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\u{8}' => f.write_str("\\b")?,
            '\t' => f.write_str("\\t")?,
            '\n' => f.write_str("\\n")?,
            '\u{c}' => f.write_str("\\f")?,
            '\r' => f.write_str("\\r")?,
            '\0'..='\u{1f}' => write!(f, "\\u{:04X}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_text_is_replaced_as_java_does_it() {
        for (bytes, expected) in [
            (&b"plain \xc3\xa9"[..], "plain é"),
            (b"\xa1\xf9\r", "??\r"),
            (b"\xed\xa7\0", "?\0"),
            (b"\xed\xa7\xa7a", "?a"),
            (b"\xed\xa7", "?"),
            (b"\xf0\x9f\x9f", "?"),
            (b"\xe0\x80a", "??a"),
        ] {
            assert_eq!(text(bytes), expected.replace('?', "\u{fffd}"), "{bytes:x?}");
        }
    }

    #[test]
    fn text_and_numbers_are_those_of_jackson() {
        for (value, expected) in [
            (json!({"a": [1, -1, null, true], "b": {}}), r#"{"a":[1,-1,null,true],"b":{}}"#),
            (json!("é\u{1f}\u{7f}\t\"\\/"), "\"é\\u001F\u{7f}\\t\\\"\\\\/\""),
            (json!(0.0), "0.0"),
            (json!(0.001), "0.001"),
            (json!(0.00025), "2.5E-4"),
            (json!(9999999.5), "9999999.5"),
            (json!(1e7), "1.0E7"),
            (json!(-10485760.0), "-1.048576E7"),
        ] {
            assert_eq!(JavaJson(value).to_string(), expected);
        }
    }
}
