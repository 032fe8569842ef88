use super::*;

fn load_from(
    file: &[(&str, &str)],
    properties: &[(&str, &str)],
) -> Result<(ClientConfig, Vec<ClientWarning>), ConfigError> {
    ClientConfig::load(&ClientSources {
        default_bootstrap_servers: "localhost:9092".to_owned(),
        file: file.iter().copied().collect(),
        properties: properties.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
        bootstrap_servers: None,
    })
}

fn valid(file: &[(&str, &str)]) -> (ClientConfig, Vec<ClientWarning>) {
    load_from(file, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(name: &str, value: &str) -> String {
    load_from(&[(name, value)], &[]).err().map(|error| error.to_string()).unwrap_or_default()
}

const JAAS: &str = "org.apache.kafka.common.security.scram.ScramLoginModule required \
                    username=\"alice\" password=\"hunter2\";";

#[test]
fn tables_are_sorted_and_lead_to_names_that_exist() {
    assert!(JAVA_NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(LIBRDKAFKA_NAMES.windows(2).all(|pair| pair[0] < pair[1]));
    for (java, translation) in JAVA_NAMES {
        if let Translation::Renamed(name) = translation {
            assert!(LIBRDKAFKA_NAMES.contains(name), "{java} -> {name}");
        }
    }
}

#[test]
fn without_settings_there_are_bounds_on_everything() {
    let (config, warnings) = valid(&[]);
    assert_eq!(config.bootstrap_servers, ["localhost:9092"]);
    assert_eq!(config.connect_timeout, Duration::from_secs(10));
    assert_eq!(config.request_timeout, Duration::from_secs(30));
    assert_eq!(config.security_protocol, SecurityProtocol::Plaintext);
    assert_eq!(warnings, []);
}

#[test]
fn the_option_wins_over_the_property_and_that_over_the_file() {
    let mut sources = ClientSources {
        default_bootstrap_servers: "default:1".to_owned(),
        ..ClientSources::default()
    };
    let servers = |sources: &ClientSources| {
        ClientConfig::load(sources).expect("valid sources").0.bootstrap_servers.join(",")
    };
    assert_eq!(servers(&sources), "default:1");
    sources.file.set("bootstrap.servers", "file:2");
    assert_eq!(servers(&sources), "file:2");
    sources.properties.push(("metadata.broker.list".to_owned(), "property:3".to_owned()));
    assert_eq!(servers(&sources), "property:3");
    sources.bootstrap_servers = Some("option:4".to_owned());
    assert_eq!(servers(&sources), "option:4");
}

#[test]
fn a_file_of_the_java_clients_works_unchanged() {
    let (config, warnings) = valid(&[
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        ("sasl.jaas.config", JAAS),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.location", "/etc/ca"),
        ("ssl.endpoint.identification.algorithm", ""),
        ("fetch.max.wait.ms", "100"),
        ("buffer.memory", "1048576"),
        ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor"),
    ]);
    let sasl = config.sasl.as_ref().expect("credentials");
    assert_eq!((sasl.mechanism, sasl.username.as_str()), (SaslMechanism::ScramSha512, "alice"));
    assert_eq!(sasl.password.expose(), "hunter2");
    assert_eq!(config.tls.ca_location, Some(PathBuf::from("/etc/ca")));
    assert!(!config.tls.verify_hostname && config.tls.verify_certificate);
    for (name, value) in [
        ("sasl.password", "hunter2"),
        ("ssl.ca.location", "/etc/ca"),
        ("fetch.wait.max.ms", "100"),
        ("queue.buffering.max.kbytes", "1024"),
        ("partition.assignment.strategy", "range"),
        ("ssl.endpoint.identification.algorithm", "none"),
    ] {
        let found = config.librdkafka_properties().get(name);
        assert_eq!(found.map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(warnings, []);
}

#[test]
fn secrets_are_never_shown() {
    let (config, _) = valid(&[
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", "alice"),
        ("sasl.password", "hunter2"),
        ("ssl.key.pem", "hunter2"),
        ("ssl.key.password", "hunter2"),
    ]);
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(
        !refusal("sasl.jaas.config", "Broken required password=\"hunter2\"").contains("hunter2")
    );
}

#[test]
fn what_only_java_knows_is_reported() {
    let (_, warnings) = valid(&[("key.deserializer", "X"), ("schema.registry.url", "Y")]);
    let shown: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    let expected = [
        "key.deserializer has no effect: records are bytes here; formats are chosen with options",
        "unknown property schema.registry.url",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn credentials_without_sasl_are_reported() {
    let (config, warnings) = valid(&[("sasl.jaas.config", JAAS)]);
    assert_eq!(config.sasl, None);
    assert_eq!(warnings.len(), 1);
}

#[test]
fn a_misspelt_property_on_the_command_line_is_an_error() {
    let error = load_from(&[], &[("linger.msec", "5")]).expect_err("a misspelt property");
    assert!(error.to_string().starts_with("Unknown configuration linger.msec"), "{error}");
    assert!(load_from(&[("linger.mz", "5")], &[]).is_ok());
    assert!(refusal("sasl.usrname", "x").ends_with("(did you mean sasl.username?)"));
}

#[test]
fn what_cannot_be_obeyed_is_refused() {
    for (name, value) in [
        ("ssl.truststore.location", "/etc/truststore.jks"),
        ("ssl.keystore.location", "/etc/keystore.p12"),
        ("sasl.login.callback.handler.class", "X"),
        ("config.providers", "file"),
        ("plugin.library.paths", "x.so"),
        ("auto.offset.reset", "by_duration:PT1H"),
        ("sasl.jaas.config", "a.OAuthBearerLoginModule required ;"),
        ("security.protocol", "TLS"),
        ("request.timeout.ms", "0"),
        ("enable.ssl.certificate.verification", "maybe"),
    ] {
        assert_ne!(refusal(name, value), "", "{name}={value}");
    }
}

#[test]
fn sasl_needs_a_mechanism_that_is_offered_and_credentials() {
    let sasl = |properties: &[(&str, &str)]| {
        let mut all = vec![("security.protocol", "SASL_SSL")];
        all.extend(properties);
        load_from(&all, &[]).expect_err("incomplete").to_string()
    };
    assert_eq!(sasl(&[]), "sasl.mechanisms is needed by SASL and not set");
    assert!(sasl(&[("sasl.mechanism", "GSSAPI")]).contains("GSSAPI is not offered"));
    let missing = sasl(&[("sasl.mechanism", "PLAIN"), ("sasl.username", "a")]);
    assert_eq!(missing, "sasl.password is needed by SASL and not set");
}
