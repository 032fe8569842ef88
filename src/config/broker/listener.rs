//! `listeners`, `advertised.listeners` and `listener.security.protocol.map`.

use std::fmt;

use crate::config::error::ConfigError;
use crate::config::security::SecurityProtocol;

/// One `NAME://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The name, in capitals.
    pub name: String,
    /// Host name or address, an IPv6 address without brackets; `None` is every address.
    pub host: Option<String>,
    /// The port; 0 lets the operating system choose.
    pub port: u16,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or_default();
        match host.contains(':') {
            true => write!(f, "{}://[{host}]:{}", self.name, self.port),
            false => write!(f, "{}://{host}:{}", self.name, self.port),
        }
    }
}

/// Reads the items of the config of this name.
///
/// # Errors
/// An item that is not `NAME://host:port`.
pub(super) fn parse_listeners(name: &str, items: &[String]) -> Result<Vec<Listener>, ConfigError> {
    let invalid = |item: &String| {
        ConfigError::invalid(name, item, format!("Unable to parse {item} to a broker endpoint"))
    };
    items.iter().map(|item| parse_listener(item).ok_or_else(|| invalid(item))).collect()
}

fn parse_listener(text: &str) -> Option<Listener> {
    let (name, address) = text.split_once("://")?;
    let (host, port) = address.rsplit_once(':')?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = bracketed.unwrap_or(host);
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-%._:".contains(c);
    if name.is_empty() || !host.chars().all(allowed) {
        return None;
    }
    Some(Listener {
        name: name.to_uppercase(),
        host: (!host.is_empty()).then(|| host.to_owned()),
        port: port.parse().ok()?,
    })
}

/// Refuses two listeners of one name, and two on one port unless their hosts differ.
pub(super) fn check_distinct(listeners: &[Listener]) -> Result<(), ConfigError> {
    for (index, listener) in listeners.iter().enumerate() {
        for other in listeners.iter().skip(index + 1) {
            let reason = if listener.name == other.name {
                "Each listener must have a different name"
            } else if listener.port == other.port
                && listener.port != 0
                && same_host(listener, other)
            {
                "Each listener must have a different port"
            } else {
                continue;
            };
            return Err(ConfigError::invalid("listeners", format!("{listener},{other}"), reason));
        }
    }
    Ok(())
}

/// Whether both would bind one address; every address includes each.
fn same_host(left: &Listener, right: &Listener) -> bool {
    left.host.is_none() || right.host.is_none() || left.host == right.host
}

/// Refuses an advertised listener that is not listened on, or an address no client can reach.
pub(super) fn check_advertised(
    advertised: &[Listener],
    listeners: &[Listener],
) -> Result<(), ConfigError> {
    for listener in advertised {
        let reason = if !listeners.iter().any(|known| known.name == listener.name) {
            "advertised.listeners names a listener that is not in listeners"
        } else if listener.host.as_deref().is_none_or(|host| host == "0.0.0.0" || host == "::") {
            "advertised.listeners needs an address that clients can reach"
        } else {
            continue;
        };
        return Err(ConfigError::invalid("advertised.listeners", listener, reason));
    }
    Ok(())
}

/// The security protocol of a listener, by `listener.security.protocol.map`
/// (`NAME:PROTOCOL,...`).
///
/// # Errors
/// The map does not know the name, or a protocol that does not exist.
pub(super) fn security_protocol(
    map: &str,
    listener: &Listener,
) -> Result<SecurityProtocol, ConfigError> {
    let key = "listener.security.protocol.map";
    for entry in map.split(',').filter(|entry| !entry.trim().is_empty()) {
        let (name, protocol) = entry.split_once(':').ok_or_else(|| {
            ConfigError::invalid(key, entry, "Expected entries of the form NAME:PROTOCOL")
        })?;
        if name.trim().eq_ignore_ascii_case(&listener.name) {
            return protocol
                .parse()
                .map_err(|error| ConfigError::invalid(key, entry, format!("{error}")));
        }
    }
    let reason = format!("No security protocol defined for listener {}", listener.name);
    Err(ConfigError::invalid("listeners", listener, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Listener>, ConfigError> {
        let items: Vec<String> = text.split(',').map(str::to_owned).collect();
        parse_listeners("listeners", &items)
    }

    fn valid(text: &str) -> Vec<Listener> {
        parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn names_hosts_and_ports_are_read_and_shown_again() {
        for text in
            ["PLAINTEXT://localhost:9092", "A://:0", "EXT_1://[::1]:19092", "B://0.0.0.0:9092"]
        {
            let shown: Vec<String> = valid(text).iter().map(ToString::to_string).collect();
            assert_eq!(shown, [text]);
        }
        assert_eq!(valid("internal://h:1")[0].name, "INTERNAL");
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in ["localhost:9092", "A://h", "A://h:x", "A://h:70000", "A://h:-1", "://h:1", ""]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn listeners_must_not_share_a_name_or_a_port() {
        for text in ["A://h:1,A://h:2", "A://h:1,B://h:1", "A://:1,B://h:1"] {
            assert!(check_distinct(&valid(text)).is_err(), "{text}");
        }
        for text in ["A://h:1,B://h:2", "A://127.0.0.1:1,B://[::1]:1", "A://h:0,B://h:0"] {
            assert_eq!(check_distinct(&valid(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn an_advertised_address_must_be_reachable_and_listened_on() {
        let listeners = valid("A://:1");
        assert_eq!(check_advertised(&valid("A://broker:7"), &listeners), Ok(()));
        for text in ["B://broker:7", "A://0.0.0.0:7", "A://:7"] {
            assert!(check_advertised(&valid(text), &listeners).is_err(), "{text}");
        }
    }

    #[test]
    fn the_map_gives_a_listener_its_protocol() {
        let listener = &valid("EXTERNAL://h:1")[0];
        let map = "INTERNAL:PLAINTEXT, external:SASL_SSL";
        assert_eq!(security_protocol(map, listener), Ok(SecurityProtocol::SaslSsl));
        assert!(security_protocol("PLAINTEXT:PLAINTEXT", listener).is_err());
        assert!(security_protocol("EXTERNAL:TLS", listener).is_err());
    }
}
