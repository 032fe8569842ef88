//! What a client can be told: one [`ClientConfig`] for our own client and for librdkafka.
//!
//! Properties come in the names of the Java clients or in those of librdkafka; one table
//! translates. Whatever cannot be obeyed is said: a warning where leaving it out does no harm, an
//! error where the user would get something else than asked for.

mod bootstrap;
mod jaas;
mod java_names;
mod librdkafka_names;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

pub use bootstrap::parse_bootstrap_servers;

use super::error::{ConfigError, did_you_mean};
use super::nearest::nearest;
use super::properties::Properties;
use super::security::SecurityProtocol;
use java_names::{JAVA_NAMES, Translation, translation};
use librdkafka_names::LIBRDKAFKA_NAMES;

/// Where a client's settings come from; a later field wins over an earlier one.
#[derive(Default)]
pub struct ClientSources {
    /// Servers to ask first if nothing below says so, as `host:port,host:port`.
    pub default_bootstrap_servers: String,
    /// `--command-config FILE`.
    pub file: Properties,
    /// `--command-property k=v` and `-X k=v`.
    pub properties: Vec<(String, String)>,
    /// `--bootstrap-server`.
    pub bootstrap_servers: Option<String>,
}

/// How to reach a cluster and prove who one is. `Debug` shows no value that may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// `host:port` of brokers to ask first; at least one.
    pub bootstrap_servers: Vec<String>,
    /// What this client calls itself.
    pub client_id: String,
    /// Bound on one answer (`request.timeout.ms`, 30 s).
    pub request_timeout: Duration,
    /// Bound on reaching a broker (`socket.connection.setup.timeout.ms`, 10 s).
    pub connect_timeout: Duration,
    /// What connections are wrapped in.
    pub security_protocol: SecurityProtocol,
    /// Certificates and keys; read if the security protocol uses TLS.
    pub tls: TlsConfig,
    /// Credentials; there if and only if the security protocol uses SASL.
    pub sasl: Option<SaslConfig>,
    librdkafka: BTreeMap<String, String>,
}

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// How TLS is spoken. Files and texts are PEM; a file wins over a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// File of the certificates that are trusted; without it and `ca_pem`, the system's.
    pub ca_location: Option<PathBuf>,
    /// The certificates that are trusted.
    pub ca_pem: Option<String>,
    /// File of the client's certificate chain.
    pub certificate_location: Option<PathBuf>,
    /// The client's certificate chain.
    pub certificate_pem: Option<String>,
    /// File of the client's private key.
    pub key_location: Option<PathBuf>,
    /// The client's private key.
    pub key_pem: Option<Secret>,
    /// Password of the private key.
    pub key_password: Option<Secret>,
    /// Whether the broker's name must be the certificate's.
    pub verify_hostname: bool,
    /// Whether the broker's certificate must be one that is trusted.
    pub verify_certificate: bool,
}

/// How a client proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaslConfig {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// Who.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// A SASL mechanism that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaslMechanism {
    /// The password itself is sent.
    Plain,
    /// SCRAM with SHA-256.
    ScramSha256,
    /// SCRAM with SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    const NAMES: [(&str, Self); 3] = [
        ("PLAIN", Self::Plain),
        ("SCRAM-SHA-256", Self::ScramSha256),
        ("SCRAM-SHA-512", Self::ScramSha512),
    ];
}

impl fmt::Display for SaslMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, mechanism)| mechanism == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

/// A property that was set and is not obeyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientWarning {
    /// It has no effect here.
    NoEffect {
        /// The property.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// Neither the Java clients nor librdkafka know it.
    Unknown {
        /// The property.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
}

impl fmt::Display for ClientWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEffect { name, reason } => write!(f, "{name} has no effect: {reason}"),
            Self::Unknown { name, suggestion } => {
                write!(f, "unknown property {name}{}", did_you_mean(suggestion))
            }
        }
    }
}

/// Beginnings of names that must not be misspelt even in a file.
const GUARDED: &[&str] = &["enable.ssl", "sasl.", "security.", "ssl."];

