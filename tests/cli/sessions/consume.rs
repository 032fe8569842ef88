//! `kf consume` at work.

use kf::wire::records::{BatchBuilder, Compression, Header};

use super::{Session, session};
use crate::harness::TestBroker;

#[test]
fn every_property_of_the_formatter_shows_its_piece() {
    session(
        r#"
$ printf 'h1:a,h2:NULL\tkey\tvalue\n' | kf produce --topic t --reader-property parse.headers=true --reader-property parse.key=true --reader-property null.marker=NULL
$ printf 'NULL\tNULL\tNULL\n' | kf produce --topic t --reader-property parse.headers=true --reader-property parse.key=true --reader-property null.marker=NULL
$ kf consume --topic t --from-beginning --max-messages 2
value
null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.timestamp=true
CreateTime:TIME⇥value
CreateTime:TIME⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.partition=true
Partition:0⇥value
Partition:0⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.offset=true
Offset:0⇥value
Offset:1⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.delivery=true
Delivery:NOT_PRESENT⇥value
Delivery:NOT_PRESENT⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.epoch=true
Epoch:0⇥value
Epoch:0⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.headers=true
h1:a,h2:null⇥value
NO_HEADERS⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.key=true
key⇥value
null⇥null
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.value=false --formatter-property print.offset=true
Offset:0
Offset:1
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.key=true --formatter-property key.separator=' -> ' --formatter-property line.separator=';'
key -> value;null -> null;
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.headers=true --formatter-property headers.separator=' & ' --formatter-property null.literal=-
h1:a & h2:-⇥value
NO_HEADERS⇥-
! Processed a total of 2 messages
$ printf 'print.key=true\nprint.value=false\n' > formatter.properties
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-config formatter.properties
key
null
! Processed a total of 2 messages
$ kf console-consumer --topic t --from-beginning --max-messages 1 --property print.key=true
key⇥value
! warning: --property is deprecated since Kafka 4.2: use --formatter-property
! Processed a total of 1 messages
$ kf consume --topic t --from-beginning --max-messages 1 --formatter-property print.keys=true
value
! warning: the formatter has no property print.keys
! Processed a total of 1 messages
"#,
    );
}

#[test]
fn deserializers_read_numbers_and_refuse_what_is_none() {
    session(
        r#"
$ printf '\000\000\000\000\000\000\001\000\nshort\n' | kf produce --topic t
$ kf consume --topic t --from-beginning --max-messages 1 --value-deserializer org.apache.kafka.common.serialization.LongDeserializer
256
! Processed a total of 1 messages
$ kf consume --topic t --from-beginning --max-messages 2 --value-deserializer LongDeserializer
! Processed a total of 1 messages
! error: record 1 of partition 0: Size of data received by LongDeserializer is not 8
= 1
$ kf consume --topic t --from-beginning --max-messages 2 --value-deserializer LongDeserializer --skip-message-on-error
256
! warning: skipping record 1 of partition 0: Size of data received by LongDeserializer is not 8
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 1 --value-deserializer AvroDeserializer
! error: no deserializer AvroDeserializer; supported: StringDeserializer, ByteArrayDeserializer, BytesDeserializer, BooleanDeserializer, ShortDeserializer, IntegerDeserializer, LongDeserializer, FloatDeserializer, DoubleDeserializer, UUIDDeserializer, VoidDeserializer
= 2
"#,
    );
}

