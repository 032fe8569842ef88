//! What a table of settings is made of: one [`ConfigDefinition`] per config, each fact said once.
//!
//! The tables feed parsing, validation, DescribeConfigs and the command line. Types, parsing of
//! values and the texts of refusals follow Kafka's `ConfigDef`.

use std::borrow::Cow;
use std::fmt;

use super::error::ConfigError;
use super::rule::Rule;

/// The type of a config's value, with the id that DescribeConfigs reports (KIP-569).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigType {
    /// `true` or `false`, in capitals or not.
    Boolean = 1,
    /// Any text, without the white space around it.
    String = 2,
    /// A number of 32 bits.
    Int = 3,
    /// A number of 16 bits.
    Short = 4,
    /// A number of 64 bits.
    Long = 5,
    /// A finite floating-point number of 64 bits.
    Double = 6,
    /// Texts separated by commas.
    List = 7,
    /// Name of a Java class.
    Class = 8,
    /// A text that is never shown.
    Password = 9,
}

impl ConfigType {
    /// The id on the wire.
    pub fn id(self) -> i8 {
        self as i8
    }

    /// Kafka's name of the type, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }

    /// Reads a value of this type.
    fn parse(self, name: &str, text: &str) -> Result<Value, ConfigError> {
        let text = if self == Self::Password { text } else { text.trim() };
        let wrong_type = || ConfigError::wrong_type(name, text, self);
        let integer = |min: i64, max: i64| {
            let value = text.parse().ok().filter(|value| (min..=max).contains(value));
            value.map(Value::Integer).ok_or_else(wrong_type)
        };
        match self {
            Self::Boolean if text.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
            Self::Boolean if text.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
            Self::Boolean => Err(wrong_type()),
            Self::Short => integer(i16::MIN.into(), i16::MAX.into()),
            Self::Int => integer(i32::MIN.into(), i32::MAX.into()),
            Self::Long => integer(i64::MIN, i64::MAX),
            Self::Double => match text.parse::<f64>() {
                // Java takes NaN and infinity too; no config has a use for them.
                Ok(value) if value.is_finite() => Ok(Value::Double(value)),
                _ => Err(wrong_type()),
            },
            Self::List if text.is_empty() => Ok(Value::List(Vec::new())),
            Self::List => {
                Ok(Value::List(text.split(',').map(|item| item.trim().to_owned()).collect()))
            }
            Self::String | Self::Class | Self::Password => Ok(Value::Text(text.to_owned())),
        }
    }
}

/// A value of a config. Its text is Kafka's text of the value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A short, int or long; within the range of the type.
    Integer(i64),
    /// A finite number.
    Double(f64),
    /// A string, class name or password.
    Text(String),
    /// The items of a list, without the white space around them.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Double(value) => f.write_str(&format!("{value:?}").replace('e', "E")),
            Self::Text(value) => f.write_str(value),
            Self::List(items) => f.write_str(&items.join(",")),
        }
    }
}

/// What setting a config does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The value is obeyed.
    Obeyed,
    /// The value is accepted, kept and described, and nothing reads it.
    NoEffect,
    /// Only the default is accepted, for the reason given: to accept another value would promise
    /// something that is not kept.
    OnlyDefault(&'static str),
}

/// When a broker config can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// At a restart only.
    ReadOnly,
    /// At any time, for one broker.
    PerBroker,
    /// At any time, for one broker or as the default of all.
    ClusterWide,
}

/// A broker config that gives a topic config its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// Name of the broker config.
    pub name: &'static str,
    /// Milliseconds in the unit of the broker config if that is longer; 1 if the units agree.
    pub factor: i64,
}

impl Synonym {
    /// A broker config in the unit of the topic config.
    pub(crate) const fn same(name: &'static str) -> Self {
        Self { name, factor: 1 }
    }

    /// A broker config in minutes for a topic config in milliseconds.
    pub(crate) const fn minutes(name: &'static str) -> Self {
        Self { name, factor: 60_000 }
    }

    /// A broker config in hours for a topic config in milliseconds.
    pub(crate) const fn hours(name: &'static str) -> Self {
        Self { name, factor: 3_600_000 }
    }

