//! From a line to a record, as the script's `LineMessageReader` does it.
//!
//! A line is `[headers DELIMITER][key SEPARATOR]value`. Positions are those of bytes, and bytes
//! that are not UTF-8 go through as they are (the script replaces them). Every refusal names the
//! line, in Kafka's words.

use regex::bytes::Regex;

use crate::config::properties::Properties;
use crate::wire::records::Header;

/// The properties that the reader knows.
pub(super) const PROPERTIES: [&str; 8] = [
    "parse.key",
    "key.separator",
    "parse.headers",
    "headers.delimiter",
    "headers.separator",
    "headers.key.separator",
    "null.marker",
    "ignore.error",
];

/// Splits lines by the rules that its properties set.
#[derive(Clone, Debug)]
pub(super) struct LineReader {
    parse_key: bool,
    key_separator: Vec<u8>,
    parse_headers: bool,
    headers_delimiter: Vec<u8>,
    headers_separator: Regex,
    headers_key_separator: Vec<u8>,
    null_marker: Option<Vec<u8>>,
    ignore_error: bool,
}

/// What a line says, borrowed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LineRecord<'a> {
    /// The headers in the order of the line.
    pub(super) headers: Vec<Header<'a>>,
    /// The key, unless keys are not parsed or it is the null marker.
    pub(super) key: Option<&'a [u8]>,
    /// The value, unless it is the null marker.
    pub(super) value: Option<&'a [u8]>,
}

/// Why the properties contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineReaderError {
    /// Two separators are the same, so that a line could be read in two ways.
    #[error("{0} and {1} may not be equal")]
    Equal(&'static str, &'static str),
    /// `headers.separator` is a regular expression, and this is none.
    #[error("headers.separator is not a regular expression: {0}")]
    Separator(String),
}

/// Why a line is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    /// A separator that the properties ask for is missing.
    #[error("No {what} found on line number {line_number}: '{line}'")]
    NoSeparator {
        /// `key separator` or `headers delimiter`.
        what: &'static str,
        /// From 1.
        line_number: usize,
        /// The line.
        line: String,
    },
    /// A header without a value.
    #[error("No header key separator found in pair '{pair}' on line number {line_number}")]
    NoHeaderKeySeparator {
        /// What stands between two separators.
        pair: String,
        /// From 1.
        line_number: usize,
    },
    /// A header key that is the null marker.
    #[error("Header keys should not be equal to the null marker '{0}' as they can't be null")]
    NullHeaderKey(String),
}

impl LineReader {
    /// A reader that follows `properties`; those that it does not know are left out.
    ///
    /// # Errors
    /// Separators that are equal to each other or to the null marker.
    pub(super) fn new(properties: &Properties) -> Result<Self, LineReaderError> {
        let text = |name, default: &'static str| properties.get(name).unwrap_or(default);
        let is_true = |name| text(name, "").trim().eq_ignore_ascii_case("true");
        let key_separator = text("key.separator", "\t");
        let headers_delimiter = text("headers.delimiter", "\t");
        let headers_separator = text("headers.separator", ",");
        let headers_key_separator = text("headers.key.separator", ":");
        let null_marker = properties.get("null.marker");

        let must_differ = [
            ("headers.delimiter", headers_delimiter, "headers.separator", Some(headers_separator)),
            (
                "headers.delimiter",
                headers_delimiter,
                "headers.key.separator",
                Some(headers_key_separator),
            ),
            (
                "headers.separator",
                headers_separator,
                "headers.key.separator",
                Some(headers_key_separator),
            ),
            ("key.separator", key_separator, "null.marker", null_marker),
            ("headers.separator", headers_separator, "null.marker", null_marker),
            ("headers.delimiter", headers_delimiter, "null.marker", null_marker),
            ("headers.key.separator", headers_key_separator, "null.marker", null_marker),
        ];
        for (name, value, other_name, other) in must_differ {
            if other == Some(value) {
                return Err(match other_name {
                    "null.marker" => LineReaderError::Equal(other_name, name),
                    _ => LineReaderError::Equal(name, other_name),
                });
            }
        }
        Ok(Self {
            parse_key: is_true("parse.key"),
            key_separator: key_separator.into(),
            parse_headers: is_true("parse.headers"),
            headers_delimiter: headers_delimiter.into(),
            headers_separator: Regex::new(headers_separator)
                .map_err(|error| LineReaderError::Separator(error.to_string()))?,
            headers_key_separator: headers_key_separator.into(),
            null_marker: null_marker.map(|marker| marker.as_bytes().to_vec()),
            ignore_error: is_true("ignore.error"),
        })
    }

