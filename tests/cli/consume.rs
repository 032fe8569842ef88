//! `kf consume`, as far as no broker is needed.

use super::{kf, transcript};

fn consume(arguments: &str) -> String {
    let arguments: Vec<&str> = ["consume"].into_iter().chain(arguments.split(' ')).collect();
    transcript(kf(&arguments))
}

#[test]
fn wrong_usage_exits_with_2_and_a_sentence() {
    for (arguments, sentence) in [
        (
            "--timeout-ms 1",
            "Exactly one of the following arguments is required: [topic], [include]",
        ),
        ("--topic t --offset 0", "The partition is required when offset is specified."),
        (
            "--topic t --partition 0 --group g",
            "Options group and partition cannot be specified together.",
        ),
        (
            "--topic t --formatter Mine",
            "no formatter Mine; supported: DefaultMessageFormatter, LoggingMessageFormatter, \
             NoOpMessageFormatter",
        ),
    ] {
        assert_eq!(consume(arguments), format!("! error: {sentence}\n= 2\n"), "{arguments}");
    }
}

#[test]
fn a_broker_that_is_not_there_is_named_with_the_cause() {
    for group in ["", " --group g"] {
        let transcript = consume(&format!("--topic t --bootstrap-server 127.0.0.1:1{group}"));
        let beginning = "! error: cannot connect to 127.0.0.1:1: ";
        assert!(transcript.starts_with(beginning), "{transcript}");
        assert!(transcript.ends_with("= 3\n"), "{transcript}");
    }
}
