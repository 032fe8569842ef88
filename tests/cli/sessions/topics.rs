//! `kf topics` at work.

use super::session;

#[test]
fn a_topic_is_created_once() {
    session(
        r#"
$ kf topics --create --topic flights --partitions 3 --config retention.ms=1000 --config cleanup.policy=compact
Created topic flights.
$ kf topics --create --topic flights
! error: Topic 'flights' already exists. (TOPIC_ALREADY_EXISTS)
= 1
$ kf topics --create --topic flights --if-not-exists
$ kf topics --create --topic flights --topic orders
Created topic orders.
! error: Topic 'flights' already exists. (TOPIC_ALREADY_EXISTS)
= 5
$ kf topics --list
flights
orders
"#,
    );
}

#[test]
fn what_no_topic_can_be_is_refused_by_the_broker_with_a_sentence() {
    session(
        r#"
$ kf topics --create --topic 'bad name'
! error: Topic name is invalid: 'bad name' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-' (INVALID_TOPIC_EXCEPTION)
= 1
$ kf topics --create --topic ..
! warning: metric names replace '.' by '_', so topics whose names differ in these alone collide; use one of the two, not both
! error: Topic name is invalid: '.' or '..' is not allowed (INVALID_TOPIC_EXCEPTION)
= 1
$ kf topics --create --topic t --config retention.ms=soon
! error: Invalid value soon for configuration retention.ms: Not a number of type LONG (INVALID_CONFIG)
= 1
$ kf topics --create --topic t --config retention.msec=1
! error: Unknown topic config name: retention.msec (INVALID_CONFIG)
= 1
$ kf topics --create --topic t --replication-factor 3
! error: Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered. (INVALID_REPLICATION_FACTOR)
= 1
$ kf topics --create --topic t --partitions 1000000
! error: Excessively large number of partitions: 1000000, at most 10000 can be created at once. (POLICY_VIOLATION)
= 1
$ kf topics --create --topic t --replica-assignment 9
! error: The manual partition assignment includes broker 9, but no such broker is registered. (INVALID_REPLICA_ASSIGNMENT)
= 1
$ kf topics --list
"#,
    );
}

