//! Kafka's own deserializers, by the class names that scripts give, in native code.

use std::fmt::{self, Write};

/// Turns the bytes of a key, a value or a header into text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deserializer {
    /// Text in UTF-8; what is not becomes U+FFFD, as in Java.
    String,
    /// The bytes as they are. (Java's class prints an address instead.)
    ByteArray,
    /// ASCII as it is, other bytes as `\xNN`.
    Bytes,
    /// One byte, 0 or 1.
    Boolean,
    /// Two bytes, big endian.
    Short,
    /// Four bytes, big endian.
    Integer,
    /// Eight bytes, big endian.
    Long,
    /// Four bytes of IEEE 754, big endian.
    Float,
    /// Eight bytes of IEEE 754, big endian.
    Double,
    /// The text of a UUID.
    Uuid,
    /// Nothing: any bytes are an error.
    Void,
}

/// A class that has no native counterpart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no deserializer {name}; supported: {}", names())]
pub(super) struct UnknownDeserializer {
    name: String,
}

/// Why bytes are not what the deserializer expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DeserializeError {
    /// A fixed size is missed.
    #[error("Size of data received by {class}Deserializer is not {size}")]
    Size {
        /// The type.
        class: Deserializer,
        /// What it needs, in bytes.
        size: usize,
    },
    /// A byte that is no boolean.
    #[error("Unexpected byte received by BooleanDeserializer: {0}")]
    NotABoolean(u8),
    /// Text that is no UUID.
    #[error("Error parsing data into UUID")]
    NotAUuid,
    /// Bytes where there may be none.
    #[error("Data should be null for a VoidDeserializer.")]
    NotNull,
}

const PACKAGE: &str = "org.apache.kafka.common.serialization.";

impl Deserializer {
    const ALL: [Self; 11] = [
        Self::String,
        Self::ByteArray,
        Self::Bytes,
        Self::Boolean,
        Self::Short,
        Self::Integer,
        Self::Long,
        Self::Float,
        Self::Double,
        Self::Uuid,
        Self::Void,
    ];

    /// The deserializer of a class, given with or without its package.
    ///
    /// # Errors
    /// A class that is not one of Kafka's own; the error lists those.
    pub(super) fn from_class(name: &str) -> Result<Self, UnknownDeserializer> {
        let simple = name.strip_prefix(PACKAGE).unwrap_or(name);
        Self::ALL
            .into_iter()
            .find(|known| simple.strip_suffix("Deserializer") == Some(known.type_name()))
            .ok_or_else(|| UnknownDeserializer { name: name.to_owned() })
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::ByteArray => "ByteArray",
            Self::Bytes => "Bytes",
            Self::Boolean => "Boolean",
            Self::Short => "Short",
            Self::Integer => "Integer",
            Self::Long => "Long",
            Self::Float => "Float",
            Self::Double => "Double",
            Self::Uuid => "UUID",
            Self::Void => "Void",
        }
    }

    /// The text of `bytes`, as bytes.
    ///
    /// # Errors
    /// The bytes are not what this deserializer expects.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Vec<u8>, DeserializeError> {
        Ok(match self {
            Self::String => String::from_utf8_lossy(bytes).into_owned().into(),
            Self::ByteArray => bytes.to_vec(),
            Self::Bytes => escape_bytes(bytes).into(),
            Self::Boolean => match self.fixed(bytes)? {
                [0] => "false".into(),
                [1] => "true".into(),
                [byte] => return Err(DeserializeError::NotABoolean(byte)),
            },
            Self::Short => i16::from_be_bytes(self.fixed(bytes)?).to_string().into(),
            Self::Integer => i32::from_be_bytes(self.fixed(bytes)?).to_string().into(),
            Self::Long => i64::from_be_bytes(self.fixed(bytes)?).to_string().into(),
            Self::Float => {
                let value = f32::from_be_bytes(self.fixed(bytes)?);
                java_number(
                    f64::from(value.abs()),
                    value.is_sign_negative(),
                    format!("{:e}", value.abs()),
                )
            }
            Self::Double => {
                let value = f64::from_be_bytes(self.fixed(bytes)?);
                java_number(value.abs(), value.is_sign_negative(), format!("{:e}", value.abs()))
            }
            Self::Uuid => canonical_uuid(bytes).ok_or(DeserializeError::NotAUuid)?.into(),
            Self::Void => return Err(DeserializeError::NotNull),
        })
    }

    fn fixed<const SIZE: usize>(self, bytes: &[u8]) -> Result<[u8; SIZE], DeserializeError> {
        bytes.try_into().map_err(|_| DeserializeError::Size { class: self, size: SIZE })
    }
}

impl fmt::Display for Deserializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name())
    }
}

fn names() -> String {
    let names: Vec<String> =
        Deserializer::ALL.iter().map(|known| format!("{known}Deserializer")).collect();
    names.join(", ")
}

/// As Java's `Bytes.toString` has it.
fn escape_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b' '..=b'~' if byte != b'\\' => text.push(byte as char),
            _ => drop(write!(text, "\\x{byte:02X}")),
        }
    }
    text
}