impl ClientConfig {
    /// Reads all sources, the defaults below them.
    ///
    /// # Errors
    /// The first property that is invalid or cannot be obeyed, an unknown one on the command line,
    /// or credentials that are missing.
    pub fn load(sources: &ClientSources) -> Result<(Self, Vec<ClientWarning>), ConfigError> {
        let file: BTreeMap<String, String> = own(sources.file.iter());
        let command_line: BTreeMap<String, String> = sources.properties.iter().cloned().collect();
        let mut all = file.clone();
        all.extend(command_line.clone());

        let mut properties = BTreeMap::new();
        let mut warnings = Vec::new();
        for (layer, is_file) in [(&file, true), (&command_line, false)] {
            let mut translated = BTreeMap::new();
            for (name, value) in layer {
                match translate(&all, name, value)? {
                    Outcome::Set(pairs) => {
                        translated.extend(own(pairs.iter().map(|(n, v)| (*n, v.as_str()))))
                    }
                    Outcome::Warn(warning) => warnings.push(warning),
                    Outcome::Unknown(suggestion) => {
                        let name = name.clone();
                        if !is_file || GUARDED.iter().any(|family| name.starts_with(family)) {
                            return Err(ConfigError::Misspelt { name, suggestion });
                        }
                        warnings.push(ClientWarning::Unknown { name, suggestion });
                    }
                }
            }
            properties.extend(translated);
        }
        let servers = sources.bootstrap_servers.as_ref();
        let servers = servers.or(properties.get("bootstrap.servers"));
        let servers =
            parse_bootstrap_servers(servers.unwrap_or(&sources.default_bootstrap_servers))?;
        let config = Self::read(servers, properties)?;
        if config.sasl.is_none() && config.librdkafka.contains_key("sasl.password") {
            let reason = "security.protocol does not use SASL";
            warnings.push(ClientWarning::NoEffect { name: "sasl.password".to_owned(), reason });
        }
        Ok((config, warnings))
    }

    /// Everything for librdkafka, in its names: what was set, and the fields of this config.
    pub fn librdkafka_properties(&self) -> &BTreeMap<String, String> {
        &self.librdkafka
    }