#[test]
fn a_partition_is_read_from_where_it_is_told() {
    session(
        r#"
$ kf topics --create --topic t
Created topic t.
$ seq 10 | kf produce --topic t
$ kf consume --topic t --partition 0 --offset earliest --max-messages 1
1
! Processed a total of 1 messages
$ kf consume --topic t --partition 0 --offset 8 --max-messages 2
9
10
! Processed a total of 2 messages
$ kf consume --topic t --partition 0 --offset latest --timeout-ms 200
! Processed a total of 0 messages
$ kf consume --topic t --partition 0 --from-beginning --max-messages 3
1
2
3
! Processed a total of 3 messages
$ kf consume --topic t --partition 0 --offset 11 --timeout-ms 200
! warning: partition t-0 has no offset 11; auto.offset.reset decides
! Processed a total of 0 messages
$ kf consume --topic t --partition 0 --offset 11 --max-messages 1 -X auto.offset.reset=earliest
1
! warning: partition t-0 has no offset 11; auto.offset.reset decides
! Processed a total of 1 messages
$ kf consume --topic t --partition 0 --offset 11 --max-messages 1 -X auto.offset.reset=none
! error: offset 11 of partition t-0: The partition has no such offset: it is past the end, or was deleted. (OFFSET_OUT_OF_RANGE)
= 1
$ kf consume --topic t --partition 1 --offset 0
! error: topic t has no partition 1 (partitions: 1) (UNKNOWN_TOPIC_OR_PARTITION)
= 1
$ kf consume --topic missing --partition 1 --offset 0 --timeout-ms 200
! error: topic missing has no partition 1 (partitions: 1) (UNKNOWN_TOPIC_OR_PARTITION)
= 1
"#,
    );
}

#[test]
fn reading_starts_at_the_end_unless_told_otherwise() {
    session(
        r#"
$ kf topics --create --topic t
Created topic t.
$ echo old | kf produce --topic t
$ kf consume --topic t --timeout-ms 200
! Processed a total of 0 messages
$ kf consume --topic t --max-messages 0
! Processed a total of 0 messages
"#,
    );
}

