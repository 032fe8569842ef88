//! The options of `kf consume`, their rules, and what they come to.

use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use super::formatter::{Formatter, FormatterClass, unknown_properties};
use crate::cli::context::{ConnectionOptions, Context};
use crate::cli::error::{self, CliError};
use crate::cli::properties::{layered, read_file, renamed, split_pair};
use crate::client::fetch::{FetchOptions, IsolationLevel, StartAt, TopicSelection};
use crate::config::client::ClientConfig;
use crate::config::error::ConfigError;
use crate::config::properties::Properties;

/// Print the records of topics
///
/// Starts at the end unless told otherwise. Without --group no offsets are committed. Ends with 130
/// when interrupted, and with 0 after --max-messages or --timeout-ms.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Topic to read
    #[arg(long, help_heading = "What to read")]
    topic: Option<String>,

    /// Read all topics whose whole name matches
    #[arg(long, value_name = "REGEX", help_heading = "What to read")]
    include: Option<String>,

    /// Read this partition only
    #[arg(long, help_heading = "What to read")]
    partition: Option<i32>,

    /// Where to start in the partition: an offset, earliest, or latest [default: latest]
    #[arg(long, allow_hyphen_values = true, help_heading = "What to read")]
    offset: Option<String>,

    /// Start at the first record; with --group, where the group has committed no offset
    #[arg(long, help_heading = "What to read")]
    from_beginning: bool,

    /// Read as a member of this consumer group, and commit its offsets
    #[arg(long, help_heading = "What to read")]
    group: Option<String>,

    /// Which records of transactions: read_uncommitted or read_committed
    /// [default: read_uncommitted]
    #[arg(
        long, value_name = "LEVEL", value_parser = ["read_uncommitted", "read_committed"],
        hide_possible_values = true, help_heading = "What to read"
    )]
    isolation_level: Option<String>,

    /// End after so many records [default: never]
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true, help_heading = "When to end")]
    max_messages: Option<i32>,

    /// End when no record comes for so long [default: never]
    #[arg(long, value_name = "MS", allow_hyphen_values = true, help_heading = "When to end")]
    timeout_ms: Option<i64>,

    /// Go on after a record that cannot be formatted
    #[arg(long, help_heading = "When to end")]
    skip_message_on_error: bool,

    /// What to print: print.value [default: true], print.key, print.headers, print.timestamp,
    /// print.partition, print.offset, print.epoch, print.delivery [default: false], key.separator
    /// [default: tab], line.separator [default: line feed], headers.separator [default: ,],
    /// null.literal [default: null], key.deserializer, value.deserializer, headers.deserializer
    #[arg(long, value_name = "KEY=VALUE", help_heading = "How to print")]
    formatter_property: Vec<String>,

    /// File of formatter properties
    #[arg(long, value_name = "FILE", help_heading = "How to print")]
    formatter_config: Option<PathBuf>,

    /// DefaultMessageFormatter, LoggingMessageFormatter or NoOpMessageFormatter
    #[arg(
        long,
        value_name = "CLASS",
        default_value = "DefaultMessageFormatter",
        help_heading = "How to print"
    )]
    formatter: String,

    /// Class that reads keys, such as LongDeserializer
    #[arg(long, value_name = "CLASS", help_heading = "How to print")]
    key_deserializer: Option<String>,

    /// Class that reads values, such as LongDeserializer
    #[arg(long, value_name = "CLASS", help_heading = "How to print")]
    value_deserializer: Option<String>,

    /// Print payloads to a terminal as they are, control characters included
    #[arg(long, help_heading = "How to print")]
    raw: bool,

    /// Print shutdown_complete at the end, for Kafka's system tests
    #[arg(long, help_heading = "How to print")]
    enable_systest_events: bool,

    /// Old name of --formatter-property
    #[arg(long = "property", value_name = "KEY=VALUE", hide = true)]
    old_property: Vec<String>,

    /// Old name of --command-property
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    consumer_property: Vec<String>,

    /// Old name of --command-config
    #[arg(long = "consumer.config", value_name = "FILE", hide = true)]
    consumer_config: Option<PathBuf>,

    #[command(flatten)]
    connection: ConnectionOptions,
}

/// What to do, with every rule checked that needs no cluster.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) selection: TopicSelection,
    pub(super) fetch: FetchOptions,
    pub(super) group: Option<String>,
    pub(super) max_messages: Option<u64>,
    pub(super) timeout: Option<Duration>,
    pub(super) skip_on_error: bool,
    pub(super) announce_shutdown: bool,
    pub(super) formatter: Formatter,
    pub(super) config: ClientConfig,
}

