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
