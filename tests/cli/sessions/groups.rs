//! `kf groups` at work.

use super::{Running, Session, session};
use crate::harness::TestBroker;

/// The topic `orders` with records 0 to 9 in each of its two partitions, and the group `readers`,
/// which has read partition 0 to its end and never saw partition 1.
fn half_read() -> (TestBroker, Session) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let values: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    client.produce_values("orders", 0, &values);
    let session = Session::new(&broker);
    session.run(
        r#"
$ kf consume --topic orders --group readers --from-beginning --max-messages 10 2>&1 | tail -1
Processed a total of 10 messages
$ kf topics --alter --topic orders --partitions 2
"#,
    );
    client.produce_values("orders", 1, &values);
    (broker, session)
}

/// A member of the group `g`, which has joined together with `others`.
fn member(session: &Session, others: usize) -> Running {
    let member = session.start("exec kf consume --topic orders --group g --from-beginning");
    let state = "kf groups --describe --group g --state -o csv 2> state.err";
    let columns = "cut -d, -f 5,8";
    session.wait_until(
        &format!("{state} | tail -1 | {columns}; true"),
        &format!("Stable,{}\n", others + 1),
    );
    member
}

#[test]
fn there_are_no_groups_on_a_new_broker() {
    session(
        r#"
$ kf groups --list
$ kf groups --list -o json
[]
$ kf groups --describe --all-groups
$ kf groups --describe --group nope
! error: Consumer group 'nope' does not exist.
= 1
$ kf groups --describe --group nope --members
! error: Consumer group 'nope' does not exist.
= 1
$ kf groups --describe --group nope --state
! error: Consumer group 'nope' does not exist.
= 1
$ kf groups --describe --group nope -o json
[]
! error: Consumer group 'nope' does not exist.
= 1
$ kf groups --delete --group nope
! error: Consumer group 'nope' does not exist.
= 1
"#,
    );
}

#[test]
fn groups_are_listed_and_filtered() {
    let (_broker, session) = half_read();
    session.run(
        r#"
$ kf groups --reset-offsets --group another --topic orders --to-latest --execute -o name
another
$ kf groups --list
another
readers
$ kf groups --list --state
GROUP                     STATE               ¶
another                   Empty               ¶
readers                   Empty               ¶
$ kf groups --list --type
GROUP                     TYPE                ¶
another                   Classic             ¶
readers                   Classic             ¶
$ kf groups --list --state stable
GROUP                     STATE               ¶
$ kf groups --list --state empty,stable --type classic
GROUP                     TYPE                 STATE               ¶
another                   Classic              Empty               ¶
readers                   Classic              Empty               ¶
$ kf groups --list --type consumer
GROUP                     TYPE                ¶
$ kf groups --list -o table
GROUP    TYPE     STATE
another  Classic  Empty
readers  Classic  Empty
$ kf groups --list -o ndjson
{"group":"another","type":"Classic","state":"Empty"}
{"group":"readers","type":"Classic","state":"Empty"}
$ kf groups --list -o csv
group,type,state
another,Classic,Empty
readers,Classic,Empty
$ kf groups --list -o name
another
readers
$ kf groups --list --state lost
! error: Invalid state list 'lost'. Valid states are: PreparingRebalance, CompletingRebalance, Stable, Dead, Empty, Assigning, Reconciling
= 2
"#,
    );
}