#[test]
fn several_topics_are_read_by_a_pattern_of_whole_names() {
    session(
        r#"
$ for topic in orders orders-eu my-orders; do echo $topic | kf produce --topic $topic; done
$ kf consume --include 'orders.*' --from-beginning --timeout-ms 1500 | sort
orders
orders-eu
! Processed a total of 2 messages
$ kf consume --include 'orders|my-.*' --from-beginning --max-messages 2 --group g | sort
my-orders
orders
! Processed a total of 2 messages
$ kf consume --include '.*' --from-beginning --timeout-ms 1500 | sort
my-orders
orders
orders-eu
! Processed a total of 3 messages
$ kf consume --include '.*' --from-beginning --max-messages 3 --group all | sort
my-orders
orders
orders-eu
! Processed a total of 3 messages
$ kf consume --include '(?:orders)' --from-beginning --group g
! error: --include is not a regular expression for a group
! hint: in a group it is one of POSIX: no \d and no (?...)
= 2
$ kf consume --include 'nothing' --from-beginning --timeout-ms 300
! Processed a total of 0 messages
$ kf consume --include 'a(' --from-beginning
! error: regex parse error:
!     ^(a()$
!      ^
! error: unclosed group
= 2
"#,
    );
}

#[test]
fn a_group_goes_on_where_it_was() {
    session(
        r#"
$ seq 3 | kf produce --topic t
$ kf consume --topic t --group g --from-beginning --max-messages 2
1
2
! Processed a total of 2 messages
$ kf consume --topic t --group g --from-beginning --max-messages 1
3
! Processed a total of 1 messages
$ kf consume --topic t --group g --from-beginning --timeout-ms 300
! Processed a total of 0 messages
$ kf consume --topic t --group fresh --timeout-ms 300
! Processed a total of 0 messages
$ seq 4 5 | kf produce --topic t
$ kf consume --topic t --group g --max-messages 2
4
5
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 5
1
2
3
4
5
! Processed a total of 5 messages
"#,
    );
}

#[test]
fn a_topic_may_come_into_being_while_its_reader_waits() {
    for group in ["", " --group g"] {
        let broker = TestBroker::start();
        let session = Session::new(&broker);
        let reading = session
            .start(&format!("kf consume --topic later --from-beginning --max-messages 2{group}"));
        // The reader asks for the topic, and the broker creates it.
        session.wait_until("kf topics --list --exclude-internal", "later\n");
        session.run("\n$ seq 2 | kf produce --topic later\n");
        assert_eq!(reading.transcript(), "1\n2\n! Processed a total of 2 messages\n", "{group}");
    }
}

#[test]
fn a_topic_that_is_not_created_for_its_reader_is_waited_for() {
    for group in ["", " --group g"] {
        let broker = TestBroker::with(&[("auto.create.topics.enable", "false")]);
        let session = Session::new(&broker);
        let reading = session.start(&format!(
            "kf consume --topic later --from-beginning --max-messages 1{group} 2> said"
        ));
        session.wait_until("grep -c 'does not exist yet' said; true", "1\n");
        session.run(
            r#"
$ kf topics --create --topic later
Created topic later.
$ echo value | kf produce --topic later
"#,
        );
        assert_eq!(reading.transcript(), "value\n", "{group}");
    }
}

#[test]
fn records_are_shown_as_they_come_until_the_reader_is_interrupted() {
    for group in ["", " --group g"] {
        let broker = TestBroker::start();
        let session = Session::new(&broker);
        session.run(
            r#"
$ kf topics --create --topic t
Created topic t.
"#,
        );
        let reading =
            session.start(&format!("exec kf consume --topic t --from-beginning{group} > seen"));
        for line in ["one", "two"] {
            session.run(&format!("\n$ echo {line} | kf produce --topic t\n"));
            session.wait_until("tail -1 seen", &format!("{line}\n"));
        }
        let expected = "! Processed a total of 2 messages\n= 130\n";
        assert_eq!(reading.interrupt(), expected, "{group}");
    }
}

#[test]
fn a_reader_that_has_gone_away_ends_it_quietly() {
    session(
        r#"
$ seq 100000 | kf produce --topic t
$ { kf consume --topic t --from-beginning; echo "= $?" >&2; } | head -1
1
! = 0
$ { kf consume --topic t --from-beginning --group g; echo "= $?" >&2; } | head -1
1
! = 0
"#,
    );
}

/// librdkafka's crate panics on such a key.
#[test]
fn a_header_key_that_is_no_text_is_shown_without_a_group_and_refused_in_one() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("t", 1);
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(0, None, Some(b"bad"), &[Header { key: b"\xff", value: Some(b"v") }]);
    builder.append(0, None, Some(b"good"), &[Header { key: b"h", value: None }]);
    client.produce("t", 0, builder.build().expect("two records"));
    Session::new(&broker).run(
        r#"
$ kf consume --topic t --from-beginning --max-messages 2 --formatter-property print.headers=true | od -c
0000000 377   :   v  \t   b   a   d  \n   h   :   n   u   l   l  \t   g
0000020   o   o   d  \n
0000024
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --group a
bad
good
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --group b --formatter-property print.headers=true
! error: record 0 of partition 0: the key of a header is not UTF-8, which can be read only without a group
= 1
$ kf consume --topic t --from-beginning --max-messages 2 --group c --formatter-property print.headers=true --skip-message-on-error
h:null⇥good
! warning: skipping record 0 of partition 0: the key of a header is not UTF-8, which can be read only without a group
! Processed a total of 2 messages
"#,
    );
}

#[test]
fn read_committed_reads_what_no_transaction_wrote() {
    session(
        r#"
$ seq 2 | kf produce --topic t
$ kf consume --topic t --from-beginning --max-messages 2 --isolation-level read_committed
1
2
! Processed a total of 2 messages
$ kf consume --topic t --from-beginning --max-messages 2 --isolation-level read_committed --group g
1
2
! Processed a total of 2 messages
$ kf consume --topic t --isolation-level serializable
! error: invalid value 'serializable' for '--isolation-level <LEVEL>'
!   [possible values: read_uncommitted, read_committed]
! ¶
! For more information, try '--help'.
= 2
"#,
    );
}

#[test]
fn bytes_go_to_a_pipe_as_they_are() {
    session(
        r#"
$ printf '\033[31m\377\000\n' | kf produce --topic t
$ kf consume --topic t --from-beginning --max-messages 1 | od -c
0000000 033   [   3   1   m 377  \0  \n
0000010
! Processed a total of 1 messages
"#,
    );
}
