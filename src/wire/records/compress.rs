//! The codecs of record batches, each framed as the Java client and librdkafka frame it.
//!
//! | codec | bytes |
//! |---|---|
//! | gzip | RFC 1952 |
//! | snappy | written in Xerial's blocks of 32 KiB; read so or as one raw block |
//! | lz4 | LZ4 frames |
//! | zstd | Zstandard frames |

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

/// The limit to give [`Compression::decompress`] when nothing smaller is known, in bytes: far
/// above what a producer puts into one batch, far below what hurts.
pub const DECOMPRESSED_LIMIT: usize = 128 << 20;

/// First bytes of Xerial's framing; two 32-bit version numbers follow, which readers ignore.
const XERIAL_MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const XERIAL_HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
const XERIAL_BLOCK: usize = 32 << 10;
/// No snappy element makes more than 64 bytes out of 3.
const SNAPPY_MAX_RATIO: usize = 22;
/// Kafka's default levels.
const GZIP_LEVEL: i32 = 6;
const GZIP_MAX_LEVEL: i32 = 9;
const ZSTD_LEVEL: i32 = 3;

/// How the records of a batch are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip.
    Gzip,
    /// snappy.
    Snappy,
    /// lz4.
    Lz4,
    /// zstd (KIP-110; fetch 10 and produce 7 or newer).
    Zstd,
}

/// A codec that this format does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown compression: {0} (none, gzip, snappy, lz4 and zstd exist)")]
pub struct UnknownCompression(String);

/// The codec did not take the bytes.
#[derive(Debug, thiserror::Error)]
#[error("cannot compress with {codec}: {source}")]
pub struct CompressError {
    codec: Compression,
    source: io::Error,
}

/// Why compressed bytes do not give records.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError {
    /// They are more than the caller wants to hold.
    #[error("more than {limit} bytes after decompression")]
    TooLarge {
        /// The caller's limit.
        limit: usize,
    },
    /// They are not what the codec writes.
    #[error("not {codec} data: {reason}")]
    Malformed {
        /// The codec.
        codec: Compression,
        /// What it says.
        reason: String,
    },
    /// A codec that this format does not have.
    #[error(transparent)]
    UnknownCompression(#[from] UnknownCompression),
}

impl Compression {
    /// All codecs, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The codec's number in batch attributes.
    pub fn id(self) -> i16 {
        self as i16
    }

    /// The codec with a number.
    ///
    /// # Errors
    /// A number that no codec has.
    pub fn from_id(id: i16) -> Result<Self, UnknownCompression> {
        let codec = usize::try_from(id).ok().and_then(|id| Self::ALL.get(id));
        codec.copied().ok_or_else(|| UnknownCompression(id.to_string()))
    }

    /// The codec's name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses `bytes` at the codec's default level.
    ///
    /// # Errors
    /// The codec fails; none does so on bytes in memory below 4 GiB.
    pub fn compress(self, bytes: &[u8]) -> Result<Vec<u8>, CompressError> {
        self.compress_at(None, bytes)
    }

    /// Compresses `bytes` at a level: 0 to 9 for gzip, −131072 to 22 for zstd; the others have one
    /// level only. `None` is the codec's default.
    ///
    /// # Errors
    /// The codec fails; none does so on bytes in memory below 4 GiB.
    pub fn compress_at(self, level: Option<i32>, bytes: &[u8]) -> Result<Vec<u8>, CompressError> {
        let result = match self {
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip => compress_gzip(bytes, level.unwrap_or(GZIP_LEVEL)),
            Self::Snappy => compress_snappy(bytes),
            Self::Lz4 => compress_lz4(bytes),
            Self::Zstd => zstd::bulk::compress(bytes, level.unwrap_or(ZSTD_LEVEL)),
        };
        result.map_err(|source| CompressError { codec: self, source })
    }

    /// Decompresses `bytes` into at most `limit` bytes.
    ///
    /// # Errors
    /// Bytes that the codec refuses, or more than `limit` of them.
    pub fn decompress(self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
        match self {
            Self::None if bytes.len() > limit => Err(DecompressError::TooLarge { limit }),
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip => self.read_all(flate2::bufread::MultiGzDecoder::new(bytes), bytes, limit),
            Self::Snappy => decompress_snappy(bytes, limit),
            Self::Lz4 => self.read_all(lz4_flex::frame::FrameDecoder::new(bytes), bytes, limit),
            Self::Zstd => match zstd::stream::read::Decoder::with_buffer(bytes) {
                Ok(decoder) => self.read_all(decoder, bytes, limit),
                Err(error) => Err(self.malformed(error)),
            },
        }
    }

    fn read_all(
        self,
        decoder: impl Read,
        compressed: &[u8],
        limit: usize,
    ) -> Result<Vec<u8>, DecompressError> {
        // Four times is what text usually gives; a wrong guess costs one move.
        let mut output = Vec::with_capacity(compressed.len().saturating_mul(4).min(limit));
        let one_too_many = (limit as u64).saturating_add(1);
        decoder.take(one_too_many).read_to_end(&mut output).map_err(|e| self.malformed(e))?;
        if output.len() > limit {
            return Err(DecompressError::TooLarge { limit });
        }
        Ok(output)
    }