    /// The value of the topic config that a value of the broker config stands for. Any negative
    /// time means "no limit", which is -1 in every unit.
    pub(crate) fn convert(&self, value: Value) -> Value {
        match value {
            Value::Integer(value) if self.factor != 1 && value < 0 => Value::Integer(-1),
            Value::Integer(value) => Value::Integer(value.saturating_mul(self.factor)),
            other => other,
        }
    }
}

/// One config: all that is known about it.
#[derive(Debug)]
pub struct ConfigDefinition {
    /// The name that users write.
    pub name: &'static str,
    /// The type of the value.
    pub kind: ConfigType,
    /// The default as text; `None` if there is none (Kafka's null).
    pub default: Option<&'static str>,
    /// What a value must fulfil beyond its type.
    pub rule: Rule,
    /// What setting it does here.
    pub effect: Effect,
    /// When it can change; topic and group configs can at any time.
    pub update: Update,
    /// For a topic config, the broker configs that give the default, the first that is set first.
    pub synonyms: &'static [Synonym],
    /// One sentence for the user.
    pub documentation: &'static str,
}

impl ConfigDefinition {
    /// What a user is told of the config: its sentence, and whether setting it does nothing here.
    pub fn description(&self) -> Cow<'static, str> {
        match self.effect {
            Effect::NoEffect => format!("{} Accepted without effect.", self.documentation).into(),
            Effect::Obeyed | Effect::OnlyDefault(_) => self.documentation.into(),
        }
    }

    /// Whether the value must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.kind == ConfigType::Password
    }

    /// Reads and checks a value.
    ///
    /// # Errors
    /// The value is not of the type, against the rule, or not offered.
    pub fn parse(&self, text: &str) -> Result<Value, ConfigError> {
        let value = self.kind.parse(self.name, text)?;
        self.rule.check(self.name, &value)?;
        match self.effect {
            Effect::OnlyDefault(reason) if self.default_value()?.as_ref() != Some(&value) => {
                Err(ConfigError::NotOffered { name: self.name.into(), reason: reason.into() })
            }
            _ => Ok(value),
        }
    }

    /// The default, as a value of the config's type.
    pub(crate) fn default_value(&self) -> Result<Option<Value>, ConfigError> {
        self.default.map(|text| self.kind.parse(self.name, text)).transpose()
    }
}

/// All configs of one kind, sorted by name.
#[derive(Debug)]
pub struct ConfigTable {
    rows: &'static [ConfigDefinition],
}

impl ConfigTable {
    /// A table of rows that are sorted by name.
    pub(crate) const fn new(rows: &'static [ConfigDefinition]) -> Self {
        Self { rows }
    }

    /// All configs, sorted by name.
    pub fn rows(&self) -> &'static [ConfigDefinition] {
        self.rows
    }

    /// The config of this name.
    pub fn get(&self, name: &str) -> Option<&'static ConfigDefinition> {
        let index = self.rows.binary_search_by(|row| row.name.cmp(name)).ok()?;
        self.rows.get(index)
    }
}

/// Writes a [`ConfigTable`], one row per config:
/// `"name": Type = default, rule, effect, [from synonyms,] [update when,] "documentation";`
/// where the default is a text or `null`.
macro_rules! config_table {
    (@default null) => { None };
    (@default $default:literal) => { Some($default) };
    (@or $fallback:expr;) => { $fallback };
    (@or $fallback:expr; $value:expr) => { $value };
    (
        $(#[$attribute:meta])*
        $table:ident {$(
            $name:literal: $kind:ident = $default:tt, $rule:expr, $effect:expr,
            $(from $synonyms:expr,)? $(update $update:ident,)? $documentation:literal;
        )*}
    ) => {
        $(#[$attribute])*
        pub static $table: $crate::config::definition::ConfigTable =
            $crate::config::definition::ConfigTable::new(&[$(
                $crate::config::definition::ConfigDefinition {
                    name: $name,
                    kind: $crate::config::definition::ConfigType::$kind,
                    default: config_table!(@default $default),
                    rule: $rule,
                    effect: $effect,
                    update: config_table!(
                        @or $crate::config::definition::Update::ReadOnly;
                        $($crate::config::definition::Update::$update)?
                    ),
                    synonyms: config_table!(@or &[]; $($synonyms)?),
                    documentation: $documentation,
                },
            )*]);
    };
}
pub(crate) use config_table;