    /// Reads a line, given without its end. `line_number` counts from 1, for the refusal.
    ///
    /// # Errors
    /// A separator is missing, unless `ignore.error` is set.
    pub(super) fn read<'a>(
        &self,
        line: &'a [u8],
        line_number: usize,
    ) -> Result<LineRecord<'a>, LineError> {
        let cut = |enabled, rest, separator, what| {
            self.cut(enabled, rest, separator).map_err(|NoSeparator| LineError::NoSeparator {
                what,
                line_number,
                line: lossy(line),
            })
        };
        let (headers, rest) =
            cut(self.parse_headers, line, &self.headers_delimiter, "headers delimiter")?;
        let (key, value) = cut(self.parse_key, rest, &self.key_separator, "key separator")?;
        let headers = match headers.and_then(|headers| self.unless_null(headers)) {
            Some(headers) => self.split_headers(headers, line_number)?,
            None => Vec::new(),
        };
        let key = key.and_then(|key| self.unless_null(key));
        Ok(LineRecord { headers, key, value: self.unless_null(value) })
    }

    /// What stands before the first separator, if it is wanted, and what is left.
    fn cut<'a>(
        &self,
        enabled: bool,
        rest: &'a [u8],
        separator: &[u8],
    ) -> Result<(Option<&'a [u8]>, &'a [u8]), NoSeparator> {
        if !enabled {
            return Ok((None, rest));
        }
        match split_once(rest, separator) {
            Some((before, after)) => Ok((Some(before), after)),
            None if self.ignore_error => Ok((None, rest)),
            None => Err(NoSeparator),
        }
    }

    /// Splits where Java's `Pattern.split` does: empty pairs at the end are left out.
    fn split_headers<'a>(
        &self,
        headers: &'a [u8],
        line_number: usize,
    ) -> Result<Vec<Header<'a>>, LineError> {
        let mut pairs: Vec<&[u8]> = self.headers_separator.split(headers).collect();
        while pairs.len() > 1 && pairs.last().is_some_and(|pair| pair.is_empty()) {
            pairs.pop();
        }
        if !headers.is_empty() && pairs == [b""] {
            return Ok(Vec::new());
        }
        pairs.into_iter().map(|pair| self.read_header(pair, line_number)).collect()
    }

    fn read_header<'a>(&self, pair: &'a [u8], line_number: usize) -> Result<Header<'a>, LineError> {
        match split_once(pair, &self.headers_key_separator) {
            Some((key, _)) if self.is_null(key) => Err(LineError::NullHeaderKey(lossy(key))),
            Some((key, value)) => Ok(Header { key, value: self.unless_null(value) }),
            None if self.ignore_error => Ok(Header { key: pair, value: None }),
            None => Err(LineError::NoHeaderKeySeparator { pair: lossy(pair), line_number }),
        }
    }

    fn is_null(&self, field: &[u8]) -> bool {
        self.null_marker.as_deref() == Some(field)
    }

    fn unless_null<'a>(&self, field: &'a [u8]) -> Option<&'a [u8]> {
        (!self.is_null(field)).then_some(field)
    }
}

/// The separator is not in the line.
struct NoSeparator;