    fn malformed(self, reason: impl fmt::Display) -> DecompressError {
        DecompressError::Malformed { codec: self, reason: reason.to_string() }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Compression {
    type Err = UnknownCompression;

    fn from_str(name: &str) -> Result<Self, UnknownCompression> {
        let codec = Self::ALL.into_iter().find(|codec| codec.name() == name);
        codec.ok_or_else(|| UnknownCompression(name.to_owned()))
    }
}

fn compress_gzip(bytes: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let level = flate2::Compression::new(level.clamp(0, GZIP_MAX_LEVEL).unsigned_abs());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn compress_lz4(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes)?;
    encoder.finish().map_err(io::Error::other)
}

fn compress_snappy(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut output = XERIAL_HEADER.to_vec();
    let mut encoder = snap::raw::Encoder::new();
    for block in bytes.chunks(XERIAL_BLOCK) {
        let compressed = encoder.compress_vec(block).map_err(io::Error::other)?;
        output.extend((compressed.len() as u32).to_be_bytes());
        output.extend(compressed);
    }
    Ok(output)
}

fn decompress_snappy(bytes: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
    let mut output = Vec::new();
    if !bytes.starts_with(&XERIAL_MAGIC) {
        append_snappy_block(&mut output, bytes, limit)?;
        return Ok(output);
    }
    let cut = || Compression::Snappy.malformed("a block is cut");
    let mut rest = bytes.get(XERIAL_HEADER.len()..).ok_or_else(cut)?;
    while let Some((length, blocks)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        let (block, after) = blocks.split_at_checked(length).ok_or_else(cut)?;
        append_snappy_block(&mut output, block, limit)?;
        rest = after;
    }
    if rest.is_empty() { Ok(output) } else { Err(cut()) }
}

fn append_snappy_block(
    output: &mut Vec<u8>,
    block: &[u8],
    limit: usize,
) -> Result<(), DecompressError> {
    let malformed = |error: snap::Error| Compression::Snappy.malformed(error);
    let length = snap::raw::decompress_len(block).map_err(malformed)?;
    if length > block.len().saturating_mul(SNAPPY_MAX_RATIO) {
        return Err(Compression::Snappy.malformed("a block claims more than it can hold"));
    }
    let start = output.len();
    if length > limit.saturating_sub(start) {
        return Err(DecompressError::TooLarge { limit });
    }
    output.resize(start + length, 0);
    let written = snap::raw::Decoder::new()
        .decompress(block, output.get_mut(start..).unwrap_or_default())
        .map_err(malformed)?;
    output.truncate(start + written);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Vec<u8> {
        (0..length).map(|index| (index % 97 + index / 1000) as u8).collect()
    }

    #[test]
    fn every_codec_gives_back_every_length() {
        for codec in Compression::ALL {
            for length in [0, 1, 100, XERIAL_BLOCK, XERIAL_BLOCK + 1, 1_000_000] {
                let bytes = text(length);
                let compressed = codec.compress(&bytes).unwrap();
                assert_eq!(codec.decompress(&compressed, length).unwrap(), bytes, "{codec}");
            }
        }
    }

    #[test]
    fn a_higher_level_gives_fewer_bytes_of_the_same() {
        let bytes = text(1_000_000);
        for (codec, low, high) in [(Compression::Gzip, 1, 9), (Compression::Zstd, -50, 19)] {
            let [low, high] = [low, high].map(|level| codec.compress_at(Some(level), &bytes));
            let (low, high) = (low.unwrap(), high.unwrap());
            assert!(high.len() < low.len(), "{codec}: {} and {}", low.len(), high.len());
            for compressed in [low, high] {
                assert_eq!(codec.decompress(&compressed, bytes.len()).unwrap(), bytes, "{codec}");
            }
        }
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let zeros = vec![0; 10_000_000];
        for codec in Compression::ALL {
            let bomb = codec.compress(&zeros).unwrap();
            let result = codec.decompress(&bomb, zeros.len() - 1);
            assert!(matches!(result, Err(DecompressError::TooLarge { .. })), "{codec}");
        }
    }

    #[test]
    fn snappy_without_framing_is_read() {
        let bytes = text(100_000);
        let raw = snap::raw::Encoder::new().compress_vec(&bytes).unwrap();
        assert_eq!(Compression::Snappy.decompress(&raw, bytes.len()).unwrap(), bytes);
    }

    #[test]
    fn a_snappy_block_that_lies_about_its_length_allocates_nothing() {
        let lie = [0xff, 0xff, 0xff, 0x3f, 0];
        let result = Compression::Snappy.decompress(&lie, DECOMPRESSED_LIMIT);
        assert!(matches!(result, Err(DecompressError::Malformed { .. })));
    }

    #[test]
    fn cut_data_is_refused_or_gives_a_prefix() {
        let bytes = text(100_000);
        for codec in &Compression::ALL[1..] {
            let compressed = codec.compress(&bytes).unwrap();
            for length in [1, 10, compressed.len() / 2, compressed.len() - 1] {
                // The lz4 decoder takes the end of its input for the end of the frame.
                let result = codec.decompress(&compressed[..length], bytes.len());
                let harmless = result.is_err()
                    || *codec == Compression::Lz4 && bytes.starts_with(&result.unwrap());
                assert!(harmless, "{codec} cut to {length}");
            }
        }
    }

    #[test]
    fn names_and_numbers_are_those_of_kafka() {
        for (id, codec) in Compression::ALL.into_iter().enumerate() {
            assert_eq!(codec.id(), id as i16);
            assert_eq!(Compression::from_id(id as i16), Ok(codec));
            assert_eq!(codec.to_string().parse(), Ok(codec));
        }
        assert!(Compression::from_id(5).is_err() && Compression::from_id(-1).is_err());
        assert!("GZIP".parse::<Compression>().is_err());
    }
}
