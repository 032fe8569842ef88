//! Damage to bytes: the kinds that decoders fall for.

use crate::random::Random;

/// Lengths and counts that are more than there can be, or less than nothing.
const EXTREMES: [&[u8]; 8] = [
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x80\0\0\0",
    b"\x7f\xff",
    b"\x80\0",
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\x03",
];

/// Damages `bytes` in one to four places; `other` is what they may be spliced with.
pub(crate) fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => overwrite(bytes, at, random.pick(&EXTREMES)),
            2 => insert(bytes, at, random.pick(&EXTREMES)),
            3 => insert(bytes, at, &other[random.below(other.len() + 1)..]),
            4 => overwrite(bytes, at, &random.bytes(1)),
            5 => bytes[at..].fill(0),
            6 => count_all_that_is_left(bytes, at, random),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
}

/// Writes the largest count that the bytes behind it allow, if every element takes one.
fn count_all_that_is_left(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let left = bytes.len() - at;
    match random.one_in(2) {
        true => insert(bytes, at, &(left as u32).to_be_bytes()),
        false => {
            insert(bytes, at, &[(left as u8 | 0x80).wrapping_add(1), (left >> 7) as u8 & 0x7f])
        }
    }
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes[at..].iter_mut().zip(with).for_each(|(byte, with)| *byte = *with);
}

fn insert(bytes: &mut Vec<u8>, at: usize, what: &[u8]) {
    bytes.splice(at..at, what.iter().copied());
}
