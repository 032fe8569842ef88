//! `kf produce` at work.

use kf::wire::records::{Batches, Compression};

use super::{Session, session};
use crate::harness::TestBroker;
use crate::harness::requests::{FETCH_VERSION, fetch};

#[test]
fn a_line_is_a_value_whether_or_not_it_ends() {
    session(
        r#"
$ printf 'first\n\nthird' | kf produce --topic orders
$ kf consume --topic orders --from-beginning --max-messages 3
first

third
! Processed a total of 3 messages
"#,
    );
}

#[test]
fn keys_and_headers_come_before_the_value() {
    session(
        r#"
$ printf 'k1\tv1\nk2\tv2\tw2\n\tno key bytes\n' | kf produce --topic keys --reader-property parse.key=true
$ kf consume --topic keys --from-beginning --max-messages 3 --formatter-property print.key=true --formatter-property key.separator='|'
k1|v1
k2|v2⇥w2
|no key bytes
! Processed a total of 3 messages
$ printf 'a:1,b:2,a:3\tvalue\nNULL\tno headers\n' | kf produce --topic headers --reader-property parse.headers=true --reader-property null.marker=NULL
$ kf consume --topic headers --from-beginning --max-messages 2 --formatter-property print.headers=true
a:1,b:2,a:3⇥value
NO_HEADERS⇥no headers
! Processed a total of 2 messages
$ printf 'h=1;i=2|k:v\n' | kf produce --topic both --reader-property parse.headers=true --reader-property parse.key=true --reader-property headers.delimiter='|' --reader-property headers.separator=';' --reader-property headers.key.separator== --reader-property key.separator=:
$ kf consume --topic both --from-beginning --max-messages 1 --formatter-property print.headers=true --formatter-property print.key=true
h:1,i:2⇥k⇥v
! Processed a total of 1 messages
"#,
    );
}

#[test]
fn the_null_marker_stands_for_null_and_nothing_else_does() {
    session(
        r#"
$ printf 'NULL:NULL\n:\nk:\n:v\n' | kf produce --topic t --reader-property parse.key=true --reader-property key.separator=: --reader-property null.marker=NULL
$ kf consume --topic t --from-beginning --max-messages 4 --formatter-property print.key=true --formatter-property key.separator='|' --formatter-property null.literal='<null>'
<null>|<null>
|
k|
|v
! Processed a total of 4 messages
$ printf 'a:NULL\tv\n' | kf produce --topic h --reader-property parse.headers=true --reader-property null.marker=NULL
$ kf consume --topic h --from-beginning --max-messages 1 --formatter-property print.headers=true
a:null⇥v
! Processed a total of 1 messages
$ printf 'NULL:1\tv\n' | kf produce --topic h --reader-property parse.headers=true --reader-property null.marker=NULL
! error: Header keys should not be equal to the null marker 'NULL' as they can't be null
= 1
"#,
    );
}

#[test]
fn a_line_without_its_separator_ends_it_and_what_came_before_counts() {
    session(
        r#"
$ printf 'k:first\nsecond\nk:third\n' | kf produce --topic t --reader-property parse.key=true --reader-property key.separator=:
! error: No key separator found on line number 2: 'second'
= 1
$ printf 'h:1 second\n' | kf produce --topic t --reader-property parse.headers=true
! error: No headers delimiter found on line number 1: 'h:1 second'
= 1
$ printf 'h\tsecond\n\tthird\n' | kf produce --topic t --reader-property parse.headers=true
! error: No header key separator found in pair 'h' on line number 1
= 1
$ kf consume --topic t --from-beginning --timeout-ms 1500
first
! Processed a total of 1 messages
"#,
    );
}

#[test]
fn a_line_without_its_separator_can_be_a_value() {
    session(
        r#"
$ printf 'k:first\nsecond\nk:third\n' | kf produce --topic t --reader-property parse.key=true --reader-property key.separator=: --reader-property ignore.error=true
$ kf consume --topic t --from-beginning --max-messages 3 --formatter-property print.key=true
k⇥first
null⇥second
k⇥third
! Processed a total of 3 messages
"#,
    );
}

