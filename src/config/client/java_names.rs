//! What becomes of the properties of the Java clients: one table.
//!
//! A property that is not in the table is called the same in librdkafka, or does not exist.

use std::collections::BTreeMap;

use super::jaas;

/// What becomes of one property.
pub(super) enum Translation {
    /// It is called this.
    Renamed(&'static str),
    /// The value becomes these properties, given all properties; the error is the reason for a
    /// refusal, without the value.
    Translated(fn(&BTreeMap<String, String>, &str) -> Result<Translated, String>),
    /// It is read elsewhere in this table, together with another.
    Absorbed,
    /// It can be left out; the reason.
    Ignored(&'static str),
    /// To leave it out would do something else than was asked for; the reason.
    Refused(&'static str),
}

/// Names and values for librdkafka.
type Translated = Vec<(&'static str, String)>;

use Translation::{Absorbed, Ignored, Refused, Renamed, Translated as Becomes};

const JVM_ONLY: &str = "it configures the Java virtual machine's side only";
const BYTES: &str = "records are bytes here; formats are chosen with options";
const NO_EQUIVALENT: &str = "this client has nothing like it";
const NO_KERBEROS: &str = "Kerberos (GSSAPI) is not offered";
const NO_OAUTH: &str = "OAUTHBEARER is not offered yet";
const NO_CODE: &str = "it would load code";

/// Sorted by name.
pub(super) const JAVA_NAMES: &[(&str, Translation)] = &[
    ("auto.offset.reset", Becomes(offset_reset)),
    ("buffer.memory", Becomes(buffer_memory)),
    ("compression.gzip.level", Renamed("compression.level")),
    ("compression.lz4.level", Renamed("compression.level")),
    ("compression.zstd.level", Renamed("compression.level")),
    ("config.providers", Refused("values are not looked up elsewhere; write them out")),
    ("default.api.timeout.ms", Ignored("request.timeout.ms bounds each request")),
    ("exclude.internal.topics", Ignored(NO_EQUIVALENT)),
    ("fetch.max.wait.ms", Renamed("fetch.wait.max.ms")),
    ("interceptor.classes", Ignored(JVM_ONLY)),
    ("key.deserializer", Ignored(BYTES)),
    ("key.serializer", Ignored(BYTES)),
    ("max.block.ms", Ignored(NO_EQUIVALENT)),
    ("max.poll.records", Ignored(NO_EQUIVALENT)),
    ("max.request.size", Renamed("message.max.bytes")),
    ("metadata.broker.list", Renamed("bootstrap.servers")),
    ("metadata.max.idle.ms", Ignored(NO_EQUIVALENT)),
    ("metric.reporters", Ignored(JVM_ONLY)),
    ("metrics.num.samples", Ignored(JVM_ONLY)),
    ("metrics.recording.level", Ignored(JVM_ONLY)),
    ("metrics.sample.window.ms", Ignored(JVM_ONLY)),
    ("partition.assignment.strategy", Becomes(assignment_strategy)),
    ("partitioner.adaptive.partitioning.enable", Ignored(NO_EQUIVALENT)),
    ("partitioner.availability.timeout.ms", Ignored(NO_EQUIVALENT)),
    ("partitioner.class", Becomes(partitioner)),
    ("partitioner.ignore.keys", Refused(NO_EQUIVALENT)),
    ("plugin.library.paths", Refused(NO_CODE)),
    ("receive.buffer.bytes", Becomes(receive_buffer)),
    ("sasl.client.callback.handler.class", Refused(NO_CODE)),
    ("sasl.jaas.config", Becomes(jaas_config)),
    ("sasl.kerberos.kinit.cmd", Refused(NO_KERBEROS)),
    ("sasl.kerberos.min.time.before.relogin", Ignored(NO_KERBEROS)),
    ("sasl.kerberos.service.name", Ignored(NO_KERBEROS)),
    ("sasl.kerberos.ticket.renew.jitter", Ignored(NO_KERBEROS)),
    ("sasl.kerberos.ticket.renew.window.factor", Ignored(NO_KERBEROS)),
    ("sasl.login.callback.handler.class", Refused(NO_CODE)),
    ("sasl.login.class", Refused(NO_CODE)),
    ("sasl.login.connect.timeout.ms", Ignored(NO_OAUTH)),
    ("sasl.login.read.timeout.ms", Ignored(NO_OAUTH)),
    ("sasl.login.refresh.buffer.seconds", Ignored(NO_OAUTH)),
    ("sasl.login.refresh.min.period.seconds", Ignored(NO_OAUTH)),
    ("sasl.login.refresh.window.factor", Ignored(NO_OAUTH)),
    ("sasl.login.refresh.window.jitter", Ignored(NO_OAUTH)),
    ("sasl.login.retry.backoff.max.ms", Ignored(NO_OAUTH)),
    ("sasl.login.retry.backoff.ms", Ignored(NO_OAUTH)),
    ("sasl.mechanism", Renamed("sasl.mechanisms")),
    ("security.providers", Ignored(JVM_ONLY)),
    ("send.buffer.bytes", Becomes(send_buffer)),
    ("socket.connection.setup.timeout.max.ms", Ignored(NO_EQUIVALENT)),
    ("ssl.enabled.protocols", Ignored("TLS 1.2 and 1.3 are spoken")),
    ("ssl.endpoint.identification.algorithm", Becomes(endpoint_identification)),
    ("ssl.engine.factory.class", Refused(NO_CODE)),
    ("ssl.keymanager.algorithm", Ignored(JVM_ONLY)),
    ("ssl.keystore.certificate.chain", Renamed("ssl.certificate.pem")),
    ("ssl.keystore.key", Renamed("ssl.key.pem")),
    ("ssl.keystore.location", Becomes(keystore)),
    ("ssl.keystore.password", Ignored("a PEM file's key has its password in ssl.key.password")),
    ("ssl.keystore.type", Absorbed),
    ("ssl.protocol", Ignored("TLS 1.2 and 1.3 are spoken")),
    ("ssl.provider", Ignored(JVM_ONLY)),
    ("ssl.secure.random.implementation", Ignored(JVM_ONLY)),
    ("ssl.trustmanager.algorithm", Ignored(JVM_ONLY)),
    ("ssl.truststore.certificates", Renamed("ssl.ca.pem")),
    ("ssl.truststore.location", Becomes(truststore)),
    ("ssl.truststore.password", Ignored("certificates in a PEM file have no password")),
    ("ssl.truststore.type", Absorbed),
    ("value.deserializer", Ignored(BYTES)),
    ("value.serializer", Ignored(BYTES)),
];

/// The translation of the property of this name, if it has one.
pub(super) fn translation(name: &str) -> Option<&'static Translation> {
    let index = JAVA_NAMES.binary_search_by(|(java, _)| (*java).cmp(name)).ok()?;
    JAVA_NAMES.get(index).map(|(_, translation)| translation)
}

fn offset_reset(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    let value = match value.trim() {
        "none" => "error",
        value if value.starts_with("by_duration") => {
            return Err("by_duration is not offered; give a timestamp to start from".to_owned());
        }
        value => value,
    };
    Ok(vec![("auto.offset.reset", value.to_owned())])
}

fn buffer_memory(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    let bytes: u64 = value.trim().parse().map_err(|_| "Not a number of type LONG".to_owned())?;
    Ok(vec![("queue.buffering.max.kbytes", bytes.div_ceil(1024).max(1).to_string())])
}

/// Java's -1, "as the operating system does", is librdkafka's 0.
fn buffer_size(name: &'static str, value: &str) -> Result<Translated, String> {
    let value = if value.trim() == "-1" { "0" } else { value };
    Ok(vec![(name, value.to_owned())])
}

fn receive_buffer(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    buffer_size("socket.receive.buffer.bytes", value)
}

fn send_buffer(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    buffer_size("socket.send.buffer.bytes", value)
}

fn assignment_strategy(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    let strategies: Result<Vec<&str>, String> = value
        .split(',')
        .map(|strategy| match strategy.trim().rsplit('.').next().unwrap_or_default() {
            "RangeAssignor" | "range" => Ok("range"),
            "RoundRobinAssignor" | "roundrobin" => Ok("roundrobin"),
            "CooperativeStickyAssignor" | "cooperative-sticky" => Ok("cooperative-sticky"),
            _ => Err("Only range, roundrobin and cooperative-sticky are offered".to_owned()),
        })
        .collect();
    Ok(vec![("partition.assignment.strategy", strategies?.join(","))])
}

fn partitioner(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    match value.trim().rsplit('.').next() {
        // Java's default: murmur2 of the key, any partition without one.
        Some("DefaultPartitioner" | "") => Ok(vec![("partitioner", "murmur2_random".to_owned())]),
        _ => Err(NO_CODE.to_owned()),
    }
}

fn endpoint_identification(
    _: &BTreeMap<String, String>,
    value: &str,
) -> Result<Translated, String> {
    let value = match value.trim() {
        "" => "none",
        value => value,
    };
    Ok(vec![("ssl.endpoint.identification.algorithm", value.to_lowercase())])
}

fn truststore(all: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    check_is_pem(all.get("ssl.truststore.type"), value)?;
    Ok(vec![("ssl.ca.location", value.to_owned())])
}

/// A PEM keystore is one file with the key and the certificates.
fn keystore(all: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    check_is_pem(all.get("ssl.keystore.type"), value)?;
    let path = value.to_owned();
    Ok(vec![("ssl.certificate.location", path.clone()), ("ssl.key.location", path)])
}

fn check_is_pem(store_type: Option<&String>, path: &str) -> Result<(), String> {
    let is_pem = match store_type {
        Some(store_type) => store_type.trim().eq_ignore_ascii_case("PEM"),
        None => [".pem", ".crt", ".cer", ".key"].iter().any(|ending| path.ends_with(ending)),
    };
    is_pem.then_some(()).ok_or_else(|| {
        "Only PEM is read; convert a JKS file with keytool to PKCS12, and that with openssl pkcs12"
            .to_owned()
    })
}

fn jaas_config(_: &BTreeMap<String, String>, value: &str) -> Result<Translated, String> {
    let module = jaas::parse(value).ok_or(
        "Expected a login module as in: PlainLoginModule required username=\"u\" password=\"p\";",
    )?;
    match module.class.as_str() {
        "PlainLoginModule" | "ScramLoginModule" => {}
        "OAuthBearerLoginModule" => return Err(NO_OAUTH.to_owned()),
        "Krb5LoginModule" => return Err(NO_KERBEROS.to_owned()),
        _ => return Err("Only PlainLoginModule and ScramLoginModule are offered".to_owned()),
    }
    if module.options.get("tokenauth").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err("Delegation tokens are not offered".to_owned());
    }
    let credential = |option: &str, name| Some((name, module.options.get(option)?.clone()));
    let username = credential("username", "sasl.username");
    Ok(username.into_iter().chain(credential("password", "sasl.password")).collect())
}
