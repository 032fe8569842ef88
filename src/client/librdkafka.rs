//! The bridge to librdkafka, which produces and consumes in groups.
//!
//! It gets the same [`ClientConfig`] as our own client, with defaults under it that suit a tool:
//! those of the Java clients where the two differ, and no stalls. Whatever the user sets wins.

mod headers;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::error::ClientError;
use crate::config::client::ClientConfig;
use crate::wire::error::ErrorCode;

pub use headers::{HeaderKeyNotText, headers};

/// What a producer is set to unless the user says otherwise.
const PRODUCER_DEFAULTS: [(&str, &str); 6] = [
    // As the Java client's default partitioner: the same key, the same partition.
    ("partitioner", "murmur2_random"),
    ("acks", "all"),
    ("message.timeout.ms", "120000"),
    ("linger.ms", "5"),
    ("queue.buffering.max.messages", "500000"),
    ("queue.buffering.max.kbytes", "65536"),
];

/// What a consumer in a group is set to unless the user says otherwise.
const CONSUMER_DEFAULTS: [(&str, &str); 5] = [
    // librdkafka's default of a second stalls a reader whenever its queue is full.
    ("fetch.queue.backoff.ms", "5"),
    ("allow.auto.create.topics", "true"),
    ("topic.metadata.refresh.interval.ms", "5000"),
    ("enable.partition.eof", "false"),
    // As exclude.internal.topics of the Java client: no pattern reads Kafka's own topics.
    ("topic.blacklist", "^__(consumer_offsets|transaction_state|share_group_state)$"),
];

/// The settings of a producer. `options` win over the user's properties.
///
/// Retries neither reorder nor repeat records (`enable.idempotence`) if acks and retries allow it
/// and the user does not decide, as in the Java client.
pub fn producer_config(
    config: &ClientConfig,
    options: &[(&'static str, String)],
) -> rdkafka::ClientConfig {
    let mut settings = settings(config, &PRODUCER_DEFAULTS, options);
    let acks_all = matches!(settings.get("acks"), Some("all" | "-1"));
    let retries = settings.get("retries").or(settings.get("message.send.max.retries"));
    if settings.get("enable.idempotence").is_none() && acks_all && retries != Some("0") {
        settings.set("enable.idempotence", "true");
    }
    settings
}

/// The settings of a consumer in a group. `options` win over the user's properties.
pub fn consumer_config(
    config: &ClientConfig,
    options: &[(&'static str, String)],
) -> rdkafka::ClientConfig {
    settings(config, &CONSUMER_DEFAULTS, options)
}

fn settings(
    config: &ClientConfig,
    defaults: &[(&'static str, &'static str)],
    options: &[(&'static str, String)],
) -> rdkafka::ClientConfig {
    let mut settings = rdkafka::ClientConfig::new();
    for (name, value) in defaults {
        if !aliases(name).iter().any(|alias| config.librdkafka_properties().contains_key(*alias)) {
            settings.set(*name, *value);
        }
    }
    for (name, value) in config.librdkafka_properties() {
        settings.set(name, value);
    }
    for (name, value) in options {
        for alias in aliases(name) {
            settings.remove(alias);
        }
        settings.set(*name, value);
    }
    settings
}

/// All names that librdkafka has for a setting.
fn aliases(name: &'static str) -> &'static [&'static str] {
    const ALIASES: [&[&str]; 7] = [
        &["acks", "request.required.acks"],
        &["linger.ms", "queue.buffering.max.ms"],
        &["message.timeout.ms", "delivery.timeout.ms"],
        &["retries", "message.send.max.retries"],
        &["compression.type", "compression.codec"],
        &["batch.size"],
        &["max.in.flight", "max.in.flight.requests.per.connection"],
    ];
    ALIASES.iter().find(|names| names.contains(&name)).copied().unwrap_or(&[])
}

/// An error of librdkafka as one of ours; `reason` is what it knows beyond the code.
pub fn client_error(error: &KafkaError, reason: Option<&str>) -> ClientError {
    if let KafkaError::ClientConfig(_, description, ..) = error {
        return ClientError::InvalidSetting(description.clone());
    }
    let code = error.rdkafka_error_code();
    let number = code.map(|code| code as i32).and_then(|number| i16::try_from(number).ok());
    let message = reason.map_or_else(|| text(error), str::to_owned);
    match number {
        // Negative numbers are librdkafka's own.
        Some(number) if number > 0 => {
            ClientError::Refused { code: ErrorCode(number), message: reason.map(str::to_owned) }
        }
        _ => ClientError::Librdkafka { message, unreachable: code.is_some_and(is_transport) },
    }
}

/// Whether librdkafka says that it cannot reach a broker, which it goes on trying.
pub fn is_unreachable(error: &KafkaError) -> bool {
    error.rdkafka_error_code().is_some_and(is_transport)
}

fn is_transport(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::Resolve
    )
}

fn text(error: &KafkaError) -> String {
    let Some(code) = error.rdkafka_error_code() else { return error.to_string() };
    // `MessageTimedOut (Local: Message timed out)`: the sentence stands in parentheses.
    let text = code.to_string();
    let sentence = text.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(')'));
    sentence.map_or_else(|| text.clone(), |said| said.trim_start_matches("Local: ").to_owned())
}