#[test]
fn a_group_without_members_is_described_in_all_views() {
    let (_broker, session) = half_read();
    session.run(
        r#"
$ kf groups --describe --group readers

GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
readers         orders          0          10              10              0               -               -               -
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers --offsets --verbose

GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
readers         orders          0          0               10              10              0               -               -               -
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers --members

GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     ¶
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers --state

GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
readers         127.0.0.1:PORT  (1)      -                    Empty                0
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers --state --verbose

GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS
readers         127.0.0.1:PORT  (1)      -                    Empty                -               -                         0
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers -o table
GROUP    TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST  CLIENT-ID
readers  orders  0          10              10              0    -            -     -
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers -o ndjson
{"group":"readers","topic":"orders","partition":0,"leader_epoch":0,"current_offset":10,"log_end_offset":10,"lag":0,"consumer_id":null,"host":null,"client_id":null}
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers -o csv
group,topic,partition,leader_epoch,current_offset,log_end_offset,lag,consumer_id,host,client_id
readers,orders,0,0,10,10,0,,,
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --describe --group readers --group nope

GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
readers         orders          0          10              10              0               -               -               -
! ¶
! Consumer group 'readers' has no active members.
! error: Consumer group 'nope' does not exist.
= 5
"#,
    );
}

#[test]
fn a_group_with_members_is_described_in_all_views() {
    let broker = TestBroker::start();
    broker.connect().create_topic("orders", 3);
    let session = Session::new(&broker);
    let first = member(&session, 0);
    let second = member(&session, 1);
    session.run(
        r#"
$ seq 9 | kf produce --topic orders -X partitioner=consistent
$ kf groups --list --state
GROUP                     STATE               ¶
g                         Stable              ¶
$ kf groups --describe --group g --members

GROUP           CONSUMER-ID                             HOST            CLIENT-ID       #PARTITIONS     ¶
g               MEMBER-ID /127.0.0.1      kf              2               ¶
g               MEMBER-ID /127.0.0.1      kf              1               ¶
$ kf groups --describe --group g --members --verbose | sed 's/ 0,1 .*/ TWO/; s/ orders:0,1 .*/ TWO/; s/ orders:2 .*/ ONE/'

GROUP           CONSUMER-ID                             HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   ¶
g               MEMBER-ID /127.0.0.1      kf              2               -               TWO
g               MEMBER-ID /127.0.0.1      kf              1               -               ONE
$ kf groups --describe --group g --state

GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
g               127.0.0.1:PORT  (1)      range                Stable               2
$ kf groups --describe --group g | sed 's/  */ /g' | cut -d' ' -f 1-3,7-

GROUP TOPIC PARTITION CONSUMER-ID HOST CLIENT-ID
g orders 0 MEMBER-ID /127.0.0.1 kf
g orders 1 MEMBER-ID /127.0.0.1 kf
g orders 2 MEMBER-ID /127.0.0.1 kf
"#,
    );
    first.interrupt();
    session.wait_until(
        "kf groups --describe --group g --members -o ndjson | grep -o 'partitions\":3'; true",
        "partitions\":3\n",
    );
    session.run(
        r#"
$ kf groups --describe --group g --members -o table
GROUP  CONSUMER-ID                              GROUP-INSTANCE-ID  HOST        CLIENT-ID  PARTITIONS
g      MEMBER-ID  -                  /127.0.0.1  kf         3
"#,
    );
    second.interrupt();
    session.run(
        r#"
$ kf groups --describe --group g --members -o csv
group,consumer_id,group_instance_id,host,client_id,partitions,current_epoch,current_assignment,target_epoch,target_assignment,upgraded
! ¶
! Consumer group 'g' has no active members.
"#,
    );
}

