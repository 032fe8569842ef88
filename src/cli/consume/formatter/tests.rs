use super::*;

const HEADERS: [Header<'static>; 2] =
    [Header { key: b"h1", value: Some(b"v1") }, Header { key: b"h2", value: None }];

type View = RecordView<'static, Vec<Header<'static>>>;

fn record() -> View {
    RecordView {
        partition: 2,
        offset: 5,
        leader_epoch: Some(3),
        timestamp: Some((TimestampType::CreateTime, 1_700_000_000_000)),
        key: Some(b"key"),
        value: Some(b"value"),
        headers: HEADERS.to_vec(),
    }
}

fn formatter(properties: &[(&str, &str)]) -> Formatter {
    Formatter::new(FormatterClass::Default, &properties.iter().copied().collect(), false).unwrap()
}

fn line(properties: &[(&str, &str)], record: &View) -> String {
    let mut output = Vec::new();
    formatter(properties).write(record, &mut output).unwrap();
    String::from_utf8(output).unwrap()
}

const ALL: [(&str, &str); 7] = [
    ("print.timestamp", "true"),
    ("print.partition", "true"),
    ("print.offset", "true"),
    ("print.delivery", "true"),
    ("print.epoch", "true"),
    ("print.headers", "true"),
    ("print.key", "true"),
];

#[test]
fn without_properties_a_line_is_the_value() {
    assert_eq!(line(&[], &record()), "value\n");
}

#[test]
fn the_pieces_come_in_kafkas_order() {
    assert_eq!(
        line(&ALL, &record()),
        "CreateTime:1700000000000\tPartition:2\tOffset:5\tDelivery:NOT_PRESENT\tEpoch:3\t\
         h1:v1,h2:null\tkey\tvalue\n"
    );
}

#[test]
fn what_a_record_lacks_is_named() {
    let record = RecordView {
        leader_epoch: None,
        timestamp: None,
        key: None,
        value: None,
        headers: Vec::new(),
        ..record()
    };
    assert_eq!(
        line(&ALL, &record),
        "NO_TIMESTAMP\tPartition:2\tOffset:5\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\t\
         NO_HEADERS\tnull\tnull\n"
    );
}

#[test]
fn the_brokers_time_is_named_so() {
    let record = RecordView { timestamp: Some((TimestampType::LogAppendTime, 7)), ..record() };
    assert_eq!(line(&[("print.timestamp", "true")], &record), "LogAppendTime:7\tvalue\n");
}

#[test]
fn separators_are_those_of_the_properties() {
    let properties = [
        ("key.separator", "|"),
        ("line.separator", ";\n"),
        ("headers.separator", " & "),
        ("null.literal", "~"),
        ("print.headers", "true"),
        ("print.key", "true"),
    ];
    assert_eq!(line(&properties, &record()), "h1:v1 & h2:~|key|value;\n");
    assert_eq!(line(&[("line.separator", "")], &record()), "value");
}

#[test]
fn without_the_value_the_last_piece_ends_the_line() {
    let no_value = ("print.value", "false");
    assert_eq!(line(&[no_value, ("print.key", "true")], &record()), "key\n");
    assert_eq!(line(&[no_value, ("print.offset", "true")], &record()), "Offset:5\n");
    assert_eq!(line(&[no_value], &record()), "");
}

#[test]
fn empty_is_not_null() {
    let record = RecordView { key: Some(b""), value: Some(b""), ..record() };
    assert_eq!(line(&[("print.key", "true")], &record), "\t\n");
}

#[test]
fn deserializers_apply_to_their_own_field() {
    let properties = [
        ("print.headers", "true"),
        ("print.key", "true"),
        ("key.deserializer", "org.apache.kafka.common.serialization.IntegerDeserializer"),
        ("value.deserializer", "LongDeserializer"),
        ("headers.deserializer", "ShortDeserializer"),
    ];
    let record = RecordView {
        key: Some(&[0, 0, 0, 1]),
        value: Some(&[0, 0, 0, 0, 0, 0, 0, 2]),
        headers: vec![Header { key: b"h", value: Some(&[0, 3]) }],
        ..record()
    };
    assert_eq!(line(&properties, &record), "h:3\t1\t2\n");
}

#[test]
fn null_is_the_literal_whatever_the_deserializer() {
    let record = RecordView { value: None, ..record() };
    assert_eq!(line(&[("value.deserializer", "LongDeserializer")], &record), "null\n");
}

#[test]
fn a_record_that_cannot_be_deserialized_leaves_no_half_line() {
    let properties = [("print.offset", "true"), ("value.deserializer", "LongDeserializer")];
    let mut output = b"before\n".to_vec();
    let error = formatter(&properties).write(&record(), &mut output).unwrap_err();
    assert_eq!(error.to_string(), "Size of data received by LongDeserializer is not 8");
    assert_eq!(output, b"before\n");
}

#[test]
fn bytes_go_to_a_pipe_as_they_are_and_to_a_terminal_escaped() {
    let record = RecordView { value: Some(b"\x1b[2J\xff"), ..record() };
    for (escape, expected) in [(false, &b"\x1b[2J\xff\n"[..]), (true, b"\\x1b[2J\\xff\n")] {
        let formatter =
            Formatter::new(FormatterClass::Default, &Properties::default(), escape).unwrap();
        let mut output = Vec::new();
        formatter.write(&record, &mut output).unwrap();
        assert_eq!(output, expected);
    }
}

#[test]
fn the_other_formatters_write_nothing_and_the_same() {
    for (class, expected) in [(FormatterClass::NoOp, ""), (FormatterClass::Logging, "value\n")] {
        let formatter = Formatter::new(class, &Properties::default(), false).unwrap();
        let mut output = Vec::new();
        formatter.write(&record(), &mut output).unwrap();
        assert_eq!(output, expected.as_bytes());
    }
}

#[test]
fn formatter_classes_are_known_with_and_without_their_package() {
    let rows = [
        ("DefaultMessageFormatter", FormatterClass::Default),
        ("org.apache.kafka.tools.consumer.LoggingMessageFormatter", FormatterClass::Logging),
        ("kafka.tools.NoOpMessageFormatter", FormatterClass::NoOp),
    ];
    for (name, class) in rows {
        assert_eq!(FormatterClass::from_name(name), Ok(class));
    }
    let error = FormatterClass::from_name("com.example.Mine").unwrap_err().to_string();
    assert!(error.starts_with("no formatter com.example.Mine; supported: DefaultMessageFormatter"));
}

#[test]
fn misspelt_properties_are_found() {
    let properties: Properties = [
        ("print.keys", "true"),
        ("print.key", "true"),
        ("key.deserializer.encoding", "UTF-8"),
        ("key.deserializers", "x"),
    ]
    .into_iter()
    .collect();
    assert_eq!(unknown_properties(&properties), ["print.keys", "key.deserializers"]);
}
