//! DescribeConfigs, AlterConfigs, IncrementalAlterConfigs.

use kf::wire::error::ErrorCode;
use kf::wire::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource, AlterableConfig,
};
use kf::wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResult,
};
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::incremental_alter_configs::{
    AlterConfigsResource as IncrementalResource, AlterableConfig as IncrementalConfig,
    IncrementalAlterConfigsRequest,
};

use crate::harness::requests::batch;
use crate::harness::{Client, TestBroker};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

fn describe(client: &mut Client, kind: i8, name: &str) -> DescribeConfigsResult {
    let resource = DescribeConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configuration_keys: None,
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        include_documentation: true,
    };
    client.send(request, 4).results.remove(0)
}

#[track_caller]
fn config(
    client: &mut Client,
    (kind, resource): (i8, &str),
    name: &str,
) -> DescribeConfigsResourceResult {
    let described = describe(client, kind, resource).configs;
    described.into_iter().find(|config| config.name == name).expect("a config")
}

fn replace(
    client: &mut Client,
    resource: (i8, &str),
    configs: &[(&str, Option<&str>)],
) -> ErrorCode {
    let config = |(name, value): &(&str, Option<&str>)| AlterableConfig {
        name: (*name).to_owned(),
        value: value.map(str::to_owned),
    };
    let resource = AlterConfigsResource {
        resource_type: resource.0,
        resource_name: resource.1.to_owned(),
        configs: configs.iter().map(config).collect(),
    };
    let request = AlterConfigsRequest { resources: vec![resource], validate_only: false };
    client.send(request, 2).responses.remove(0).error_code
}

fn step(
    client: &mut Client,
    resource: (i8, &str),
    (operation, name, value): (i8, &str, Option<&str>),
    validate_only: bool,
) -> ErrorCode {
    let config = IncrementalConfig {
        name: name.to_owned(),
        config_operation: operation,
        value: value.map(str::to_owned),
    };
    let resource = IncrementalResource {
        resource_type: resource.0,
        resource_name: resource.1.to_owned(),
        configs: vec![config],
    };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only };
    client.send(request, 1).responses.remove(0).error_code
}

/// Gives a topic config another value, which must succeed.
#[track_caller]
pub(super) fn set(client: &mut Client, topic: &str, name: &str, value: &str) {
    let code = step(client, (TOPIC, topic), (SET, name, Some(value)), false);
    assert_eq!(code, ErrorCode::NONE, "{name}={value}");
}

#[test]
fn all_configs_of_a_topic_are_told_with_source_synonyms_type_and_documentation() {
    let broker = TestBroker::with(&[("log.retention.hours", "24")]);
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("max.message.bytes", "2000")]);
    let described = describe(&mut client, TOPIC, "orders");
    assert_eq!(described.error_code, ErrorCode::NONE);
    assert!(described.configs.len() > 20, "{}", described.configs.len());
    for config in &described.configs {
        assert!(!config.synonyms.is_empty() || config.config_source == 5, "{config:?}");
        assert!(config.documentation.as_ref().is_some_and(|text| !text.is_empty()), "{config:?}");
        assert_ne!(config.config_type, 0, "{config:?}");
    }
    let set = config(&mut client, (TOPIC, "orders"), "max.message.bytes");
    assert_eq!((set.value.as_deref(), set.config_source), (Some("2000"), 1));
    let synonyms: Vec<_> = set.synonyms.iter().map(|s| (&*s.name, s.source)).collect();
    assert_eq!(synonyms, [("max.message.bytes", 1), ("message.max.bytes", 5)]);

    let inherited = config(&mut client, (TOPIC, "orders"), "retention.ms");
    assert_eq!((inherited.value.as_deref(), inherited.config_source), (Some("86400000"), 4));
    let synonyms: Vec<_> = inherited.synonyms.iter().map(|s| (&*s.name, s.source)).collect();
    assert_eq!(synonyms, [("log.retention.hours", 4), ("log.retention.hours", 5)]);
}