#[test]
fn every_target_of_a_reset_is_planned_without_being_executed() {
    let (_broker, session) = half_read();
    session.run(
        r#"
$ kf groups --reset-offsets --group readers --topic orders --to-earliest --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
readers         orders          1          0
$ kf groups --reset-offsets --group readers --topic orders --to-latest --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          10
readers         orders          1          10
$ kf groups --reset-offsets --group readers --topic orders --to-offset 4 --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          4
readers         orders          1          4
$ kf groups --reset-offsets --group readers --topic orders --to-offset 99 --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          10
readers         orders          1          10
! warning: New offset (99) is higher than latest offset for topic partition orders-0. Value will be set to 10
! warning: New offset (99) is higher than latest offset for topic partition orders-1. Value will be set to 10
$ kf groups --reset-offsets --group readers --topic orders --to-current --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          10
readers         orders          1          10
$ kf groups --reset-offsets --group readers --topic orders:0 --shift-by -3 --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          7
$ kf groups --reset-offsets --group readers --topic orders:0 --shift-by -30 --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
! warning: New offset (-20) is lower than earliest offset for topic partition orders-0. Value will be set to 0
$ kf groups --reset-offsets --group readers --topic orders --shift-by 1 --dry-run
! error: Cannot shift offset for partition orders-1 since there is no current committed offset
= 1
$ kf groups --reset-offsets --group readers --topic orders --to-datetime 2000-01-01T00:00:00.000 --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
readers         orders          1          0
$ kf groups --reset-offsets --group readers --topic orders --to-datetime 2100-01-01T00:00:00.000+02:00 --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          10
readers         orders          1          10
! warning: Partition 0 from topic orders is empty. Falling back to latest known offset.
! warning: Partition 1 from topic orders is empty. Falling back to latest known offset.
$ kf groups --reset-offsets --group readers --topic orders --by-duration PT1H --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
readers         orders          1          0
$ kf groups --reset-offsets --group readers --all-topics --to-earliest

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
! warning: No action will be performed as the --execute option is missing. Scripts should say --dry-run if that is what they want.
$ kf groups --reset-offsets --group readers --topic orders:0 --to-earliest --dry-run -o table
GROUP    TOPIC   PARTITION  CURRENT-OFFSET  NEW-OFFSET  LOG-END-OFFSET  NEW-LAG
readers  orders  0          10              0           10              10
$ kf groups --reset-offsets --group readers --topic orders:7 --to-earliest --dry-run
! error: The partitions "orders-7" do not exist
= 1
$ kf groups --reset-offsets --group readers --topic nope --to-earliest --dry-run
! error: Topic 'nope' does not exist.
= 1
$ kf groups --describe --group readers -o csv
group,topic,partition,leader_epoch,current_offset,log_end_offset,lag,consumer_id,host,client_id
readers,orders,0,0,10,10,0,,,
! ¶
! Consumer group 'readers' has no active members.
"#,
    );
}

#[test]
fn every_target_of_a_reset_is_executed() {
    let (_broker, session) = half_read();
    session.run(
        r#"
$ kf groups --reset-offsets --group readers --topic orders --to-offset 4 --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          4
readers         orders          1          4
$ kf groups --reset-offsets --group readers --topic orders --shift-by 2 --execute -o ndjson
{"group":"readers","topic":"orders","partition":0,"current_offset":4,"new_offset":6,"log_end_offset":10,"new_lag":4}
{"group":"readers","topic":"orders","partition":1,"current_offset":4,"new_offset":6,"log_end_offset":10,"new_lag":4}
$ kf consume --topic orders --group readers --max-messages 8 2>&1 | tail -1
Processed a total of 8 messages
$ kf groups --reset-offsets --group readers --topic orders:1 --to-earliest --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          1          0
$ kf groups --reset-offsets --group readers --all-topics --to-current --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          10
readers         orders          1          0
$ kf groups --reset-offsets --group readers --all-topics --by-duration PT1H --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
readers         orders          1          0
$ kf groups --reset-offsets --group readers --all-topics --to-latest --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          10
readers         orders          1          10
$ kf groups --reset-offsets --group readers --all-topics --to-datetime 2000-01-01T00:00:00.000 --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
readers         orders          1          0
$ kf groups --describe --group readers

GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
readers         orders          0          0               10              10              -               -               -
readers         orders          1          0               10              10              -               -               -
! ¶
! Consumer group 'readers' has no active members.
$ kf groups --reset-offsets --group brand-new --topic orders:0 --to-offset 3 --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
brand-new       orders          0          3
$ kf consume --topic orders --group brand-new --max-messages 7 2>&1 | tail -1
Processed a total of 7 messages
"#,
    );
}