/// As Java's `Double.toString` has it: plain from 10^-3 to 10^7, and with an exponent outside.
/// `scientific` is Rust's shortest form of `magnitude`, which has the same digits.
fn java_number(magnitude: f64, negative: bool, scientific: String) -> Vec<u8> {
    let sign = if negative { "-" } else { "" };
    let plain = magnitude == 0.0 || (1e-3..1e7).contains(&magnitude);
    let text = match scientific.split_once('e') {
        None if magnitude.is_nan() => return "NaN".into(),
        None => "Infinity".to_owned(),
        Some((digits, exponent)) => {
            let with_point = match digits.contains('.') {
                true => digits.to_owned(),
                false => format!("{digits}.0"),
            };
            match plain {
                true => shift_point(digits, exponent.parse().unwrap_or_default()),
                false => format!("{with_point}E{exponent}"),
            }
        }
    };
    format!("{sign}{text}").into()
}

/// `digits` (one before the point) times ten to the `exponent`, with at least one digit on both
/// sides of the point.
fn shift_point(digits: &str, exponent: i32) -> String {
    let mut all = digits.replace('.', "");
    let point = match usize::try_from(exponent) {
        Ok(exponent) => exponent + 1,
        Err(_) => {
            all.insert_str(0, &"0".repeat(exponent.unsigned_abs() as usize));
            1
        }
    };
    while all.len() <= point {
        all.push('0');
    }
    all.insert(point, '.');
    all
}

/// The text of a UUID in lower case with hyphens, if `bytes` are one.
fn canonical_uuid(bytes: &[u8]) -> Option<String> {
    let text = str::from_utf8(bytes).ok()?.to_ascii_lowercase();
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hexadecimal = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    (groups == [8, 4, 4, 4, 12] && is_hexadecimal).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(class: &str, bytes: &[u8]) -> String {
        match Deserializer::from_class(class).unwrap().read(bytes) {
            Ok(text) => String::from_utf8(text).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn classes_are_known_with_and_without_their_package() {
        for known in Deserializer::ALL {
            let simple = format!("{known}Deserializer");
            assert_eq!(Deserializer::from_class(&simple), Ok(known));
            assert_eq!(Deserializer::from_class(&format!("{PACKAGE}{simple}")), Ok(known));
        }
    }

    #[test]
    fn another_class_is_refused_with_the_list_of_what_there_is() {
        let error = Deserializer::from_class("io.confluent.KafkaAvroDeserializer").unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("no deserializer io.confluent.KafkaAvroDeserializer; supported: ")
        );
        assert!(text.ends_with("UUIDDeserializer, VoidDeserializer"), "{text}");
    }

    #[test]
    fn whole_numbers_are_big_endian_and_signed() {
        assert_eq!(read("LongDeserializer", &(-42i64).to_be_bytes()), "-42");
        assert_eq!(read("IntegerDeserializer", &i32::MAX.to_be_bytes()), "2147483647");
        assert_eq!(read("ShortDeserializer", &[0xff, 0xff]), "-1");
        assert_eq!(read("BooleanDeserializer", &[1]), "true");
    }

    #[test]
    fn a_wrong_size_is_an_error_in_kafkas_words() {
        assert_eq!(
            read("LongDeserializer", b"abc"),
            "Size of data received by LongDeserializer is not 8"
        );
        assert_eq!(
            read("ShortDeserializer", b""),
            "Size of data received by ShortDeserializer is not 2"
        );
    }

    #[test]
    fn fractions_are_written_as_java_writes_them() {
        let rows = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (0.001, "0.001"),
            (0.05, "0.05"),
            (0.00099, "9.9E-4"),
            (1234567.5, "1234567.5"),
            (9999999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.5e300, "1.5E300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, expected) in rows {
            assert_eq!(read("DoubleDeserializer", &value.to_be_bytes()), expected);
        }
        assert_eq!(read("FloatDeserializer", &0.1f32.to_be_bytes()), "0.1");
        assert_eq!(read("FloatDeserializer", &3.4e38f32.to_be_bytes()), "3.4E38");
    }

    #[test]
    fn bytes_outside_ascii_are_escaped_and_text_is_repaired() {
        assert_eq!(read("BytesDeserializer", b"a \\\x00\xff~"), r"a \x5C\x00\xFF~");
        assert_eq!(read("StringDeserializer", b"a\xffb"), "a\u{fffd}b");
    }

    #[test]
    fn a_uuid_is_text_in_five_groups() {
        let text = "A6F5B5C0-0f0e-4c0c-8a0a-000000000001";
        assert_eq!(read("UUIDDeserializer", text.as_bytes()), text.to_ascii_lowercase());
        for bad in ["", "a6f5b5c0", "a6f5b5c0-0f0e-4c0c-8a0a-00000000000g"] {
            assert_eq!(read("UUIDDeserializer", bad.as_bytes()), "Error parsing data into UUID");
        }
    }

    #[test]
    fn void_takes_nothing() {
        assert_eq!(read("VoidDeserializer", b""), "Data should be null for a VoidDeserializer.");
    }
}
