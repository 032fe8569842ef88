//! 128-bit identifiers in Kafka's form (KIP-516): topic ids, directory ids, cluster ids.

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A UUID, shown as Kafka shows it: 22 characters of URL-safe base64 without padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// "No id": what a peer sends for a topic whose id it does not know.
    pub const ZERO: Uuid = Uuid([0; 16]);
    /// Reserved by Kafka for the metadata topic.
    const METADATA_TOPIC: Uuid = Uuid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// A random version 4 UUID; never one that Kafka reserves, nor one whose text starts with a
    /// dash (a dash would read as an option on a command line, so Kafka avoids it too).
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    pub fn random() -> Self {
        loop {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
            bytes[6] = (bytes[6] & 0x0f) | 0x40;
            bytes[8] = (bytes[8] & 0x3f) | 0x80;
            let uuid = Uuid(bytes);
            let reserved = uuid == Self::ZERO || uuid == Self::METADATA_TOPIC;
            if !reserved && !uuid.to_string().starts_with('-') {
                return uuid;
            }
        }
    }

    /// Whether this is [`Uuid::ZERO`].
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = u128::from_be_bytes(self.0);
        let mut text = [0u8; 22];
        for (index, character) in text.iter_mut().enumerate() {
            // 22 characters carry 132 bits: the last one ends in four bits of padding.
            let shift = 122 - 6 * index as i32;
            let bits = if shift >= 0 { value >> shift } else { value << -shift };
            *character = ALPHABET[(bits & 63) as usize];
        }
        f.write_str(std::str::from_utf8(&text).expect("the alphabet is ASCII"))
    }
}

/// The text is not 22 characters of URL-safe base64 that make 128 bits.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Kafka id (22 characters of URL-safe base64): {0:?}")]
pub struct InvalidUuid(pub String);

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        let invalid = || InvalidUuid(text.to_owned());
        let characters = text.strip_suffix("==").unwrap_or(text).as_bytes();
        if characters.len() != 22 {
            return Err(invalid());
        }
        let mut value = 0u128;
        for (index, character) in characters.iter().enumerate() {
            let bits = ALPHABET.iter().position(|c| c == character).ok_or_else(invalid)? as u128;
            let shift = 122 - 6 * index as i32;
            if shift < 0 && bits & 15 != 0 {
                return Err(invalid());
            }
            value |= if shift >= 0 { bits << shift } else { bits >> -shift };
        }
        Ok(Uuid(value.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_the_one_of_kafka() {
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(Uuid::METADATA_TOPIC.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
    }

    #[test]
    fn text_and_bytes_are_the_same_thing() {
        for _ in 0..1000 {
            let uuid = Uuid::random();
            assert_eq!(uuid.to_string().parse(), Ok(uuid));
        }
    }

    #[test]
    fn text_that_is_no_id_is_refused() {
        for text in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAA!", "AAAAAAAAAAAAAAAAAAAAAB", "é"] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
    }
}
