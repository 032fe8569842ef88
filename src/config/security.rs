//! Kafka's security protocols.

use std::fmt;
use std::str::FromStr;

/// What a connection is wrapped in, and whether it authenticates itself with SASL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// Neither TLS nor SASL.
    #[default]
    Plaintext,
    /// TLS without SASL.
    Ssl,
    /// SASL without TLS.
    SaslPlaintext,
    /// SASL within TLS.
    SaslSsl,
}

impl SecurityProtocol {
    const NAMES: [(&str, Self); 4] = [
        ("PLAINTEXT", Self::Plaintext),
        ("SSL", Self::Ssl),
        ("SASL_PLAINTEXT", Self::SaslPlaintext),
        ("SASL_SSL", Self::SaslSsl),
    ];

    /// Whether bytes travel within TLS.
    pub fn uses_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }

    /// Whether the client authenticates itself with SASL.
    pub fn uses_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

impl fmt::Display for SecurityProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, protocol)| protocol == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

/// The text is no security protocol's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enum value not found for SecurityProtocol: {0}")]
pub struct UnknownSecurityProtocol(pub String);

impl FromStr for SecurityProtocol {
    type Err = UnknownSecurityProtocol;

    fn from_str(text: &str) -> Result<Self, UnknownSecurityProtocol> {
        let named = Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim()));
        named.map(|(_, protocol)| *protocol).ok_or_else(|| UnknownSecurityProtocol(text.to_owned()))
    }
}
