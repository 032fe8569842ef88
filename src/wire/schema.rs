//! [`message!`](crate::message): a table of fields with version ranges becomes a struct that
//! encodes and decodes itself at every version, and can be shown as JSON.
//!
//! A row is `name: Type [versions, options]`. `versions` is where the field exists. The options:
//!
//! - `nullable(versions)`: where null is allowed; the type is an `Option`.
//! - `default(value)`: what the field is when a version lacks it; without it, the type's default,
//!   and `None` for an `Option`.
//! - `tag(number)`: a tagged field (KIP-482).
//! - `ignorable`: set at a version that lacks it, the field is dropped. Without this the encoder
//!   refuses, as Kafka's does: what the user asked for must not vanish.

use bytes::Bytes;

use super::codec::{Context, DecodeError, EncodeError, Field, Nullable, Reader, Writer};

/// A message with versions: a request, a response, or a record of one of Kafka's internal logs.
pub trait Message: Fields {
    /// Name in Kafka's schema.
    const NAME: &'static str;
    /// First and last version that this codec knows.
    const VERSIONS: std::ops::RangeInclusive<i16>;
    /// First version with compact lengths and tagged fields; [`NEVER`] if there is none.
    const FIRST_FLEXIBLE: i16;

    /// Whether `version` has compact lengths and tagged fields.
    fn is_flexible(version: i16) -> bool {
        version >= Self::FIRST_FLEXIBLE
    }

    /// Appends the message at `version`.
    fn encode(&self, writer: &mut Writer, version: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&version) {
            return Err(EncodeError::UnknownVersion { message: Self::NAME, version });
        }
        self.write_fields(writer, version, Self::is_flexible(version))
    }

    /// Reads the message at `version` off the front of `reader`.
    fn decode(reader: &mut Reader, version: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&version) {
            return Err(DecodeError::UnknownVersion { message: Self::NAME, version });
        }
        Self::read_fields(reader, version, Self::is_flexible(version))
    }

    /// The message at `version`, as bytes of its own.
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        self.encode(&mut writer, version)?;
        Ok(writer.into_bytes())
    }

    /// Reads a message that fills `bytes` to the end.
    fn from_bytes(bytes: Bytes, version: i16) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = Self::decode(&mut reader, version)?;
        reader.finish()?;
        Ok(message)
    }
}

/// [`Message::FIRST_FLEXIBLE`] of a message that is never flexible.
pub const NEVER: i16 = i16::MAX;

/// A struct of fields: a message or a part of one.
pub trait Fields: Sized + Default {
    /// Appends all fields that `version` has.
    fn write_fields(
        &self,
        writer: &mut Writer,
        version: i16,
        flexible: bool,
    ) -> Result<(), EncodeError>;
    /// Reads all fields that `version` has.
    fn read_fields(reader: &mut Reader, version: i16, flexible: bool) -> Result<Self, DecodeError>;
}

impl<T: Fields> Field for T {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        self.write_fields(writer, context.version, context.flexible)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        Self::read_fields(reader, context.version, context.flexible)
    }
}

impl<T: Fields> Nullable for T {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        let marker: i8 = if value.is_some() { 1 } else { -1 };
        marker.write(writer, context)?;
        value.map_or(Ok(()), |value| value.write(writer, context))
    }

    /// Null is -1, and 0 in a tagged field; nobody writes anything else.
    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        match i8::read(reader, context)? {
            1.. => Self::read(reader, context).map(Some),
            _ => Ok(None),
        }
    }
}

