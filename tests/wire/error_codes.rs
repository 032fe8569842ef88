//! [`ErrorCode`] says of every code what Kafka's table says.

use kf::wire::error::ErrorCode;

const TABLE: &str = include_str!("error-codes-4.2.tsv");

#[test]
fn every_error_code_of_kafka_has_its_name_and_is_retriable_where_kafka_says_so() {
    let mut rows = 0;
    for row in TABLE.lines().skip(1) {
        let [number, name, retriable] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a row of three columns: {row:?}");
        };
        let code = ErrorCode(number.parse().expect("a number"));
        assert_eq!(code.name(), Some(name), "code {number}");
        assert_eq!(code.is_retriable(), retriable == "yes", "{name}");
        rows += 1;
    }
    assert_eq!(rows, 135);
}

#[test]
fn no_error_code_is_known_that_kafka_does_not_have() {
    let known = (i16::MIN..=i16::MAX).filter(|&code| ErrorCode(code).name().is_some()).count();
    assert_eq!(known, TABLE.lines().count() - 1);
}

#[test]
fn every_error_code_has_a_message_of_its_own_that_is_one_short_sentence() {
    let mut seen = std::collections::HashSet::new();
    for code in (i16::MIN..=i16::MAX).map(ErrorCode).filter(|code| code.name().is_some()) {
        let message = code.message().expect("a message");
        assert!(message.ends_with('.') && message.len() <= 100, "{code}: {message}");
        assert!(message.starts_with(|first: char| first.is_uppercase()), "{code}: {message}");
        assert!(seen.insert(message), "{code} says the same as another code: {message}");
    }
}
