//! What a topic may be called: the rules of Kafka, for names that clients send and for names of
//! directories alike.

/// Longest name, in bytes: a directory's name holds it with a dash and the partition's number.
const MAX_LENGTH: usize = 249;

/// Why a topic cannot be called so; the texts are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicName {
    /// There is no name.
    #[error("the empty string is not allowed")]
    Empty,
    /// It stands for a directory.
    #[error("'.' or '..' is not allowed")]
    Dots,
    /// It is too long for a directory's name.
    #[error("the length of '{0}' is longer than the max allowed length {MAX_LENGTH}")]
    TooLong(String),
    /// It has other characters than are legal.
    #[error(
        "'{0}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    )]
    IllegalCharacters(String),
}

/// Checks a name: 1 to 249 of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_topic_name(name: &str) -> Result<(), InvalidTopicName> {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name {
        "" => Err(InvalidTopicName::Empty),
        "." | ".." => Err(InvalidTopicName::Dots),
        _ if name.len() > MAX_LENGTH => Err(InvalidTopicName::TooLong(name.to_owned())),
        _ if !name.chars().all(is_legal) => {
            Err(InvalidTopicName::IllegalCharacters(name.to_owned()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kafka_allows() {
        for name in ["a", "A.b_c-9", "...", &"t".repeat(249)] {
            assert_eq!(check_topic_name(name), Ok(()), "{name}");
        }
        for (name, text) in [
            ("", "the empty string is not allowed"),
            (".", "'.' or '..' is not allowed"),
            ("..", "'.' or '..' is not allowed"),
            (
                "a/b",
                "'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' \
                 and '-'",
            ),
        ] {
            assert_eq!(check_topic_name(name).map_err(|e| e.to_string()), Err(text.to_owned()));
        }
        let too_long = check_topic_name(&"t".repeat(250));
        assert!(matches!(too_long, Err(InvalidTopicName::TooLong(_))));
    }
}