#[test]
fn only_the_configs_asked_for_are_told() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let resource = DescribeConfigsResource {
        resource_type: TOPIC,
        resource_name: "orders".to_owned(),
        configuration_keys: Some(vec!["retention.ms".to_owned(), "no.such".to_owned()]),
    };
    let request =
        DescribeConfigsRequest { resources: vec![resource], ..DescribeConfigsRequest::default() };
    let configs = client.send(request, 4).results.remove(0).configs;
    assert_eq!(configs.iter().map(|config| &*config.name).collect::<Vec<_>>(), ["retention.ms"]);
    assert!(configs[0].synonyms.is_empty() && configs[0].documentation.is_none());
}

#[test]
fn resources_that_do_not_exist_are_refused() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    for (kind, name, expected) in [
        (TOPIC, "missing", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (BROKER, "7", ErrorCode::INVALID_REQUEST),
        (BROKER, "one", ErrorCode::INVALID_REQUEST),
        (99, "x", ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(describe(&mut client, kind, name).error_code, expected, "{kind} {name}");
        let altered = replace(&mut client, (kind, name), &[]);
        assert_eq!(altered, expected, "{kind} {name}");
    }
    for name in ["1", ""] {
        assert_eq!(describe(&mut client, BROKER, name).error_code, ErrorCode::NONE, "{name}");
    }
}

#[test]
fn altering_replaces_all_that_was_set_before() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("retention.ms", "1000")]);
    let orders = (TOPIC, "orders");
    let altered = replace(&mut client, orders, &[("max.message.bytes", Some("500"))]);
    assert_eq!(altered, ErrorCode::NONE);
    assert_eq!(config(&mut client, orders, "max.message.bytes").value.as_deref(), Some("500"));
    assert_eq!(config(&mut client, orders, "retention.ms").config_source, 5);
    for (wrong, expected) in [
        (&[("retention.ms", Some("x"))][..], ErrorCode::INVALID_CONFIG),
        (&[("no.such", Some("1"))], ErrorCode::INVALID_CONFIG),
        (&[("retention.ms", None)], ErrorCode::INVALID_REQUEST),
        (&[("retention.ms", Some("1")), ("retention.ms", Some("2"))], ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(replace(&mut client, orders, wrong), expected, "{wrong:?}");
    }
    assert_eq!(config(&mut client, orders, "max.message.bytes").value.as_deref(), Some("500"));
}

#[test]
fn altering_step_by_step_leaves_the_rest_as_it_is() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("retention.ms", "1000")]);
    let orders = (TOPIC, "orders");
    for (change, expected) in [
        ((SET, "max.message.bytes", Some("500")), ErrorCode::NONE),
        ((APPEND, "cleanup.policy", Some("compact")), ErrorCode::NONE),
        ((APPEND, "retention.ms", Some("1")), ErrorCode::INVALID_CONFIG),
        ((SET, "retention.ms", Some("x")), ErrorCode::INVALID_CONFIG),
        ((SET, "retention.ms", None), ErrorCode::INVALID_REQUEST),
        ((9, "retention.ms", Some("1")), ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(step(&mut client, orders, change, false), expected, "{change:?}");
    }
    let value = |client: &mut Client, name: &str| config(client, orders, name).value.unwrap();
    assert_eq!(value(&mut client, "retention.ms"), "1000");
    assert_eq!(value(&mut client, "max.message.bytes"), "500");
    assert_eq!(value(&mut client, "cleanup.policy"), "delete,compact");
    step(&mut client, orders, (SUBTRACT, "cleanup.policy", Some("delete")), false);
    assert_eq!(value(&mut client, "cleanup.policy"), "compact");
    step(&mut client, orders, (DELETE, "cleanup.policy", None), false);
    assert_eq!(value(&mut client, "cleanup.policy"), "delete");
}