impl Plan {
    /// Checks the arguments in the script's order.
    ///
    /// # Errors
    /// A usage error in Kafka's words, or a file that cannot be read.
    pub(super) fn new(mut arguments: Arguments, context: &Context) -> anyhow::Result<Self> {
        arguments.check_selection()?;
        arguments.merge_old_names()?;
        let group = arguments.group()?;
        let config = context.client_config(&arguments.connection)?;
        let reset_to = arguments.reset_to(&config)?;
        let start_at = arguments.start_at(reset_to)?;
        let formatter = arguments.formatter(context)?;
        let fetch = FetchOptions { start_at, reset_to, ..fetch_options(&config)? };
        let fetch = match arguments.isolation_level.as_deref() {
            Some(level) => FetchOptions { isolation_level: isolation_level(level)?, ..fetch },
            None => fetch,
        };
        Ok(Self {
            selection: arguments.selection(&config)?,
            fetch,
            group,
            max_messages: arguments.max_messages.filter(|max| *max != -1).map(at_least_zero),
            timeout: arguments
                .timeout_ms
                .and_then(|timeout| u64::try_from(timeout).ok())
                .map(Duration::from_millis),
            skip_on_error: arguments.skip_message_on_error,
            announce_shutdown: arguments.enable_systest_events,
            formatter,
            config,
        })
    }

    /// The settings of librdkafka for a member of `group`.
    pub(super) fn settings(&self, group: &str) -> Vec<(&'static str, String)> {
        let reset = match self.fetch.reset_to {
            Some(StartAt::Earliest) => "earliest",
            Some(_) => "latest",
            None => "error",
        };
        let isolation = match self.fetch.isolation_level {
            IsolationLevel::ReadUncommitted => "read_uncommitted",
            IsolationLevel::ReadCommitted => "read_committed",
        };
        vec![
            ("group.id", group.to_owned()),
            ("auto.offset.reset", reset.to_owned()),
            ("isolation.level", isolation.to_owned()),
        ]
    }
}

impl Arguments {
    fn check_selection(&self) -> Result<(), CliError> {
        let sentence = if self.topic.is_some() == self.include.is_some() {
            "Exactly one of the following arguments is required: [topic], [include]"
        } else if self.partition.is_some() && self.topic.is_none() {
            "The topic is required when partition is specified."
        } else if self.partition.is_some() && self.from_beginning && self.offset.is_some() {
            "Options from-beginning and offset cannot be specified together."
        } else if self.partition.is_none() && self.offset.is_some() {
            "The partition is required when offset is specified."
        } else {
            return Ok(());
        };
        Err(CliError::usage(sentence))
    }

    fn merge_old_names(&mut self) -> Result<(), CliError> {
        let connection = &mut self.connection;
        connection.command_property = renamed(
            ("--consumer-property", std::mem::take(&mut self.consumer_property)),
            ("--command-property", std::mem::take(&mut connection.command_property)),
        )?;
        connection.command_config = renamed(
            ("--consumer.config", self.consumer_config.take()),
            ("--command-config", connection.command_config.take()),
        )?;
        self.formatter_property = renamed(
            ("--property", std::mem::take(&mut self.old_property)),
            ("--formatter-property", std::mem::take(&mut self.formatter_property)),
        )?;
        Ok(())
    }

    /// The one group that option, properties and file agree on.
    fn group(&self) -> anyhow::Result<Option<String>> {
        let connection = &self.connection;
        let file = connection.command_config.as_deref().map(read_file).transpose()?;
        let mut command_line = Properties::default();
        for pair in connection.command_property.iter().chain(&connection.property) {
            let (key, value) = split_pair(pair)?;
            command_line.set(key, value);
        }
        let from_file = file.as_ref().and_then(|file| file.get("group.id"));
        let mut groups: Vec<&str> = Vec::new();
        for group in [self.group.as_deref(), from_file, command_line.get("group.id")] {
            groups.extend(group.filter(|group| !groups.contains(group)));
        }
        if groups.len() > 1 {
            let detected: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
            return Err(CliError::usage(format!(
                "The group ids provided in different places (directly using '--group', via \
                 '--command-property', or via '--command-config') do not match. Detected group \
                 ids: {}",
                detected.join(", ")
            ))
            .into());
        }
        if !groups.is_empty() && self.partition.is_some() {
            let sentence = "Options group and partition cannot be specified together.";
            return Err(CliError::usage(sentence).into());
        }
        Ok(groups.first().map(|group| (*group).to_owned()))
    }

    fn reset_to(&self, config: &ClientConfig) -> Result<Option<StartAt>, CliError> {
        let value = config.librdkafka_properties().get("auto.offset.reset").map(String::as_str);
        let reset_to = match value {
            None if self.from_beginning => Some(StartAt::Earliest),
            None | Some("latest" | "largest" | "end") => Some(StartAt::Latest),
            Some("earliest" | "smallest" | "beginning") => Some(StartAt::Earliest),
            Some("none" | "error") => None,
            Some(other) => {
                return Err(CliError::usage(format!(
                    "auto.offset.reset is {other:?}; earliest, latest and none are known"
                )));
            }
        };
        match value {
            Some(value) if self.from_beginning && reset_to != Some(StartAt::Earliest) => {
                Err(CliError::usage(format!(
                    "Can't simultaneously specify --from-beginning and \
                     'auto.offset.reset={value}', please remove one option"
                )))
            }
            _ => Ok(reset_to),
        }
    }

