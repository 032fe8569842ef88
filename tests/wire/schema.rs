//! The schemas of Apache Kafka 4.2, read from a table, and an encoder that follows them literally.
//!
//! It knows nothing of the code under test, and is written to be obviously right, not fast.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::random::Random;

const TABLE: &str = include_str!("messages-4.2.tsv");

/// Every message of the table by name.
static SCHEMAS: LazyLock<BTreeMap<&'static str, Schema>> = LazyLock::new(parse);

/// A message as Kafka describes it.
pub(crate) struct Schema {
    pub(crate) versions: Versions,
    pub(crate) flexible: Versions,
    pub(crate) fields: Vec<Field>,
}

/// A field of a message or of a struct in it.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) versions: Versions,
    pub(crate) nullable: Versions,
    tag: Option<u32>,
    default: &'static str,
    pub(crate) ignorable: bool,
}

/// The type of a field.
pub(crate) enum Kind {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Float64,
    Uuid,
    String,
    Bytes,
    Array(Box<Kind>),
    Struct(Vec<Field>),
}

/// The value of a field. A struct has the values of all its fields, those of other versions too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Uuid([u8; 16]),
    String(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Struct(Vec<Value>),
}

/// A range of versions, such as `0-4`, `3+`, `none`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Versions(pub(crate) RangeInclusive<i16>);

impl Versions {
    #[allow(clippy::reversed_empty_ranges, reason = "no version at all")]
    fn parse(text: &str) -> Self {
        let number = |text: &str| text.parse().expect("a version");
        Self(match (text, text.strip_suffix('+'), text.split_once('-')) {
            ("" | "none", ..) => 1..=0,
            (_, Some(first), _) => number(first)..=i16::MAX,
            (_, _, Some((first, last))) => number(first)..=number(last),
            _ => number(text)..=number(text),
        })
    }

    pub(crate) fn contain(&self, version: i16) -> bool {
        self.0.contains(&version)
    }
}

impl Schema {
    /// The schema of a message.
    pub(crate) fn of(name: &str) -> &'static Schema {
        SCHEMAS.get(name).unwrap_or_else(|| panic!("Kafka has no message {name}"))
    }

    /// A random message, with nothing set that `version` lacks.
    pub(crate) fn random(&self, random: &mut Random, version: i16) -> Value {
        random_struct(&self.fields, random, version)
    }

    /// A message whose arrays all have `count` small elements; those inside of them one.
    pub(crate) fn small(&self, count: usize, version: i16) -> Value {
        small_struct(&self.fields, count, version)
    }

    /// The bytes of `message` at `version`.
    pub(crate) fn bytes(&self, message: &Value, version: i16) -> Vec<u8> {
        let mut writer =
            Writer { version, flexible: self.flexible.contain(version), bytes: Vec::new() };
        writer.put_struct(&self.fields, message);
        writer.bytes
    }
}

impl Field {
    pub(crate) fn is_tagged(&self) -> bool {
        self.tag.is_some()
    }

    /// What the field is where nobody sets it: null where null can be.
    ///
    /// Kafka lets some nullable fields start out empty instead. No tagged field is among them, so
    /// this never shows in the bytes.
    pub(crate) fn default(&self) -> Value {
        let text = self.default.trim_matches('"');
        match &self.kind {
            _ if !self.nullable.0.is_empty() => Value::Null,
            Kind::Bool => Value::Bool(text == "true"),
            Kind::Float64 => Value::Float(0.0),
            Kind::Uuid => Value::Uuid([0; 16]),
            Kind::String => Value::String(text.to_owned()),
            Kind::Bytes => Value::Bytes(Vec::new()),
            Kind::Array(_) => Value::Array(Vec::new()),
            Kind::Struct(fields) => Value::Struct(fields.iter().map(Field::default).collect()),
            _ if text.is_empty() => Value::Integer(0),
            _ => Value::Integer(match text.strip_prefix("0x") {
                Some(digits) => i64::from_str_radix(digits, 16).expect("a hexadecimal default"),
                None => text.parse().expect("a default"),
            }),
        }
    }

    fn random(&self, random: &mut Random, version: i16) -> Value {
        let default = self.default();
        let nullable = self.nullable.contain(version);
        let may_be_default = default != Value::Null || nullable;
        if !self.versions.contain(version) || (may_be_default && random.one_in(8)) {
            return default;
        }
        if nullable && random.one_in(4) {
            return Value::Null;
        }
        self.kind.random(random, version)
    }
}

