//! `.log` and `.checkpoint` files: batches, and their records if they are asked for.

use std::fmt::Write as _;
use std::path::Path;

use super::batches::BatchReader;
use super::control;
use super::decoder::{Decoded, Decoder};
use super::java::{self, optional_long};
use super::report::{Report, Stop};
use super::{base_offset, open};
use crate::wire::records::{
    Batch, BatchError, BatchHeader, DECOMPRESSED_LIMIT, NO_SEQUENCE, Record, TimestampType,
    increment_sequence,
};

/// What is shown of a log.
pub(super) struct Options<'a> {
    /// How to show keys and values, if they are shown.
    pub(super) decoder: Option<&'a Decoder>,
    pub(super) shows_records: bool,
    pub(super) skips_metadata: bool,
    /// How much of the log to look at, if not all.
    pub(super) max_bytes: Option<i32>,
}

/// Shows all batches of a log.
pub(super) fn dump(path: &Path, options: &Options<'_>, report: &mut Report) -> Result<(), Stop> {
    report.line(title(path)?)?;
    let mut batches = BatchReader::new(open(path)?, options.max_bytes).map_err(Stop::reading)?;
    let mut dump = LogDump { path, options, report, last_offset: None };
    loop {
        let position = batches.position();
        match batches.next() {
            Ok(Some(batch)) => dump.batch(&batch, position)?,
            Ok(None) => break,
            Err(error) => {
                let left = batches.left();
                return Err(Stop::file(format!(
                    "position {position}: {error}; it and what follows are {left} bytes"
                )));
            }
        }
    }
    let (position, left) = (batches.position(), batches.left());
    if left > 0 && options.max_bytes.is_none() {
        let name = path.file_name().unwrap_or_default().display();
        dump.report.line(format_args!("Found {left} invalid bytes at the end of {name}"))?;
        dump.report.damage(path, format_args!("position {position}: the last batch is cut"))?;
    }
    Ok(())
}

/// What the name of the file says.
fn title(path: &Path) -> Result<String, Stop> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(snapshot) = name.strip_suffix(".checkpoint") else {
        return Ok(format!("Log starting offset: {}", base_offset(path)?));
    };
    if snapshot == "bootstrap" {
        return Ok("KRaft bootstrap snapshot".to_owned());
    }
    let parse = |(offset, epoch): (&str, &str)| {
        Some((offset.parse::<i64>().ok()?, epoch.parse::<i32>().ok()?))
    };
    let (offset, epoch) = snapshot
        .split_once('-')
        .and_then(parse)
        .ok_or_else(|| Stop::file("its name is not OFFSET-EPOCH.checkpoint"))?;
    Ok(format!("Snapshot end offset: {offset}, epoch: {epoch}"))
}

struct LogDump<'a> {
    path: &'a Path,
    options: &'a Options<'a>,
    report: &'a mut Report,
    /// Of the last record.
    last_offset: Option<i64>,
}