    fn read(
        bootstrap_servers: Vec<String>,
        mut properties: BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let protocol = properties.get("security.protocol").map(String::as_str);
        let protocol = protocol.unwrap_or("PLAINTEXT");
        let security_protocol = protocol.parse::<SecurityProtocol>().map_err(|error| {
            ConfigError::invalid("security.protocol", protocol, error.to_string())
        })?;
        let connect = "socket.connection.setup.timeout.ms";
        let connect_timeout = milliseconds(&properties, connect, 10_000)?;
        let request_timeout = milliseconds(&properties, "request.timeout.ms", 30_000)?;
        let client_id = properties.get("client.id").cloned().unwrap_or_else(|| "kf".to_owned());
        let sasl = if security_protocol.uses_sasl() { Some(read_sasl(&properties)?) } else { None };
        let tls = read_tls(&properties)?;

        properties.insert("bootstrap.servers".to_owned(), bootstrap_servers.join(","));
        properties.insert("client.id".to_owned(), client_id.clone());
        properties.insert("security.protocol".to_owned(), security_protocol.to_string());
        properties.insert(connect.to_owned(), connect_timeout.as_millis().to_string());
        Ok(Self {
            bootstrap_servers,
            client_id,
            request_timeout,
            connect_timeout,
            security_protocol,
            tls,
            sasl,
            librdkafka: properties,
        })
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("client_id", &self.client_id)
            .field("request_timeout", &self.request_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("security_protocol", &self.security_protocol)
            .field("tls", &self.tls)
            .field("sasl", &self.sasl)
            .field("librdkafka", &self.librdkafka.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// What one property of the user comes to.
enum Outcome {
    Set(Vec<(&'static str, String)>),
    Warn(ClientWarning),
    Unknown(Option<String>),
}

fn translate(
    all: &BTreeMap<String, String>,
    name: &str,
    value: &str,
) -> Result<Outcome, ConfigError> {
    match translation(name) {
        Some(Translation::Renamed(new)) => Ok(Outcome::Set(vec![(*new, value.to_owned())])),
        Some(Translation::Translated(translate)) => match translate(all, value) {
            Ok(pairs) => Ok(Outcome::Set(pairs)),
            Err(reason) => Err(ConfigError::NotOffered { name: name.to_owned(), reason }),
        },
        Some(Translation::Absorbed) => Ok(Outcome::Set(Vec::new())),
        Some(Translation::Ignored(reason)) => {
            Ok(Outcome::Warn(ClientWarning::NoEffect { name: name.to_owned(), reason }))
        }
        Some(Translation::Refused(reason)) => {
            Err(ConfigError::NotOffered { name: name.to_owned(), reason: (*reason).to_owned() })
        }
        None => {
            match LIBRDKAFKA_NAMES.binary_search(&name).ok().and_then(|at| LIBRDKAFKA_NAMES.get(at))
            {
                Some(known) => Ok(Outcome::Set(vec![(*known, value.to_owned())])),
                None => {
                    let java = JAVA_NAMES.iter().map(|(java, _)| *java);
                    let names = java.chain(LIBRDKAFKA_NAMES.iter().copied());
                    Ok(Outcome::Unknown(nearest(name, names).map(str::to_owned)))
                }
            }
        }
    }
}

fn own<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A time from 1 ms, as the property says or by default.
fn milliseconds(
    properties: &BTreeMap<String, String>,
    name: &str,
    default: u32,
) -> Result<Duration, ConfigError> {
    let Some(text) = properties.get(name) else { return Ok(Duration::from_millis(default.into())) };
    match u32::from_str(text.trim()) {
        Ok(number) if number > 0 => Ok(Duration::from_millis(number.into())),
        _ => Err(ConfigError::invalid(name, text, "Expected a number of milliseconds from 1")),
    }
}

fn read_sasl(properties: &BTreeMap<String, String>) -> Result<SaslConfig, ConfigError> {
    let missing = |name: &'static str| ConfigError::Missing { name, needed_by: "SASL" };
    let get = |name: &'static str| properties.get(name).ok_or_else(|| missing(name));
    let name = get("sasl.mechanisms")?;
    let known =
        SaslMechanism::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
    let (_, mechanism) = known.ok_or_else(|| ConfigError::NotOffered {
        name: "sasl.mechanism".to_owned(),
        reason: format!("{name} is not offered; PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 are"),
    })?;
    Ok(SaslConfig {
        mechanism: *mechanism,
        username: get("sasl.username")?.clone(),
        password: Secret(get("sasl.password")?.clone()),
    })
}

fn read_tls(properties: &BTreeMap<String, String>) -> Result<TlsConfig, ConfigError> {
    let text = |name: &str| properties.get(name).cloned();
    let path = |name: &str| text(name).map(PathBuf::from);
    let secret = |name: &str| text(name).map(Secret);
    let algorithm = "ssl.endpoint.identification.algorithm";
    let verify_hostname = match properties.get(algorithm).map(String::as_str) {
        None | Some("https") => true,
        Some("none") => false,
        Some(other) => {
            return Err(ConfigError::invalid(algorithm, other, "Expected https or none"));
        }
    };
    let verification = "enable.ssl.certificate.verification";
    let verify_certificate = match properties.get(verification).map(String::as_str) {
        None | Some("true" | "1") => true,
        Some("false" | "0") => false,
        Some(other) => {
            return Err(ConfigError::invalid(verification, other, "Expected true or false"));
        }
    };
    Ok(TlsConfig {
        ca_location: path("ssl.ca.location"),
        ca_pem: text("ssl.ca.pem"),
        certificate_location: path("ssl.certificate.location"),
        certificate_pem: text("ssl.certificate.pem"),
        key_location: path("ssl.key.location"),
        key_pem: secret("ssl.key.pem"),
        key_password: secret("ssl.key.password"),
        verify_hostname,
        verify_certificate,
    })
}

#[cfg(test)]
mod tests;