fn random_struct(fields: &[Field], random: &mut Random, version: i16) -> Value {
    Value::Struct(fields.iter().map(|field| field.random(random, version)).collect())
}

fn small_struct(fields: &[Field], count: usize, version: i16) -> Value {
    let small = |field: &Field| match field.versions.contain(version) {
        true => field.kind.small(count, version),
        false => field.default(),
    };
    Value::Struct(fields.iter().map(small).collect())
}

impl Kind {
    fn small(&self, count: usize, version: i16) -> Value {
        match self {
            Kind::Bool => Value::Bool(false),
            Kind::Float64 => Value::Float(0.0),
            Kind::Uuid => Value::Uuid([7; 16]),
            Kind::String => Value::String("name".to_owned()),
            Kind::Bytes => Value::Bytes(b"some".to_vec()),
            Kind::Array(element) => Value::Array(vec![element.small(1, version); count]),
            Kind::Struct(fields) => small_struct(fields, count, version),
            _ => Value::Integer(1),
        }
    }

    fn random(&self, random: &mut Random, version: i16) -> Value {
        let bits = random.number() >> random.below(64);
        let bits = if random.one_in(2) { !bits } else { bits };
        match self {
            Kind::Bool => Value::Bool(random.one_in(2)),
            Kind::Int8 => Value::Integer(bits as i8 as i64),
            Kind::Int16 => Value::Integer(bits as i16 as i64),
            Kind::Uint16 => Value::Integer(bits as u16 as i64),
            Kind::Int32 => Value::Integer(bits as i32 as i64),
            Kind::Uint32 => Value::Integer(bits as u32 as i64),
            Kind::Int64 => Value::Integer(bits as i64),
            Kind::Float64 => Value::Float(bits as i64 as f64 / 8.0),
            Kind::Uuid => Value::Uuid(std::array::from_fn(|_| random.number() as u8)),
            Kind::String => {
                let length = random.pick(&[0, 1, 2, 5, 9, 126, 127, 128, 300]);
                let letters = ['a', 'Z', '7', '.', '-', 'é', '漢', '🦀'];
                Value::String((0..length).map(|_| random.pick(&letters)).collect())
            }
            Kind::Bytes => {
                let length = random.pick(&[0, 1, 4, 60, 127, 128, 1023, 1024, 2000]);
                Value::Bytes(random.bytes(length))
            }
            Kind::Array(element) => {
                let simple = !matches!(**element, Kind::Struct(_));
                let length = match simple && random.one_in(16) {
                    true => random.pick(&[126, 127, 128, 200]),
                    false => random.below(4),
                };
                Value::Array((0..length).map(|_| element.random(random, version)).collect())
            }
            Kind::Struct(fields) => random_struct(fields, random, version),
        }
    }
}

struct Writer {
    version: i16,
    flexible: bool,
    bytes: Vec<u8>,
}

impl Writer {
    fn put_struct(&mut self, fields: &[Field], value: &Value) {
        let Value::Struct(values) = value else { panic!("not a struct: {value:?}") };
        let mut tagged = BTreeMap::new();
        for (field, value) in fields.iter().zip(values) {
            if !field.versions.contain(self.version) {
                continue;
            }
            match field.tag {
                None => self.put_field(field, value),
                Some(_) if *value == field.default() => {}
                Some(tag) => {
                    let mut writer = Writer { bytes: Vec::new(), ..*self };
                    writer.put_field(field, value);
                    tagged.insert(tag, writer.bytes);
                }
            }
        }
        if self.flexible {
            self.put_varint(tagged.len());
            for (tag, bytes) in tagged {
                self.put_varint(tag as usize);
                self.put_varint(bytes.len());
                self.bytes.extend(bytes);
            }
        }
    }

    fn put_field(&mut self, field: &Field, value: &Value) {
        if matches!(field.kind, Kind::Struct(_)) && field.nullable.contain(self.version) {
            self.put_end_of(if *value == Value::Null { -1 } else { 1 }, 1);
            if *value == Value::Null {
                return;
            }
        }
        self.put(&field.kind, value);
    }