#[test]
fn a_resource_that_a_request_names_twice_is_not_altered() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.create_topic("others", 1);
    let wish = |topic: &str, value: &str| AlterConfigsResource {
        resource_type: TOPIC,
        resource_name: topic.to_owned(),
        configs: vec![AlterableConfig {
            name: "retention.ms".to_owned(),
            value: Some(value.to_owned()),
        }],
    };
    let resources = vec![wish("orders", "1"), wish("others", "2"), wish("orders", "3")];
    let request = AlterConfigsRequest { resources, validate_only: false };
    let responses = client.send(request, 2).responses;
    let codes: Vec<_> = responses.iter().map(|response| response.error_code).collect();
    let twice = ErrorCode::INVALID_REQUEST;
    assert_eq!(codes, [twice, ErrorCode::NONE, twice]);
    assert_eq!(config(&mut client, (TOPIC, "orders"), "retention.ms").config_source, 5);
    assert_eq!(config(&mut client, (TOPIC, "others"), "retention.ms").config_source, 1);
}

#[test]
fn the_topics_of_the_broker_are_as_durable_as_the_broker() {
    let broker = TestBroker::with(&[("durability", "async")]);
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("durability", "synced")]);
    let offsets = (TOPIC, "__consumer_offsets");
    let coordinator = FindCoordinatorRequest { key: "g".to_owned(), ..Default::default() };
    assert_eq!(client.send(coordinator, 2).error_code, ErrorCode::NONE);
    for value in ["synced", "async"] {
        let refused = step(&mut client, offsets, (SET, "durability", Some(value)), false);
        assert_eq!(refused, ErrorCode::INVALID_CONFIG, "{value}");
    }
    assert_eq!(config(&mut client, offsets, "durability").value.as_deref(), Some("async"));
    let orders = config(&mut client, (TOPIC, "orders"), "durability");
    assert_eq!((orders.value.as_deref(), orders.config_source), (Some("synced"), 1));
}

#[test]
fn validate_only_changes_nothing() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let orders = (TOPIC, "orders");
    let valid = step(&mut client, orders, (SET, "retention.ms", Some("7")), true);
    let invalid = step(&mut client, orders, (SET, "retention.ms", Some("x")), true);
    assert_eq!((valid, invalid), (ErrorCode::NONE, ErrorCode::INVALID_CONFIG));
    assert_eq!(config(&mut client, orders, "retention.ms").config_source, 5);
}

#[test]
fn a_changed_config_is_obeyed_by_the_next_request() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.produce_values("orders", 0, &["fits"]);
    step(&mut client, (TOPIC, "orders"), (SET, "max.message.bytes", Some("10")), false);
    let refused = client.produce("orders", 0, batch(&["does not fit any more"]));
    assert_eq!(refused.error_code, ErrorCode::MESSAGE_TOO_LARGE);
}

#[test]
fn broker_configs_change_without_a_restart_and_topics_inherit_them() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let size = |value| (SET, "message.max.bytes", Some(value));
    assert_eq!(step(&mut client, (BROKER, ""), size("3000"), false), ErrorCode::NONE);
    let inherited = config(&mut client, (TOPIC, "orders"), "max.message.bytes");
    assert_eq!((inherited.value.as_deref(), inherited.config_source), (Some("3000"), 3));
    assert_eq!(step(&mut client, (BROKER, "1"), size("10"), false), ErrorCode::NONE);
    let own = config(&mut client, (BROKER, "1"), "message.max.bytes");
    assert_eq!((own.value.as_deref(), own.config_source), (Some("10"), 2));
    let sources: Vec<_> = own.synonyms.iter().map(|synonym| synonym.source).collect();
    assert_eq!(sources, [2, 3, 5]);
    let refused = client.produce("orders", 0, batch(&["too large for this broker"]));
    assert_eq!(refused.error_code, ErrorCode::MESSAGE_TOO_LARGE);
}

#[test]
fn a_broker_config_that_needs_a_restart_is_not_changed_without_one() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    for name in ["node.id", "log.dirs", "no.such.config"] {
        let refused = step(&mut client, (BROKER, "1"), (SET, name, Some("2")), false);
        assert!(refused.is_error(), "{name}");
    }
}
