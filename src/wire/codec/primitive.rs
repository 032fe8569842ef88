//! The types that fields are made of.

use bytes::{Buf, BufMut, Bytes};

use super::{Context, DecodeError, EncodeError, Field, Nullable, Reader, Writer};
use crate::base::uuid::Uuid;

macro_rules! numbers {
    ($($type:ty: $put:ident, $get:ident;)*) => {$(
        impl Field for $type {
            fn write(&self, writer: &mut Writer, _: Context) -> Result<(), EncodeError> {
                writer.buffer.$put(*self);
                Ok(())
            }

            fn read(reader: &mut Reader, _: Context) -> Result<Self, DecodeError> {
                Ok(reader.bytes.$get()?)
            }
        }
    )*};
}

numbers! {
    i8: put_i8, try_get_i8;
    i16: put_i16, try_get_i16;
    u16: put_u16, try_get_u16;
    i32: put_i32, try_get_i32;
    u32: put_u32, try_get_u32;
    i64: put_i64, try_get_i64;
    f64: put_f64, try_get_f64;
}

impl Field for bool {
    fn write(&self, writer: &mut Writer, _: Context) -> Result<(), EncodeError> {
        writer.buffer.put_u8(u8::from(*self));
        Ok(())
    }

    fn read(reader: &mut Reader, _: Context) -> Result<Self, DecodeError> {
        Ok(reader.bytes.try_get_u8()? != 0)
    }
}

impl Field for Uuid {
    fn write(&self, writer: &mut Writer, _: Context) -> Result<(), EncodeError> {
        writer.put_slice(&self.0);
        Ok(())
    }

    fn read(reader: &mut Reader, _: Context) -> Result<Self, DecodeError> {
        let mut id = [0; 16];
        reader.bytes.try_copy_to_slice(&mut id)?;
        Ok(Uuid(id))
    }
}

/// Reads a value of a type whose null form is a length of its own, where null is not allowed.
fn read_not_null<T: Nullable>(reader: &mut Reader, context: Context) -> Result<T, DecodeError> {
    T::read_nullable(reader, context)?.ok_or(DecodeError::UnexpectedNull(context.version))
}

impl Field for String {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        read_not_null(reader, context)
    }
}

impl Nullable for String {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        writer.put_string_length(value.map(String::len), context)?;
        if let Some(value) = value {
            writer.put_slice(value.as_bytes());
        }
        Ok(())
    }

    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.string_length(context)? else { return Ok(None) };
        reader.need(length)?;
        reader.charge(length)?;
        let (bytes, _) = reader.bytes.split_at(length);
        let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)?.to_owned();
        reader.bytes.advance(length);
        Ok(Some(text))
    }
}

impl Field for Bytes {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        read_not_null(reader, context)
    }
}

impl Nullable for Bytes {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        writer.put_length(value.map(Bytes::len), context)?;
        if let Some(value) = value {
            writer.put_bytes(value);
        }
        Ok(())
    }

    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.length(context)? else { return Ok(None) };
        reader.take(length).map(Some)
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        read_not_null(reader, context)
    }
}

impl<T: Field> Nullable for Vec<T> {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        writer.put_length(value.map(Vec::len), context)?;
        for element in value.into_iter().flatten() {
            element.write(writer, context.element())?;
        }
        Ok(())
    }

    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        let Some(count) = reader.length(context)? else { return Ok(None) };
        // Every element takes at least one byte.
        reader.need(count)?;
        reader.charge(count.saturating_mul(size_of::<T>()))?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(T::read(reader, context.element())?);
        }
        Ok(Some(elements))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSIC: Context = Context { version: 0, flexible: false, nullable: false };
    const FLEXIBLE: Context = Context { version: 1, flexible: true, nullable: false };

    fn read<T: Field>(bytes: &'static [u8], context: Context) -> Result<T, DecodeError> {
        T::read(&mut Reader::new(Bytes::from_static(bytes)), context)
    }

    #[test]
    fn a_count_beyond_the_bytes_that_are_left_allocates_nothing() {
        let count = b"\x7f\xff\xff\xff";
        assert!(matches!(read::<Vec<i32>>(count, CLASSIC), Err(DecodeError::Truncated { .. })));
    }

    #[test]
    fn wide_elements_cannot_outgrow_the_allocation_bound() {
        #[derive(Debug)]
        struct Wide(#[allow(unused)] [u8; 4096]);
        impl Field for Wide {
            fn write(&self, _: &mut Writer, _: Context) -> Result<(), EncodeError> {
                Ok(())
            }
            fn read(reader: &mut Reader, _: Context) -> Result<Self, DecodeError> {
                reader.take(1).map(|_| Wide([0; 4096]))
            }
        }
        assert!(matches!(
            read::<Vec<Wide>>(b"\0\0\0\x04abcd", CLASSIC),
            Err(DecodeError::TooManyElements)
        ));
        assert!(read::<Vec<Wide>>(b"\0\0\0\x01a", CLASSIC).is_ok());
    }

    #[test]
    fn null_is_refused_where_the_version_has_none() {
        assert_eq!(read::<String>(b"\xff\xff", CLASSIC), Err(DecodeError::UnexpectedNull(0)));
        assert_eq!(read::<String>(b"\0", FLEXIBLE), Err(DecodeError::UnexpectedNull(1)));
        let nullable = Context { nullable: true, ..FLEXIBLE };
        assert_eq!(read::<Option<String>>(b"\0", nullable), Ok(None));
    }

    #[test]
    fn lengths_below_minus_one_are_refused() {
        assert_eq!(read::<String>(b"\xff\xfe", CLASSIC), Err(DecodeError::NegativeLength(-2)));
    }

    #[test]
    fn a_string_longer_than_kafka_allows_is_refused_both_ways() {
        let longest = "x".repeat(i16::MAX as usize);
        for context in [CLASSIC, FLEXIBLE] {
            let mut writer = Writer::new();
            assert_eq!(longest.write(&mut writer, context), Ok(()));
            let mut reader = Reader::new(writer.into_bytes());
            assert_eq!(String::read(&mut reader, context).as_ref(), Ok(&longest));
            let result = format!("{longest}x").write(&mut Writer::new(), context);
            assert_eq!(result, Err(EncodeError::TooLong(32768)));
        }
        assert_eq!(
            read::<String>(b"\x81\x80\x02", FLEXIBLE),
            Err(DecodeError::StringTooLong(32768))
        );
    }
}
