//! `kf dev -- COMMAND` at work.

use rustix::process::Signal;

use super::{Session, session};
use crate::harness::TestBroker;

#[test]
fn the_command_has_a_broker_and_its_exit_code_is_passed_on() {
    session(
        r#"
$ kf dev -- sh -c 'exit 7'
= 7
$ kf dev -- true
$ kf dev -- sh -c 'kill -TERM $$'
= 143
$ kf dev -- sh -c 'test "$KF_BOOTSTRAP_SERVER" = "$KAFKA_BOOTSTRAP_SERVERS" && echo same; echo $KF_BOOTSTRAP_SERVER'
same
127.0.0.1:PORT
$ kf dev -- sh -c 'echo value | kf produce --topic t && kf consume --topic t --from-beginning --max-messages 1'
value
! Processed a total of 1 messages
$ kf dev -- cat < /etc/hostname | cmp - /etc/hostname
$ kf dev --override num.partitions=4 -- sh -c 'kf topics --create --topic t; kf topics --describe --topic t -o csv | wc -l'
Created topic t.
5
$ ls
"#,
    );
}

#[test]
fn what_cannot_be_run_is_named_and_leaves_nothing_behind() {
    session(
        r#"
$ kf dev -- no-such-command --flag
! error: no-such-command: No such file or directory (os error 2)
= 127
$ kf dev -- /etc/hostname
! error: /etc/hostname: Exec format error (os error 8)
= 126
$ kf dev --override num.partitionz=4 -- true
! warning: unknown configuration num.partitionz (did you mean num.partitions?)
$ kf dev
! error: the following required arguments were not provided:
!   <COMMAND>...
! ¶
! Usage: kf dev <COMMAND>...
! ¶
! For more information, try '--help'.
= 2
$ ls
"#,
    );
}

#[test]
fn sigterm_ends_command_and_broker_and_the_data_is_gone() {
    let broker = TestBroker::start();
    let session = Session::new(&broker);
    let running = session.start("exec kf dev -- sleep 60");
    // Its data lies in TMPDIR, which is the directory of the session.
    session.wait_until("ls | grep -c '^kf-'; true", "1\n");
    session.wait_until("ls kf-*/meta.properties | wc -l", "1\n");
    running.signal(Signal::TERM);
    assert_eq!(running.transcript(), "= 143\n");
    session.wait_until("ls", "");
}

#[test]
fn sigterm_is_handed_on_to_the_command_which_decides() {
    let broker = TestBroker::start();
    let session = Session::new(&broker);
    let running = session.start(
        "exec kf dev -- sh -c 'trap \"echo bye; exit 3\" TERM; echo $PPID > parent; sleep 60 > sleeping 2>&1 & wait'",
    );
    session.wait_until("wc -l < parent 2> no-parent-yet; true", "1\n");
    session.wait_until("kill $(cat parent)", "");
    assert_eq!(running.transcript(), "bye\n= 3\n");
    session.wait_until("ls | grep -c '^kf-'; true", "0\n");
}