fn split_once<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let index = match separator {
        [] => 0,
        [byte] => bytes.iter().position(|candidate| candidate == byte)?,
        _ => bytes.windows(separator.len()).position(|window| window == separator)?,
    };
    Some((&bytes[..index], &bytes[index + separator.len()..]))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(properties: &[(&str, &str)]) -> LineReader {
        LineReader::new(&properties.iter().copied().collect()).unwrap()
    }

    fn refusal(properties: &[(&str, &str)]) -> String {
        LineReader::new(&properties.iter().copied().collect()).unwrap_err().to_string()
    }

    /// `headers|key|value`, with `~` for null.
    fn read(properties: &[(&str, &str)], line: &str) -> Result<String, String> {
        let show = |field: Option<&[u8]>| field.map_or("~".to_owned(), lossy);
        let reader = reader(properties);
        let record = reader.read(line.as_bytes(), 3).map_err(|error| error.to_string())?;
        let headers: Vec<String> = record
            .headers
            .iter()
            .map(|header| format!("{}={}", lossy(header.key), show(header.value)))
            .collect();
        Ok(format!("{}|{}|{}", headers.join(";"), show(record.key), show(record.value)))
    }

    const KEY: (&str, &str) = ("parse.key", "true");
    const HEADERS: (&str, &str) = ("parse.headers", "true");
    const NULL: (&str, &str) = ("null.marker", "NULL");
    const IGNORE: (&str, &str) = ("ignore.error", "true");

    #[test]
    fn without_properties_the_whole_line_is_the_value() {
        assert_eq!(read(&[], "a\tb:c,d").unwrap(), "|~|a\tb:c,d");
        assert_eq!(read(&[], "").unwrap(), "|~|");
    }

    #[test]
    fn the_key_ends_at_the_first_separator() {
        assert_eq!(read(&[KEY], "k\tv\tw").unwrap(), "|k|v\tw");
        assert_eq!(read(&[KEY], "\tv").unwrap(), "||v");
        assert_eq!(read(&[KEY, ("key.separator", "::")], "k:1::v").unwrap(), "|k:1|v");
    }

    #[test]
    fn an_empty_key_separator_gives_an_empty_key() {
        assert_eq!(read(&[KEY, ("key.separator", "")], "abc").unwrap(), "||abc");
    }

    #[test]
    fn headers_stand_before_the_key() {
        assert_eq!(read(&[HEADERS, KEY], "a:1,b:2\tk\tv").unwrap(), "a=1;b=2|k|v");
        assert_eq!(read(&[HEADERS], "a:1:2\tv").unwrap(), "a=1:2|~|v");
    }

    #[test]
    fn header_order_and_duplicates_stay() {
        assert_eq!(read(&[HEADERS], "b:1,a:2,b:3\tv").unwrap(), "b=1;a=2;b=3|~|v");
    }

    #[test]
    fn the_headers_separator_is_a_regular_expression() {
        let separator = ("headers.separator", "[;/]+");
        assert_eq!(read(&[HEADERS, separator], "a:1;/b:2\tv").unwrap(), "a=1;b=2|~|v");
        assert!(refusal(&[("headers.separator", "[")]).starts_with("headers.separator is not"));
    }

    #[test]
    fn empty_pairs_at_the_end_are_left_out() {
        assert_eq!(read(&[HEADERS], "a:1,,\tv").unwrap(), "a=1|~|v");
        assert_eq!(read(&[HEADERS], ",\tv").unwrap(), "|~|v");
        assert_eq!(
            read(&[HEADERS], "\tv").unwrap_err(),
            "No header key separator found in pair '' on line number 3"
        );
    }

    #[test]
    fn a_field_equal_to_the_null_marker_is_null() {
        assert_eq!(read(&[NULL], "NULL").unwrap(), "|~|~");
        assert_eq!(read(&[NULL, KEY], "NULL\tNULL").unwrap(), "|~|~");
        assert_eq!(read(&[NULL, KEY, HEADERS], "a:NULL\tk\tv").unwrap(), "a=~|k|v");
        assert_eq!(read(&[NULL, KEY, HEADERS], "NULL\tk\tv").unwrap(), "|k|v");
        assert_eq!(read(&[NULL], "NULLS").unwrap(), "|~|NULLS");
    }

    #[test]
    fn a_header_key_equal_to_the_null_marker_is_refused() {
        assert_eq!(
            read(&[NULL, HEADERS], "NULL:1\tv").unwrap_err(),
            "Header keys should not be equal to the null marker 'NULL' as they can't be null"
        );
    }

    #[test]
    fn a_missing_separator_is_refused_with_the_line_and_its_number() {
        assert_eq!(
            read(&[KEY], "abc").unwrap_err(),
            "No key separator found on line number 3: 'abc'"
        );
        assert_eq!(
            read(&[HEADERS], "abc").unwrap_err(),
            "No headers delimiter found on line number 3: 'abc'"
        );
        assert_eq!(
            read(&[HEADERS], "a:1,b\tv").unwrap_err(),
            "No header key separator found in pair 'b' on line number 3"
        );
    }

    #[test]
    fn ignoring_errors_makes_a_line_without_separator_the_value() {
        assert_eq!(read(&[KEY, IGNORE], "abc").unwrap(), "|~|abc");
        assert_eq!(read(&[KEY, HEADERS, IGNORE], "k\tv").unwrap(), "k=~|~|v");
        assert_eq!(read(&[HEADERS, IGNORE], "a:1,b\tv").unwrap(), "a=1;b=~|~|v");
    }

    #[test]
    fn separators_that_are_equal_are_refused() {
        let rows = [
            (("headers.delimiter", ","), "headers.delimiter and headers.separator"),
            (("headers.delimiter", ":"), "headers.delimiter and headers.key.separator"),
            (("headers.separator", ":"), "headers.separator and headers.key.separator"),
            (("null.marker", "\t"), "null.marker and key.separator"),
            (("null.marker", ","), "null.marker and headers.separator"),
            (("null.marker", ":"), "null.marker and headers.key.separator"),
        ];
        for (property, names) in rows {
            assert_eq!(refusal(&[property]), format!("{names} may not be equal"));
        }
        assert_eq!(
            refusal(&[("null.marker", "\t"), ("key.separator", "=")]),
            "null.marker and headers.delimiter may not be equal"
        );
    }

    #[test]
    fn booleans_are_read_as_java_reads_them() {
        for (text, expected) in [(" TRUE ", "|k|v"), ("yes", "|~|k\tv"), ("", "|~|k\tv")] {
            assert_eq!(read(&[("parse.key", text)], "k\tv").unwrap(), expected);
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_stay_as_they_are() {
        let reader = reader(&[KEY, HEADERS]);
        let record = reader.read(b"\xff:\xfe,b:\x00\t\x80\t\xc3\x28", 1).unwrap();
        let header = |key, value| Header { key, value: Some(value) };
        assert_eq!(record.headers, [header(b"\xff", b"\xfe"), header(b"b", b"\x00")]);
        assert_eq!((record.key, record.value), (Some(&b"\x80"[..]), Some(&b"\xc3\x28"[..])));
    }
}