    fn put(&mut self, kind: &Kind, value: &Value) {
        match (kind, value) {
            (Kind::Bool, Value::Bool(value)) => self.bytes.push(u8::from(*value)),
            (Kind::Int8, Value::Integer(value)) => self.put_end_of(*value, 1),
            (Kind::Int16 | Kind::Uint16, Value::Integer(value)) => self.put_end_of(*value, 2),
            (Kind::Int32 | Kind::Uint32, Value::Integer(value)) => self.put_end_of(*value, 4),
            (Kind::Int64, Value::Integer(value)) => self.put_end_of(*value, 8),
            (Kind::Float64, Value::Float(value)) => self.bytes.extend(value.to_be_bytes()),
            (Kind::Uuid, Value::Uuid(value)) => self.bytes.extend(value),
            (Kind::String, Value::Null) => self.put_length(None, 2),
            (Kind::String, Value::String(value)) => {
                self.put_length(Some(value.len()), 2);
                self.bytes.extend(value.as_bytes());
            }
            (Kind::Bytes | Kind::Array(_), Value::Null) => self.put_length(None, 4),
            (Kind::Bytes, Value::Bytes(value)) => {
                self.put_length(Some(value.len()), 4);
                self.bytes.extend(value);
            }
            (Kind::Array(kind), Value::Array(elements)) => {
                self.put_length(Some(elements.len()), 4);
                elements.iter().for_each(|element| self.put(kind, element));
            }
            (Kind::Struct(fields), value) => self.put_struct(fields, value),
            _ => panic!("a value of another type: {value:?}"),
        }
    }

    fn put_end_of(&mut self, value: i64, size: usize) {
        self.bytes.extend(&value.to_be_bytes()[8 - size..]);
    }

    fn put_length(&mut self, length: Option<usize>, size: usize) {
        match (self.flexible, length) {
            (true, length) => self.put_varint(length.map_or(0, |length| length + 1)),
            (false, length) => self.put_end_of(length.map_or(-1, |length| length as i64), size),
        }
    }

    fn put_varint(&mut self, mut value: usize) {
        while value > 127 {
            self.bytes.push((value % 128 + 128) as u8);
            value /= 128;
        }
        self.bytes.push(value as u8);
    }
}

fn parse() -> BTreeMap<&'static str, Schema> {
    let mut schemas = BTreeMap::new();
    for line in TABLE.lines().skip(1) {
        let row: Vec<&'static str> = line.split('\t').collect();
        let schema = schemas.entry(row[1]).or_insert_with(|| Schema {
            versions: Versions::parse(row[3]),
            flexible: Versions::parse(row[5]),
            fields: Vec::new(),
        });
        if !row[6].is_empty() {
            insert(&mut schema.fields, row[6], &row);
        }
    }
    schemas
}

/// Puts the field of `row` where its dotted `path` says; what it is inside of stands before it.
fn insert(fields: &mut Vec<Field>, path: &'static str, row: &[&'static str]) {
    if let Some((outer, inner)) = path.split_once('.') {
        let outer = fields.iter_mut().find(|field| field.name == outer).expect("the outer field");
        return insert(outer.kind.struct_fields(), inner, row);
    }
    fields.push(Field {
        name: path,
        kind: Kind::parse(row[7]),
        versions: Versions::parse(if row[8].is_empty() { row[11] } else { row[8] }),
        nullable: Versions::parse(row[9]),
        tag: row[10].parse().ok(),
        default: row[12],
        ignorable: row[14] == "ignorable",
    });
}

impl Kind {
    fn parse(text: &str) -> Self {
        match text {
            "bool" => Kind::Bool,
            "int8" => Kind::Int8,
            "int16" => Kind::Int16,
            "uint16" => Kind::Uint16,
            "int32" => Kind::Int32,
            "uint32" => Kind::Uint32,
            "int64" => Kind::Int64,
            "float64" => Kind::Float64,
            "uuid" => Kind::Uuid,
            "string" => Kind::String,
            "bytes" | "records" => Kind::Bytes,
            _ => match text.strip_prefix("[]") {
                Some(element) => Kind::Array(Box::new(Kind::parse(element))),
                None => Kind::Struct(Vec::new()),
            },
        }
    }

    fn struct_fields(&mut self) -> &mut Vec<Field> {
        match self {
            Kind::Array(element) => element.struct_fields(),
            Kind::Struct(fields) => fields,
            _ => panic!("a field inside of a field that is no struct"),
        }
    }
}