#[test]
fn a_name_that_collides_in_metrics_is_warned_of() {
    session(
        r#"
$ kf topics --create --topic my_orders
Created topic my_orders.
! warning: metric names replace '.' by '_', so topics whose names differ in these alone collide; use one of the two, not both
$ kf topics --create --topic my.orders
! warning: metric names replace '.' by '_', so topics whose names differ in these alone collide; use one of the two, not both
! error: Topic 'my.orders' collides with existing topic: my_orders (INVALID_TOPIC_EXCEPTION)
= 1
"#,
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    session(
        r#"
$ kf topics --create --topic orders --partitions 2 --dry-run
Would create topic orders.
$ kf topics --list
$ kf topics --create --topic orders --partitions 2
Created topic orders.
$ kf topics --create --topic orders --dry-run
! error: Topic 'orders' already exists. (TOPIC_ALREADY_EXISTS)
= 1
$ kf topics --alter --topic orders --partitions 5 --dry-run
Would give topic orders 5 partitions.
$ kf topics --delete --topic orders --dry-run
Would delete topic orders.
$ kf topics --describe --topic orders
Topic: orders⇥TopicId: TOPIC-ID⇥PartitionCount: 2⇥ReplicationFactor: 1⇥Configs: ¶
⇥Topic: orders⇥Partition: 0⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
⇥Topic: orders⇥Partition: 1⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
"#,
    );
}

#[test]
fn topics_are_listed_by_name_in_every_form() {
    session(
        r#"
$ kf topics --list
$ kf topics --list -o json
[]
$ kf topics --create --topic orders --topic flights --topic b-side
Created topic b-side.
Created topic flights.
Created topic orders.
$ kf topics --list
b-side
flights
orders
$ kf topics --list -o table
TOPIC
b-side
flights
orders
$ kf topics --list -o json
[
  {
    "topic": "b-side"
  },
  {
    "topic": "flights"
  },
  {
    "topic": "orders"
  }
]
$ kf topics --list -o ndjson
{"topic":"b-side"}
{"topic":"flights"}
{"topic":"orders"}
$ kf topics --list -o csv
topic
b-side
flights
orders
$ kf topics --list -o name
b-side
flights
orders
$ kf topics --list --topic orders
orders
$ kf topics --list --regex --topic '.*s'
flights
orders
$ kf topics --list -o yaml
! error: invalid value 'yaml' for '--output <FORM>'
!   [possible values: table, wide, json, ndjson, csv, name]
! ¶
! For more information, try '--help'.
= 2
"#,
    );
}

#[test]
fn kafkas_own_topics_can_be_left_out() {
    session(
        r#"
$ echo value | kf produce --topic orders
$ kf consume --topic orders --group g --from-beginning --max-messages 1
value
! Processed a total of 1 messages
$ kf topics --list
__consumer_offsets
orders
$ kf topics --list --exclude-internal
orders
"#,
    );
}

#[test]
fn a_description_is_the_scripts_text_or_a_form() {
    session(
        r#"
$ kf topics --create --topic orders --partitions 2 --config retention.ms=1000
Created topic orders.
$ kf topics --describe --topic orders
Topic: orders⇥TopicId: TOPIC-ID⇥PartitionCount: 2⇥ReplicationFactor: 1⇥Configs: retention.ms=1000
⇥Topic: orders⇥Partition: 0⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
⇥Topic: orders⇥Partition: 1⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
$ kf topics --describe --topic orders -o table
orders: 2 partitions, replication factor 1, id TOPIC-ID
retention.ms=1000
TOPIC   PARTITION  LEADER  REPLICAS  ISR
orders  0          1       1         1
orders  1          1       1         1
$ kf topics --describe --topic orders -o json
[
  {
    "topic": "orders",
    "partition": 0,
    "leader": 1,
    "replicas": [
      1
    ],
    "isr": [
      1
    ],
    "leader_epoch": 0,
    "elr": [],
    "last_known_elr": [],
    "adding_replicas": null,
    "removing_replicas": null,
    "topic_id": "TOPIC-ID",
    "is_internal": false,
    "configs": {
      "retention.ms": "1000"
    }
  },
  {
    "topic": "orders",
    "partition": 1,
    "leader": 1,
    "replicas": [
      1
    ],
    "isr": [
      1
    ],
    "leader_epoch": 0,
    "elr": [],
    "last_known_elr": [],
    "adding_replicas": null,
    "removing_replicas": null,
    "topic_id": "TOPIC-ID",
    "is_internal": false,
    "configs": {
      "retention.ms": "1000"
    }
  }
]
$ kf topics --describe --topic orders -o ndjson
{"topic":"orders","partition":0,"leader":1,"replicas":[1],"isr":[1],"leader_epoch":0,"elr":[],"last_known_elr":[],"adding_replicas":null,"removing_replicas":null,"topic_id":"TOPIC-ID","is_internal":false,"configs":{"retention.ms":"1000"}}
{"topic":"orders","partition":1,"leader":1,"replicas":[1],"isr":[1],"leader_epoch":0,"elr":[],"last_known_elr":[],"adding_replicas":null,"removing_replicas":null,"topic_id":"TOPIC-ID","is_internal":false,"configs":{"retention.ms":"1000"}}
$ kf topics --describe --topic orders -o csv
topic,partition,leader,replicas,isr,leader_epoch,elr,last_known_elr,adding_replicas,removing_replicas,topic_id,is_internal,configs
orders,0,1,1,1,0,,,,,TOPIC-ID,false,retention.ms=1000
orders,1,1,1,1,0,,,,,TOPIC-ID,false,retention.ms=1000
$ kf topics --describe --topic orders -o name
orders
"#,
    );
}

#[test]
fn a_description_can_be_of_some_topics_or_partitions() {
    session(
        r#"
$ kf topics --create --topic plain --topic plan
Created topic plain.
Created topic plan.
$ kf topics --create --topic tuned --config retention.ms=1000
Created topic tuned.
$ kf topics --describe --topics-with-overrides
Topic: tuned⇥TopicId: TOPIC-ID⇥PartitionCount: 1⇥ReplicationFactor: 1⇥Configs: retention.ms=1000
$ kf topics --describe --topics-with-overrides -o ndjson
{"topic":"tuned","partition_count":1,"replication_factor":1,"topic_id":"TOPIC-ID","is_internal":false,"configs":{"retention.ms":"1000"}}
$ kf topics --describe --regex --topic 'plai?n'
Topic: plain⇥TopicId: TOPIC-ID⇥PartitionCount: 1⇥ReplicationFactor: 1⇥Configs: ¶
⇥Topic: plain⇥Partition: 0⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
Topic: plan⇥TopicId: TOPIC-ID⇥PartitionCount: 1⇥ReplicationFactor: 1⇥Configs: ¶
⇥Topic: plan⇥Partition: 0⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
$ kf topics --describe --under-replicated-partitions
$ kf topics --describe --unavailable-partitions
$ kf topics --describe --at-min-isr-partitions --topic plan
⇥Topic: plan⇥Partition: 0⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
$ kf topics --describe --under-min-isr-partitions
"#,
    );
}

#[test]
fn a_topic_that_does_not_exist_is_an_error_unless_that_is_fine() {
    session(
        r#"
$ kf topics --create --topic orders
Created topic orders.
$ kf topics --describe --topic nope
! error: Topic 'nope' does not exist as expected
= 1
$ kf topics --describe --topic nope --if-exists
$ kf topics --describe --topic nope --topic orders
Topic: orders⇥TopicId: TOPIC-ID⇥PartitionCount: 1⇥ReplicationFactor: 1⇥Configs: ¶
⇥Topic: orders⇥Partition: 0⇥Leader: 1⇥Replicas: 1⇥Isr: 1⇥Elr: ⇥LastKnownElr: ¶
! error: Topic 'nope' does not exist as expected
= 5
$ kf topics --describe --topic 'or.*'
! error: Topic 'or.*' does not exist as expected
! hint: a topic's name is taken literally; --regex makes it a pattern
= 1
$ kf topics --describe --regex --topic 'x.*'
! error: Topic 'x.*' does not exist as expected
= 1
$ kf topics --describe --topic-id AAAAAAAAAAAAAAAAAAAAAQ
! error: TopicId 'AAAAAAAAAAAAAAAAAAAAAQ' does not exist as expected
= 1
$ kf topics --alter --topic nope --partitions 2
! error: Topic 'nope' does not exist as expected
= 1
$ kf topics --alter --topic nope --partitions 2 --if-exists
$ kf topics --delete --topic nope
! error: Topic 'nope' does not exist as expected
= 1
$ kf topics --delete --topic nope --if-exists
"#,
    );
}

#[test]
fn partitions_are_added_and_never_taken_away() {
    session(
        r#"
$ kf topics --create --topic orders --partitions 2
Created topic orders.
$ kf topics --alter --topic orders --partitions 4
$ kf topics --alter --topic orders --partitions 4
! error: Topic already has 4 partition(s). (INVALID_PARTITIONS)
= 1
$ kf topics --alter --topic orders --partitions 3
! error: The topic orders currently has 4 partition(s); 3 would not be an increase. (INVALID_PARTITIONS)
= 1
$ kf topics --alter --topic orders --partitions 6 --replica-assignment 1,1,1,1,1,1
$ kf topics --describe --topic orders -o csv
topic,partition,leader,replicas,isr,leader_epoch,elr,last_known_elr,adding_replicas,removing_replicas,topic_id,is_internal,configs
orders,0,1,1,1,0,,,,,TOPIC-ID,false,
orders,1,1,1,1,0,,,,,TOPIC-ID,false,
orders,2,1,1,1,0,,,,,TOPIC-ID,false,
orders,3,1,1,1,0,,,,,TOPIC-ID,false,
orders,4,1,1,1,0,,,,,TOPIC-ID,false,
orders,5,1,1,1,0,,,,,TOPIC-ID,false,
"#,
    );
}

#[test]
fn a_deleted_topic_is_gone_and_the_others_stay() {
    session(
        r#"
$ kf topics --create --topic orders --topic flights --topic flags --topic a-flight
Created topic a-flight.
Created topic flags.
Created topic flights.
Created topic orders.
$ kf topics --delete --topic orders
$ kf topics --list
a-flight
flags
flights
$ kf topics --delete --regex --topic 'fl.*'
$ kf topics --list
a-flight
$ kf topics --delete --topic a-flight --topic nope
! error: Topic 'nope' does not exist as expected
= 5
$ kf topics --list
"#,
    );
}
