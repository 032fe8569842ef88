use super::*;

fn load(properties: &[(&str, &str)]) -> Result<(BrokerConfig, Vec<ConfigWarning>), ConfigError> {
    let properties = properties.iter().copied().collect();
    BrokerConfig::load(&BrokerSources { properties, ..BrokerSources::default() })
}

fn refusal(name: &str, value: &str) -> String {
    match load(&[(name, value)]) {
        Ok((_, warnings)) => format!("accepted with {warnings:?}"),
        Err(error) => error.to_string(),
    }
}

fn pairs(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

#[test]
fn later_sources_win() {
    let sources = BrokerSources {
        properties: [("num.partitions", "2"), ("fetch.max.bytes", "5000")].into_iter().collect(),
        environment: pairs(&[("KAFKA_NUM_PARTITIONS", "3"), ("KAFKA_NODE_ID", "7"), ("HOME", "/")]),
        overrides: pairs(&[("node.id", "8")]),
    };
    let (config, warnings) = BrokerConfig::load(&sources).expect("valid sources");
    assert_eq!((config.fetch_max_bytes, config.num_partitions, config.node_id), (5000, 3, 8));
    assert_eq!(warnings, []);
}

#[test]
fn variables_name_properties_as_in_the_image_of_apache() {
    for (variable, property) in [
        ("KAFKA_LISTENERS", Some("listeners")),
        ("KAFKA_AUTO_CREATE_TOPICS_ENABLE", Some("auto.create.topics.enable")),
        ("KAFKA_LISTENER_NAME_A__B_SSL", Some("listener.name.a_b.ssl")),
        ("KAFKA_LISTENER_NAME_A___B_SSL", Some("listener.name.a-b.ssl")),
        ("KAFKA_HEAP_OPTS", None),
        ("PATH", None),
    ] {
        assert_eq!(property_name(variable).as_deref(), property, "{variable}");
    }
}

#[test]
fn the_cluster_id_comes_from_its_variable() {
    let environment = pairs(&[("CLUSTER_ID", "4L6g3nShT-eMCtK--X86sw")]);
    let sources = BrokerSources { environment, ..BrokerSources::default() };
    let (config, _) = BrokerConfig::load(&sources).expect("valid sources");
    assert_eq!(config.cluster_id.as_deref(), Some("4L6g3nShT-eMCtK--X86sw"));
}

#[test]
fn what_kafka_knows_and_nothing_reads_is_a_warning() {
    for name in ["num.io.threads", "share.coordinator.threads", "ssl.keystore.location"] {
        let value = if name.starts_with("ssl") { "/x.jks" } else { "4" };
        let (_, warnings) = load(&[(name, value)]).expect("a known name");
        assert_eq!(warnings, [ConfigWarning::NoEffect(name.to_owned())]);
    }
    let name = "listener.name.external.plain.sasl.jaas.config";
    let (_, warnings) = load(&[(name, "x")]).expect("a known name");
    assert_eq!(warnings, [ConfigWarning::NoEffect(name.to_owned())]);
}

#[test]
fn an_unknown_name_is_a_warning_with_the_nearest_name() {
    for (name, nearest) in [
        ("num.partition", Some("num.partitions")),
        ("retention.ms", Some("log.retention.ms")),
        ("confluent.license", None),
    ] {
        let (_, warnings) = load(&[(name, "4")]).expect("a harmless name");
        let suggestion = nearest.map(str::to_owned);
        assert_eq!(warnings, [ConfigWarning::Unknown { name: name.to_owned(), suggestion }]);
    }
}

#[test]
fn a_misspelt_name_of_durability_or_security_is_an_error() {
    for (name, nearest) in [
        ("durabilty", "(did you mean durability?)"),
        ("log.flush.intervall.ms", "(did you mean log.flush.interval.ms?)"),
        ("min.insync.replica", "(did you mean min.insync.replicas?)"),
        ("authorizer.classname", "(did you mean authorizer.class.name?)"),
        ("ssl.client.auht", "(did you mean ssl.client.auth?)"),
        ("listener.name.external.ssl.client.autth", ""),
        ("fsync", ""),
        ("super.user", "(did you mean super.users?)"),
    ] {
        let refusal = refusal(name, "1");
        assert!(refusal.starts_with(&format!("Unknown configuration {name}")), "{refusal}");
        assert!(refusal.ends_with(nearest), "{refusal}");
    }
}

#[test]
fn protection_that_is_not_offered_is_an_error() {
    for (name, value) in [
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("listeners", "SASL_SSL://:9093"),
        ("listeners", "SSL://:9093"),
        ("process.roles", "controller"),
        ("remote.log.storage.system.enable", "true"),
    ] {
        assert!(refusal(name, value).contains("not offered"), "{name}: {}", refusal(name, value));
    }
    assert!(load(&[("authorizer.class.name", "")]).is_ok());
}

#[test]
fn the_file_that_kafka_ships_works_unchanged() {
    let (config, warnings) = load(&[
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.bootstrap.servers", "localhost:9093"),
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
        ("inter.broker.listener.name", "PLAINTEXT"),
        ("advertised.listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
        ("controller.listener.names", "CONTROLLER"),
        (
            "listener.security.protocol.map",
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        ),
        ("log.dirs", "/tmp/kraft-combined-logs"),
        ("log.retention.hours", "168"),
        ("offsets.topic.replication.factor", "1"),
    ])
    .expect("Kafka's own file");
    let names: Vec<_> = config.listeners.iter().map(|listener| listener.name.as_str()).collect();
    assert_eq!(names, ["PLAINTEXT"]);
    assert_eq!(config.advertised_listeners.len(), 1);
    let controller = warnings.iter().find(|w| matches!(w, ConfigWarning::ControllerListener(_)));
    assert_eq!(
        controller.map(ToString::to_string).as_deref(),
        Some("CONTROLLER://:9093 is not opened: the controller is part of the broker")
    );
}

#[test]
fn node_id_and_broker_id_must_agree() {
    assert_eq!(load(&[("broker.id", "5")]).map(|(config, _)| config.node_id), Ok(5));
    assert!(load(&[("broker.id", "5"), ("node.id", "6")]).is_err());
}

#[test]
fn a_default_of_topics_that_no_topic_could_have_is_refused() {
    assert!(load(&[("log.retention.ms", "-7")]).is_err());
    assert!(load(&[("log.retention.hours", "-1")]).is_ok());
    assert!(load(&[("min.insync.replicas", "0")]).is_err());
}