    fn start_at(&self, reset_to: Option<StartAt>) -> Result<StartAt, CliError> {
        let Some(text) = &self.offset else {
            return match (self.partition, reset_to) {
                _ if self.from_beginning => Ok(StartAt::Earliest),
                (Some(_), _) => Ok(StartAt::Latest),
                (None, reset_to) => Ok(reset_to.unwrap_or(StartAt::Latest)),
            };
        };
        match text.to_ascii_lowercase().as_str() {
            "earliest" => Ok(StartAt::Earliest),
            "latest" => Ok(StartAt::Latest),
            number => match number.parse() {
                Ok(offset @ 0..) => Ok(StartAt::Offset(offset)),
                _ => Err(CliError::usage(format!(
                    "The provided offset value '{text}' is incorrect. Valid values are \
                     'earliest', 'latest', or a non-negative long."
                ))),
            },
        }
    }

    fn selection(&self, config: &ClientConfig) -> Result<TopicSelection, CliError> {
        let auto_create = config.librdkafka_properties().get("allow.auto.create.topics");
        match (&self.topic, &self.include) {
            (Some(name), _) => Ok(TopicSelection::Topic {
                name: name.clone(),
                partition: self.partition,
                auto_create: auto_create.is_none_or(|value| value != "false"),
            }),
            (None, include) => {
                // A group of this kind is known to POSIX as well, whose expressions librdkafka takes.
                let pattern = format!("^({})$", include.as_deref().unwrap_or_default());
                let pattern =
                    Regex::new(&pattern).map_err(|error| CliError::usage(error.to_string()))?;
                Ok(TopicSelection::Matching(pattern))
            }
        }
    }

    fn formatter(&self, context: &Context) -> anyhow::Result<Formatter> {
        let class = FormatterClass::from_name(&self.formatter)
            .map_err(|error| CliError::usage(error.to_string()))?;
        let mut properties = layered(self.formatter_config.as_deref(), &[])?;
        let deserializers = [
            ("key.deserializer", &self.key_deserializer),
            ("value.deserializer", &self.value_deserializer),
        ];
        for (name, class) in deserializers {
            if let Some(class) = class.as_deref().filter(|class| !class.is_empty()) {
                properties.set(name, class);
            }
        }
        for pair in &self.formatter_property {
            let (key, value) = split_pair(pair)?;
            properties.set(key, value);
        }
        for name in unknown_properties(&properties) {
            error::warn(&format!("the formatter has no property {name}"));
        }
        let escape = context.stdout_is_terminal && !self.raw;
        Ok(Formatter::new(class, &properties, escape)
            .map_err(|error| CliError::usage(error.to_string()))?)
    }
}

fn at_least_zero(count: i32) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn isolation_level(text: &str) -> Result<IsolationLevel, ConfigError> {
    match text {
        "read_uncommitted" => Ok(IsolationLevel::ReadUncommitted),
        "read_committed" => Ok(IsolationLevel::ReadCommitted),
        _ => Err(ConfigError::invalid(
            "isolation.level",
            text,
            "String must be one of: read_committed, read_uncommitted",
        )),
    }
}

/// What properties say about fetching.
fn fetch_options(config: &ClientConfig) -> Result<FetchOptions, ConfigError> {
    let properties = config.librdkafka_properties();
    let number = |names: &[&str], default: i32| {
        let set = names.iter().find_map(|name| Some((*name, properties.get(*name)?)));
        let Some((name, text)) = set else { return Ok(default) };
        match text.trim().parse() {
            Ok(number @ 0..) => Ok(number),
            _ => Err(ConfigError::invalid(name, text, "Not a number of type INT")),
        }
    };
    let defaults = FetchOptions::default();
    let level = properties.get("isolation.level").map(|level| isolation_level(level));
    Ok(FetchOptions {
        isolation_level: level.transpose()?.unwrap_or_default(),
        min_bytes: number(&["fetch.min.bytes"], defaults.min_bytes)?,
        max_wait_ms: number(&["fetch.wait.max.ms"], defaults.max_wait_ms)?,
        max_bytes: number(&["fetch.max.bytes"], defaults.max_bytes)?,
        partition_max_bytes: number(
            &["max.partition.fetch.bytes", "fetch.message.max.bytes"],
            defaults.partition_max_bytes,
        )?,
        ..defaults
    })
}

#[cfg(test)]
mod tests;
