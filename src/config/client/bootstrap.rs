//! `--bootstrap-server host:port,host:port`.

use crate::config::error::ConfigError;

/// Reads addresses of brokers to ask first; an IPv6 address stands in brackets, and a scheme
/// before an address (`PLAINTEXT://`) is dropped. Gives `host:port`, at least one.
///
/// # Errors
/// An item without host, or without a port from 1 to 65535.
pub fn parse_bootstrap_servers(text: &str) -> Result<Vec<String>, ConfigError> {
    text.split(',').map(|item| parse_address(item).ok_or(ConfigError::BootstrapServers)).collect()
}

fn parse_address(item: &str) -> Option<String> {
    let item = item.trim();
    let address = item.split_once("://").map_or(item, |(_, address)| address);
    let (host, port) = address.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|port| *port > 0)?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let name = inner.unwrap_or(host);
    let allowed =
        |c: char| c.is_alphanumeric() || "-%._".contains(c) || (c == ':' && inner.is_some());
    (!name.is_empty() && name.chars().all(allowed)).then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_cleaned() {
        for (text, expected) in [
            ("localhost:9092", vec!["localhost:9092"]),
            ("a:1, b.c-d:2", vec!["a:1", "b.c-d:2"]),
            ("[::1]:9092", vec!["[::1]:9092"]),
            ("SASL_SSL://broker:9093", vec!["broker:9093"]),
        ] {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(parse_bootstrap_servers(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_text_of_kafka() {
        for text in [
            "",
            "host",
            "host:",
            ":9092",
            "host:0",
            "host:70000",
            "host:x",
            "a:1,",
            "::1:9",
            "[]:9",
            "a b:1",
        ] {
            let error = parse_bootstrap_servers(text).expect_err(text);
            assert_eq!(
                error.to_string(),
                "Please provide valid host:port like host1:9091,host2:9092"
            );
        }
    }
}