impl LogDump<'_> {
    fn batch(&mut self, batch: &Batch, position: u64) -> Result<(), Stop> {
        let validity = BatchHeader::validate(batch.bytes());
        let is_intact = !matches!(validity, Err(BatchError::CrcMismatch { .. }));
        self.report.line(batch_line(batch.header(), position, is_intact))?;
        if let Err(error) = validity {
            self.report.damage(self.path, format_args!("position {position}: {error}"))?;
        }
        if !self.options.shows_records {
            return Ok(());
        }
        match batch.decompress(DECOMPRESSED_LIMIT) {
            Ok(bytes) => self.records(batch, &bytes, position),
            Err(error) => {
                Ok(self.report.damage(self.path, format_args!("position {position}: {error}"))?)
            }
        }
    }

    fn records(&mut self, batch: &Batch, bytes: &[u8], position: u64) -> Result<(), Stop> {
        for record in batch.records(bytes) {
            match record {
                Ok(record) => self.record(batch.header(), &record)?,
                Err(error) => {
                    let place = format_args!("position {position}: {error}");
                    self.report.damage(self.path, place)?;
                }
            }
        }
        Ok(())
    }

    fn record(&mut self, header: &BatchHeader, record: &Record<'_>) -> Result<(), Stop> {
        self.check_offset(record.offset)?;
        let mut line = String::from("| ");
        let mut wrong = None;
        if self.options.skips_metadata {
            line.clear();
        } else {
            put_metadata(&mut line, header, record);
            if header.is_control() {
                match control::text(record) {
                    Ok(text) => line.push_str(&text),
                    Err(error) => wrong = Some(error.to_string()),
                }
            }
        }
        if let Some(decoder) = self.options.decoder.filter(|_| !header.is_control()) {
            let decoded = decoder.decode(record);
            put_data(&mut line, &decoded, self.options.skips_metadata);
            wrong = decoded.wrong;
        }
        self.report.line(line)?;
        if let Some(wrong) = wrong {
            self.report.damage(self.path, format_args!("offset {}: {wrong}", record.offset))?;
        }
        Ok(())
    }

    /// Offsets grow, by one unless the log was compacted.
    fn check_offset(&mut self, offset: i64) -> Result<(), Stop> {
        if let Some(last) = self.last_offset.replace(offset)
            && last.checked_add(1) != Some(offset)
        {
            let path = std::path::absolute(self.path).unwrap_or_else(|_| self.path.to_owned());
            let heading = format!("Non-consecutive offsets in {}", path.display());
            let line = format_args!("  {last} is followed by {offset}");
            match last < offset {
                true => self.report.gap(heading, line)?,
                false => self.report.difference(heading, line)?,
            }
        }
        Ok(())
    }
}

fn timestamp_type(header: &BatchHeader) -> &'static str {
    match header.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

fn batch_line(header: &BatchHeader, position: u64, is_intact: bool) -> String {
    format!(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} \
         producerId: {} producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} \
         isControl: {} deleteHorizonMs: {} position: {position} {}: {} size: {} magic: 2 \
         compresscodec: {} crc: {} isvalid: {is_intact}",
        header.base_offset,
        header.last_offset(),
        header.record_count,
        header.base_sequence,
        header.last_sequence(),
        header.producer_id,
        header.producer_epoch,
        header.partition_leader_epoch,
        header.is_transactional(),
        header.is_control(),
        optional_long(header.delete_horizon_ms()),
        timestamp_type(header),
        header.max_timestamp,
        header.size(),
        header.compression().map_or("unknown", |codec| codec.name()),
        header.crc,
    )
}

fn put_metadata(line: &mut String, header: &BatchHeader, record: &Record<'_>) {
    let size = |bytes: Option<&[u8]>| bytes.map_or(-1, |bytes| bytes.len() as i64);
    let sequence = match header.base_sequence {
        NO_SEQUENCE => NO_SEQUENCE,
        base => increment_sequence(base, record.offset.wrapping_sub(header.base_offset) as i32),
    };
    let headers: Vec<_> = record.headers.iter().map(|header| java::text(header.key)).collect();
    let timestamp_type = timestamp_type(header);
    // Writing to a string does not fail.
    let _ = write!(
        line,
        "offset: {} {timestamp_type}: {} keySize: {} valueSize: {} sequence: {sequence} \
         headerKeys: [{}]",
        record.offset,
        record.timestamp,
        size(record.key),
        size(record.value),
        headers.join(","),
    );
}

/// Without metadata, the mark of a record stands before its key, and nowhere if there is none.
fn put_data(line: &mut String, decoded: &Decoded, is_alone: bool) {
    if let Some(key) = &decoded.key {
        line.push_str(if is_alone { "| key: " } else { " key: " });
        line.push_str(key);
    }
    if let Some(payload) = &decoded.payload {
        line.push_str(" payload: ");
        line.push_str(payload);
    }
}