/// Declares a message and the structs that it is made of; the module [`schema`](crate::wire::schema)
/// explains the rows.
#[macro_export]
macro_rules! message {
    (
        $(#[$meta:meta])*
        message $name:ident [$versions:expr, flexible $flexible:expr] { $($fields:tt)* }
        $( $(#[$part_meta:meta])* struct $part:ident { $($part_fields:tt)* } )*
    ) => {
        $crate::message!(@struct $(#[$meta])* $name { $($fields)* });
        impl $crate::wire::schema::Message for $name {
            const NAME: &'static str = stringify!($name);
            const VERSIONS: std::ops::RangeInclusive<i16> = $versions;
            const FIRST_FLEXIBLE: i16 = $flexible;
        }
        $( $crate::message!(@struct $(#[$part_meta])* $part { $($part_fields)* }); )*
    };

    (
        @struct $(#[$meta:meta])* $name:ident {
            $( $field:ident: $type:ty
                [$exists:expr $(, $option:ident $(($argument:expr))? )*] ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "fields mean what Kafka's schema says of that name")]
        pub struct $name { $( pub $field: $type, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $crate::message!(@default $($option $(($argument))?;)*), )* }
            }
        }

        impl $crate::wire::schema::Fields for $name {
            #[allow(unused_variables, unused_imports, reason = "a message may have no fields")]
            fn write_fields(
                &self,
                writer: &mut $crate::wire::codec::Writer,
                version: i16,
                flexible: bool,
            ) -> Result<(), $crate::wire::codec::EncodeError> {
                use $crate::wire::codec::{Context, EncodeError, Field, Writer};
                $(
                    if ($exists).contains(&version) {
                        if $crate::message!(@tag $($option $(($argument))?;)*).is_none() {
                            let nullable =
                                $crate::message!(@nullable version; $($option $(($argument))?;)*);
                            let context = Context { version, flexible, nullable };
                            self.$field.write(writer, context)?;
                        }
                    } else if !$crate::message!(@ignorable $($option $(($argument))?;)*) {
                        let default: $type =
                            $crate::message!(@default $($option $(($argument))?;)*);
                        if self.$field != default {
                            return Err(EncodeError::NoSuchField {
                                field: stringify!($field),
                                version,
                            });
                        }
                    }
                )*
                if flexible {
                    #[allow(unused_mut, reason = "most structs have no tagged field")]
                    let mut tagged: Vec<(u32, Writer)> = Vec::new();
                    $( $crate::message!(
                        @write_tagged self tagged version $field: $type [$exists];
                        $($option $(($argument))?;)*
                    ); )*
                    writer.put_unsigned_varint(tagged.len() as u32);
                    tagged.sort_by_key(|(tag, _)| *tag);
                    for (tag, field) in tagged {
                        writer.put_unsigned_varint(tag);
                        writer.put_unsigned_varint(field.len() as u32);
                        writer.put_writer(field);
                    }
                }
                Ok(())
            }

            #[allow(
                unused_variables,
                unused_mut,
                unused_imports,
                reason = "a message may have no fields"
            )]
            fn read_fields(
                reader: &mut $crate::wire::codec::Reader,
                version: i16,
                flexible: bool,
            ) -> Result<Self, $crate::wire::codec::DecodeError> {
                use $crate::wire::codec::{Context, Field};
                let mut message = Self::default();
                $(
                    if $crate::message!(@tag $($option $(($argument))?;)*).is_none()
                        && ($exists).contains(&version)
                    {
                        let nullable =
                            $crate::message!(@nullable version; $($option $(($argument))?;)*);
                        let context = Context { version, flexible, nullable };
                        message.$field = <$type as Field>::read(reader, context)?;
                    }
                )*
                if flexible {
                    reader.tagged_fields(|tag, field| {
                        $( $crate::message!(
                            @read_tagged message tag field version $field: $type [$exists];
                            $($option $(($argument))?;)*
                        ); )*
                        Ok(false)
                    })?;
                }
                Ok(message)
            }
        }

        impl $crate::wire::json::ToJson for $name {
            fn to_json(&self, version: i16) -> serde_json::Value {
                #[allow(unused_mut, reason = "a message may have no fields")]
                let mut object = $crate::wire::json::JsonObject::new(version);
                $(
                    let default: $type = $crate::message!(@default $($option $(($argument))?;)*);
                    let is_tagged = $crate::message!(@tag $($option $(($argument))?;)*).is_some();
                    let is_left_out = is_tagged && self.$field == default;
                    if ($exists).contains(&version) && !is_left_out {
                        object.put(stringify!($field), &self.$field);
                    }
                )*
                object.into()
            }
        }
    };

    (@write_tagged $self:ident $tagged:ident $version:ident
        $field:ident: $type:ty [$exists:expr]; $($options:tt)*) => {
        if let Some(tag) = $crate::message!(@tag $($options)*) {
            let default: $type = $crate::message!(@default $($options)*);
            if ($exists).contains(&$version) && $self.$field != default {
                let nullable = $crate::message!(@nullable $version; $($options)*);
                let context = Context { version: $version, flexible: true, nullable };
                let mut field = Writer::new();
                $self.$field.write(&mut field, context)?;
                $tagged.push((tag, field));
            }
        }
    };
    (@read_tagged $message:ident $tag:ident $reader:ident $version:ident
        $field:ident: $type:ty [$exists:expr]; $($options:tt)*) => {
        if $crate::message!(@tag $($options)*) == Some($tag) && ($exists).contains(&$version) {
            let nullable = $crate::message!(@nullable $version; $($options)*);
            let context = Context { version: $version, flexible: true, nullable };
            $message.$field = <$type as Field>::read($reader, context)?;
            return Ok(true);
        }
    };

    (@nullable $version:ident;) => { false };
    (@nullable $version:ident; nullable($where:expr); $($rest:tt)*) => {
        ($where).contains(&$version)
    };
    (@nullable $version:ident; $other:ident $(($argument:expr))?; $($rest:tt)*) => {
        $crate::message!(@nullable $version; $($rest)*)
    };

    (@default) => { Default::default() };
    (@default default($value:expr); $($rest:tt)*) => { $value };
    (@default $other:ident $(($argument:expr))?; $($rest:tt)*) => {
        $crate::message!(@default $($rest)*)
    };

    (@tag) => { None::<u32> };
    (@tag tag($number:expr); $($rest:tt)*) => { Some::<u32>($number) };
    (@tag $other:ident $(($argument:expr))?; $($rest:tt)*) => {
        $crate::message!(@tag $($rest)*)
    };

    (@ignorable) => { false };
    (@ignorable ignorable; $($rest:tt)*) => { true };
    (@ignorable $other:ident $(($argument:expr))?; $($rest:tt)*) => {
        $crate::message!(@ignorable $($rest)*)
    };
}
