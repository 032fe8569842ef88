//! Reading Java `.properties` files: `server.properties`, `client.properties`, `--command-config`.
//!
//! The format is the one of `java.util.Properties`: comments with `#` and `!`, a backslash at the
//! end of a line continues it, `=`, `:` or white space end the key, `\uXXXX` and the escapes of
//! Java. The text is UTF-8, which a file written for Java's Latin-1 reader with `\u` escapes also
//! is. `${...}` is not expanded.

use std::borrow::Cow;

/// White space between and around keys and values, as Java defines it here.
const WHITE: [char; 3] = [' ', '\t', '\x0c'];

/// Keys and values in the order in which the keys first appeared; the last value of a key wins.
///
/// Has no `Debug`: the values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties {
    entries: Vec<(String, String)>,
}

/// A line that is not in the format of `.properties` files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: malformed \\uXXXX escape")]
pub struct PropertiesError {
    /// Number of the line on which the entry starts, from 1.
    pub line: usize,
}

impl Properties {
    /// Reads a whole file's text.
    ///
    /// # Errors
    /// A `\u` escape that is not four hexadecimal digits, or is half of a surrogate pair; all
    /// other text means something.
    pub fn parse(text: &str) -> Result<Self, PropertiesError> {
        let mut properties = Self::default();
        let text = with_unix_line_ends(text);
        let mut lines = text.split('\n').enumerate();
        while let Some((index, line)) = lines.next() {
            let line = line.trim_start_matches(WHITE);
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let mut entry = line.to_owned();
            while ends_in_a_lone_backslash(&entry) {
                entry.pop();
                let Some((_, next)) = lines.next() else { break };
                entry.push_str(next.trim_start_matches(WHITE));
            }
            let (key, value) = split_entry(&entry);
            let malformed = PropertiesError { line: index + 1 };
            let key = unescape(key).ok_or_else(|| malformed.clone())?;
            properties.set(key, unescape(value).ok_or(malformed)?);
        }
        Ok(properties)
    }

    /// Sets a key, in its old place if it was there.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let (key, value) = (key.into(), value.into());
        match self.entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((key, value)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// All keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Properties {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut properties = Self::default();
        for (key, value) in entries {
            properties.set(key, value);
        }
        properties
    }
}

fn with_unix_line_ends(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => text.into(),
    }
}

fn ends_in_a_lone_backslash(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Cuts at the first separator that no backslash escapes: white space, with at most one `=` or
/// `:` in it.
fn split_entry(entry: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = entry.char_indices().find(|(_, character)| {
        let separates = !escaped && (WHITE.contains(character) || matches!(character, '=' | ':'));
        escaped = !escaped && *character == '\\';
        separates
    });
    let (key, rest) = entry.split_at(end.map_or(entry.len(), |(index, _)| index));
    let rest = rest.trim_start_matches(WHITE);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, rest.trim_start_matches(WHITE))
}

/// Resolves the escapes; `None` if a `\u` escape is malformed.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let Some(character) = escape.chars().next() else { return Some(plain) };
        rest = escape.get(character.len_utf8()..)?;
        match character {
            't' => plain.push('\t'),
            'n' => plain.push('\n'),
            'r' => plain.push('\r'),
            'f' => plain.push('\x0c'),
            'u' => {
                let (decoded, after) = unescape_unicode(rest)?;
                plain.push(decoded);
                rest = after;
            }
            other => plain.push(other),
        }
    }
    plain.push_str(rest);
    Some(plain)
}

/// Reads what follows `\u`. Characters above U+FFFF are two escapes: a surrogate pair.
fn unescape_unicode(text: &str) -> Option<(char, &str)> {
    let (high, rest) = unescape_unit(text)?;
    if let Some(character) = char::from_u32(u32::from(high)) {
        return Some((character, rest));
    }
    let (low, rest) = unescape_unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([high, low]).next()?.ok()?;
    Some((character, rest))
}

fn unescape_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let all_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all_hexadecimal.then_some(())?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(String, String)> {
        Properties::parse(text).unwrap_or_else(|error| panic!("{error}")).entries
    }

    fn one(text: &str) -> (String, String) {
        let mut entries = entries(text);
        assert_eq!(entries.len(), 1, "{text:?}");
        entries.remove(0)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn comments_and_blank_lines_are_skipped() {
        assert_eq!(entries("# a=1\n  ! b=2\n\n \t\nc=3"), [pair("c", "3")]);
    }

    #[test]
    fn equals_colon_and_white_space_end_the_key() {
        for text in ["a=b", "a:b", "a b", "a = b", "  a\t:  b", "a\x0cb"] {
            assert_eq!(one(text), pair("a", "b"), "{text:?}");
        }
        assert_eq!(one("a==b"), pair("a", "=b"));
        assert_eq!(one("a = = b"), pair("a", "= b"));
        assert_eq!(one("listeners=A://:1"), pair("listeners", "A://:1"));
        assert_eq!(one("a"), pair("a", ""));
        assert_eq!(one("=b"), pair("", "b"));
    }

    #[test]
    fn trailing_white_space_belongs_to_the_value() {
        assert_eq!(one("a=b \n"), pair("a", "b "));
    }

    #[test]
    fn a_backslash_at_the_end_continues_the_line() {
        assert_eq!(one("a=b,\\\n   c,\\\r\n\td"), pair("a", "b,c,d"));
        assert_eq!(one("a=b\\\n# no comment"), pair("a", "b# no comment"));
        assert_eq!(one("a=b\\"), pair("a", "b"));
        assert_eq!(entries("a=b\\\\\nc=d"), [pair("a", "b\\"), pair("c", "d")]);
    }

    #[test]
    fn escapes_are_those_of_java() {
        assert_eq!(one(r"a\ b\=c\:d=\t\n\r\f\\\q"), pair("a b=c:d", "\t\n\r\x0c\\q"));
        assert_eq!(one(r"\u00e4=\uD83D\uDE00!"), pair("ä", "😀!"));
        assert_eq!(one(r"a\\=b"), pair("a\\", "b"));
    }

    #[test]
    fn a_malformed_unicode_escape_names_its_line() {
        for value in [r"\u12", r"\u+123", r"\uD83D", r"\uD83Dx", r"\uDE00", r"\u12é"] {
            let text = format!("a=1\n\nb={value}");
            assert_eq!(
                Properties::parse(&text).err(),
                Some(PropertiesError { line: 3 }),
                "{value}"
            );
        }
    }

    #[test]
    fn the_last_value_wins_in_the_first_place() {
        assert_eq!(entries("a=1\nb=2\na=3"), [pair("a", "3"), pair("b", "2")]);
    }

    #[test]
    fn carriage_returns_end_lines_too() {
        assert_eq!(entries("a=1\rb=2\r\nc=3"), [pair("a", "1"), pair("b", "2"), pair("c", "3")]);
    }
}
