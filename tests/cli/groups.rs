//! `kf groups`, as far as no broker is needed. The rules of the options are tested one by one in
//! `src/cli/groups/action/tests.rs`.

use std::net::{Ipv4Addr, TcpListener};

use super::{kf, transcript};

fn groups(arguments: &[&str]) -> String {
    transcript(kf(&[&["groups"], arguments].concat()))
}

#[test]
fn wrong_usage_is_a_sentence_and_exit_code_2() {
    assert_eq!(
        groups(&["--describe"]),
        "! error: Option [describe] takes one of these options: [group], [all-groups]\n= 2\n"
    );
    assert_eq!(
        groups(&["--delete", "--group", "g", "--topic", "t"]),
        "! error: The consumer does not support topic-specific offset deletion from a consumer \
         group.\n! hint: --delete-offsets deletes a group's offsets for some topics\n= 2\n"
    );
}

#[test]
fn the_names_of_the_script_are_names_of_this_command() {
    for name in ["consumer-groups", "kafka-consumer-groups", "kafka-consumer-groups.sh"] {
        let expected = "The regular expression `orders-.*` is valid.\n= 0\n";
        assert_eq!(transcript(kf(&[name, "--validate-regex", "orders-.*"])), expected);
    }
}

#[test]
fn an_invalid_regular_expression_fails_and_says_why() {
    let expected = "The regular expression `a(` is invalid: unclosed group.\n= 1\n";
    assert_eq!(groups(&["--validate-regex", "a("]), expected);
}

#[test]
fn a_plan_that_cannot_be_read_names_file_and_line() {
    let file = std::env::temp_dir().join(format!("kf-plan-{}.csv", std::process::id()));
    std::fs::write(&file, "orders,0,4\norders,zero,4\n").unwrap();
    let path = file.to_str().unwrap();
    let server = silent_server();
    let transcript = groups(&[
        "--bootstrap-server",
        &server.address,
        "--reset-offsets",
        "--dry-run",
        "--group",
        "g",
        "--from-file",
        path,
    ]);
    std::fs::remove_file(&file).unwrap();
    let expected = "line 2: the partition is not a number: \"orders,zero,4\"";
    assert_eq!(transcript, format!("! error: {path}: {expected}\n= 2\n"));
}

#[test]
fn a_broker_that_does_not_answer_in_time_is_exit_code_3() {
    let server = silent_server();
    let options = ["--list", "--timeout", "200", "--bootstrap-server", &server.address];
    let transcript = groups(&options);
    let expected =
        format!("! error: {} did not answer ApiVersions within 200 ms\n", server.address);
    assert!(transcript.starts_with(&expected), "{transcript}");
    assert!(transcript.ends_with("= 3\n"), "{transcript}");
}

struct SilentServer {
    address: String,
    _listener: TcpListener,
}

/// Accepts connections and says nothing.
fn silent_server() -> SilentServer {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    SilentServer { address: listener.local_addr().unwrap().to_string(), _listener: listener }
}
