//! `kf produce`, as far as no broker is needed.

use super::{kf, transcript};

fn produce(arguments: &str) -> String {
    let arguments: Vec<&str> = ["produce"].into_iter().chain(arguments.split(' ')).collect();
    transcript(kf(&arguments))
}

#[test]
fn wrong_usage_exits_with_2_and_a_sentence() {
    for (arguments, sentence) in [
        (
            "--topic t --property parse.key=true --reader-property parse.key=true",
            "Options --property and --reader-property cannot be specified together.",
        ),
        (
            "--topic t --reader-property null.marker=,",
            "null.marker and headers.separator may not be equal",
        ),
        ("--topic t --line-reader Mine", "no line reader Mine; supported: LineMessageReader"),
    ] {
        assert_eq!(produce(arguments), format!("! error: {sentence}\n= 2\n"), "{arguments}");
    }
}

#[test]
fn misspelt_reader_properties_are_warned_of() {
    let transcript = produce("--topic t --reader-property parse.keys=1 --bootstrap-server h:x");
    let warning = "! warning: the line reader has no property parse.keys\n";
    assert!(transcript.starts_with(warning), "{transcript}");
}

#[test]
fn old_names_are_warned_of_on_stderr_only() {
    let transcript = produce("--topic t --property parse.key=true --bootstrap-server 127.0.0.1:1");
    let warning = "! warning: --property is deprecated since Kafka 4.2: use --reader-property\n";
    assert!(transcript.starts_with(warning), "{transcript}");
}

#[test]
fn a_broker_that_is_not_there_is_named_with_the_cause() {
    let transcript = produce("--topic t --bootstrap-server 127.0.0.1:1");
    assert!(transcript.starts_with("! error: cannot connect to 127.0.0.1:1: "), "{transcript}");
    assert!(transcript.ends_with("= 3\n"), "{transcript}");
}
