//! Zig-zag variable-length integers, as records carry them.

/// Why bytes are not a variable-length integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VarintError {
    /// The bytes end before the integer does.
    Truncated,
    /// More bytes than an integer of this width can take.
    TooLong,
}

/// Takes a 32-bit integer off the front of `bytes`.
#[inline]
pub(super) fn take_varint(bytes: &mut &[u8]) -> Result<i32, VarintError> {
    let value = take_unsigned(bytes, 5)? as u32;
    Ok((value >> 1) as i32 ^ -((value & 1) as i32))
}

/// Takes a 64-bit integer off the front of `bytes`.
#[inline]
pub(super) fn take_varlong(bytes: &mut &[u8]) -> Result<i64, VarintError> {
    let value = take_unsigned(bytes, 10)?;
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}

#[inline]
fn take_unsigned(bytes: &mut &[u8], longest: u32) -> Result<u64, VarintError> {
    let mut value = 0u64;
    for index in 0..longest {
        let (&byte, rest) = bytes.split_first().ok_or(VarintError::Truncated)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(VarintError::TooLong)
}

/// Appends a 64-bit integer; a 32-bit one has the same bytes.
pub(super) fn put_varlong(buffer: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        buffer.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    buffer.push(rest as u8);
}

/// How many bytes [`put_varlong`] appends for `value`.
pub(super) fn varlong_size(value: i64) -> usize {
    let bits = 64 - (((value << 1) ^ (value >> 63)) as u64 | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_survive_the_round_trip_and_their_size_is_foretold() {
        for value in [0, -1, 1, 63, -64, 64, 8191, 8192, i64::from(i32::MAX), i64::MIN, i64::MAX] {
            let mut bytes = Vec::new();
            put_varlong(&mut bytes, value);
            assert_eq!(bytes.len(), varlong_size(value), "{value}");
            assert_eq!(take_varlong(&mut bytes.as_slice()), Ok(value));
            if let Ok(narrow) = i32::try_from(value) {
                assert_eq!(take_varint(&mut bytes.as_slice()), Ok(narrow));
            }
        }
    }

    #[test]
    fn integers_without_an_end_are_refused() {
        assert_eq!(take_varint(&mut [0x80u8; 2].as_slice()), Err(VarintError::Truncated));
        assert_eq!(take_varint(&mut [0x80u8; 9].as_slice()), Err(VarintError::TooLong));
        assert_eq!(take_varlong(&mut [0xffu8; 11].as_slice()), Err(VarintError::TooLong));
    }
}
