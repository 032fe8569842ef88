//! `kf demo` at work: held to what it promises, not to how fast it is.

use super::Session;
use crate::harness::TestBroker;

/// How many partitions each member has, in every table of members that the lesson shows.
fn shared_partitions(lesson: &str) -> Vec<Vec<String>> {
    let commands = lesson.split("\n$ kf ").filter(|command| {
        command
            .lines()
            .next()
            .is_some_and(|line| line.ends_with("--group departure-board --members"))
    });
    let members = |command: &str| {
        let rows = command.lines().filter(|line| line.starts_with("departure-board "));
        let mut numbers: Vec<String> =
            rows.filter_map(|row| Some(row.split_whitespace().last()?.to_owned())).collect();
        numbers.sort();
        numbers
    };
    commands.map(members).collect()
}

#[test]
fn the_lesson_is_taught_to_its_end_and_leaves_nothing_behind() {
    let broker = TestBroker::start();
    let session = Session::new(&broker);
    let lesson = session.start("kf demo").transcript();
    println!("{lesson}");
    assert_eq!(shared_partitions(&lesson), [vec!["1", "1", "1"], vec!["1", "2"]]);
    assert!(lesson.contains("Created topic flights.\n"));
    assert!(lesson.contains("\nThat was the lesson, in "));
    // All is well: no line of stderr but that of the last command, and no exit code but 0.
    let talk: Vec<&str> = lesson.lines().filter(|line| line.starts_with(['!', '='])).collect();
    assert_eq!(
        talk,
        [
            "! ",
            "! Consumer group 'departure-board' has no active members.",
            "! Processed a total of 5 messages"
        ]
    );
    session.wait_until("ls", "");
}