#[test]
fn an_exported_plan_is_the_plan_that_is_imported() {
    let (_broker, session) = half_read();
    session.run(
        r#"
$ kf groups --reset-offsets --group readers --topic orders --to-offset 4 --dry-run --export > plan.csv
$ cat plan.csv
orders,0,4
orders,1,4

$ kf groups --reset-offsets --group readers --from-file plan.csv --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          4
readers         orders          1          4
$ kf groups --reset-offsets --group copy --from-file plan.csv --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
copy            orders          0          4
copy            orders          1          4
$ kf groups --reset-offsets --all-groups --all-topics --to-current --export --dry-run > all.csv
$ cat all.csv
copy,orders,0,4
copy,orders,1,4
readers,orders,0,4
readers,orders,1,4

$ kf groups --reset-offsets --group copy --group readers --from-file all.csv --dry-run

GROUP           TOPIC           PARTITION  NEW-OFFSET
copy            orders          0          4
copy            orders          1          4
readers         orders          0          4
readers         orders          1          4
$ echo 'orders,zero,1' > bad.csv
$ kf groups --reset-offsets --group readers --from-file bad.csv --dry-run
! error: bad.csv: line 1: the partition is not a number: "orders,zero,1"
= 2
$ kf groups --reset-offsets --group readers --from-file missing.csv --dry-run
! error: missing.csv: No such file or directory (os error 2)
= 2
"#,
    );
}

#[test]
fn groups_and_offsets_are_deleted() {
    let (_broker, session) = half_read();
    session.run(
        r#"
$ kf groups --delete-offsets --group readers --topic orders:0 --dry-run
Would delete the offset of group readers in orders-0.
$ kf groups --delete-offsets --group readers --topic orders
Request succeeded for deleting offsets from group readers.

TOPIC           PARTITION  STATUS         ¶
orders          0          Successful     ¶
orders          1          Successful     ¶
$ kf groups --delete-offsets --group readers --topic nope

TOPIC           PARTITION  STATUS         ¶
nope            -          Error: This broker has no such topic or partition.
! warning: Encountered some partition-level error, see the follow-up details.
= 1
$ kf groups --delete-offsets --group nope --topic orders
! error: Consumer group 'nope' does not exist.
= 1
$ kf groups --list
readers
$ kf groups --reset-offsets --group readers --topic orders --to-earliest --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
readers         orders          0          0
readers         orders          1          0
$ kf groups --reset-offsets --group another --topic orders --to-earliest --execute

GROUP           TOPIC           PARTITION  NEW-OFFSET
another         orders          0          0
another         orders          1          0
$ kf groups --delete --group readers --dry-run
Would delete group readers.
$ kf groups --delete --group readers --group nope

These consumer groups were deleted successfully: 'readers'
! error: Consumer group 'nope' does not exist.
= 5
$ kf groups --delete --all-groups
Deletion of requested consumer groups ('another') was successful.
$ kf groups --list
"#,
    );
}

#[test]
fn the_offsets_of_an_active_group_are_not_touched() {
    let broker = TestBroker::start();
    broker.connect().create_topic("orders", 1);
    let session = Session::new(&broker);
    let member = member(&session, 0);
    session.run(
        r#"
$ kf groups --reset-offsets --group g --topic orders --to-earliest --dry-run
! error: Assignments can only be reset if the group 'g' is inactive, but the current state is Stable. Its members are kf at /127.0.0.1 (MEMBER-ID).
= 1
$ kf groups --reset-offsets --group g --topic orders --to-earliest --execute
! error: Assignments can only be reset if the group 'g' is inactive, but the current state is Stable. Its members are kf at /127.0.0.1 (MEMBER-ID).
= 1
$ kf groups --delete --group g
! error: Group 'g' could not be deleted: it is not empty. Its members are kf at /127.0.0.1 (MEMBER-ID).
= 1
$ kf groups --delete-offsets --group g --topic orders

TOPIC           PARTITION  STATUS         ¶
orders          0          Error: The group is reading the topic, so its offsets cannot be deleted.
! warning: Encountered some partition-level error, see the follow-up details.
= 1
"#,
    );
    member.interrupt();
}