#[test]
fn every_codec_is_used_and_read_back() {
    let broker = TestBroker::start();
    Session::new(&broker).run(
        r#"
$ for codec in none gzip snappy lz4 zstd; do seq 1000 | kf produce --topic $codec --compression-codec $codec; done
$ seq 1000 | kf produce --topic bare --compression-codec
$ for codec in none gzip snappy lz4 zstd bare; do kf consume --topic $codec --from-beginning --max-messages 1000 2> count | cksum; done
1830648734 3893
1830648734 3893
1830648734 3893
1830648734 3893
1830648734 3893
1830648734 3893
$ seq 1000 | cksum
1830648734 3893
$ echo x | kf produce --topic t --compression-codec brotli
! error: invalid value 'brotli' for '--compression-codec [<CODEC>]'
!   [possible values: none, gzip, snappy, lz4, zstd]
! ¶
! For more information, try '--help'.
= 2
"#,
    );
    for (topic, compression) in [
        ("none", Compression::None),
        ("gzip", Compression::Gzip),
        ("snappy", Compression::Snappy),
        ("lz4", Compression::Lz4),
        ("zstd", Compression::Zstd),
        ("bare", Compression::Gzip),
    ] {
        let response = broker.connect().send(fetch(topic, 0, 0), FETCH_VERSION);
        let records = response.responses[0].partitions[0].records.clone();
        for batch in Batches::new(records.expect("records")) {
            assert_eq!(batch.expect("a batch").header().compression(), Ok(compression), "{topic}");
        }
    }
}

#[test]
fn records_arrive_whatever_the_acknowledgements() {
    session(
        r#"
$ for acks in 0 1 -1 all; do seq 5 | kf produce --topic t --request-required-acks $acks; done
$ kf consume --topic t --from-beginning --max-messages 20 | sort | uniq -c
      4 1
      4 2
      4 3
      4 4
      4 5
! Processed a total of 20 messages
$ echo x | kf produce --topic t --request-required-acks 2
! error: invalid value '2' for '--request-required-acks <ACKS>'
!   [possible values: all, -1, 0, 1]
! ¶
! For more information, try '--help'.
= 2
"#,
    );
}

#[test]
fn with_sync_the_first_failure_ends_it() {
    session(
        r#"
$ kf topics --create --topic small --config max.message.bytes=500
Created topic small.
$ { echo first; head -c 1000 /dev/zero | tr '\0' x; echo; echo third; } > lines
$ kf produce --topic small --sync < lines
! warning: line 2 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! error: 1 of 2 records were not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
= 1
$ kf consume --topic small --from-beginning --timeout-ms 1500
first
! Processed a total of 1 messages
"#,
    );
}

#[test]
fn records_that_are_too_large_are_named_and_counted_and_the_others_arrive() {
    session(
        r#"
$ kf topics --create --topic small --config max.message.bytes=500
Created topic small.
$ for n in 1 2 3 4 5 6 7; do echo $n; head -c 1000 /dev/zero | tr '\0' x; echo; done > lines
$ kf produce --topic small --batch-size 1 < lines
! warning: line 2 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! warning: line 4 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! warning: line 6 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! warning: line 8 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! warning: line 10 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! error: 7 of 14 records were not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
= 1
$ kf consume --topic small --from-beginning --timeout-ms 1500
1
2
3
4
5
6
7
! Processed a total of 7 messages
$ head -c 2000000 /dev/zero | tr '\0' x | kf produce --topic small
! warning: line 1 was not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
! error: 1 of 1 records were not delivered: The records are larger than the topic or the broker allows. (MESSAGE_TOO_LARGE)
= 1
"#,
    );
}

#[test]
fn a_topic_that_cannot_be_written_to_costs_no_input() {
    session(
        r#"
$ { kf produce --topic 'bad name'; echo "= $?"; cat; } < /dev/null
= 1
! error: topic bad name: The topic name is not valid, or the topic must not be used like this. (INVALID_TOPIC_EXCEPTION)
$ echo value | kf produce --topic new
$ kf topics --list
new
"#,
    );
}

#[test]
fn a_topic_that_nobody_creates_is_an_error_within_the_bound() {
    let broker = TestBroker::with(&[("auto.create.topics.enable", "false")]);
    Session::new(&broker).run(
        r#"
$ echo value | kf produce --topic missing --max-block-ms 300
! error: topic missing does not exist, not even after 300 ms
! hint: kf topics --create --topic missing
= 1
"#,
    );
}

#[test]
fn properties_come_from_files_and_options_of_both_generations() {
    session(
        r#"
$ echo parse.key=true > reader.properties
$ printf 'client.id=mine\nacks=1\n' > client.properties
$ printf 'k:v\n' | kf produce --topic t --reader-config reader.properties --reader-property key.separator=: --command-config client.properties
$ printf 'k:w\n' | kf console-producer --topic t --property parse.key=true --property key.separator=: --producer.config client.properties
! warning: --producer.config is deprecated since Kafka 4.2: use --command-config
! warning: --property is deprecated since Kafka 4.2: use --reader-property
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.key=true
k⇥v
k⇥w
! Processed a total of 2 messages
$ echo x | kf produce --topic t -X no.such.property=1
! error: Unknown configuration no.such.property
= 2
$ echo x | kf produce --topic t -X linger.ms=soon
! error: Invalid value for configuration property "queue.buffering.max.ms"
= 2
$ echo x | kf produce --topic t --command-config missing.properties
! error: missing.properties: No such file or directory (os error 2)
= 2
"#,
    );
}
