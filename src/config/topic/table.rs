//! The table of topic configs: all of Kafka 4.2, and `durability`, which is ours.
//!
//! Configs that Kafka 4.0 removed (`message.format.version`, `message.downconversion.enable`) are
//! unknown here as they are there.

use crate::config::definition::{Effect, Synonym, config_table};
use crate::config::rule::Rule;
use Effect::{NoEffect, Obeyed};
use Rule::{Any, AtLeast, Between, BetweenOr, EachOf, OneOf, ThrottledReplicas};

/// What `compression.type` can be, in Kafka's order.
pub(crate) const COMPRESSION_TYPES: &[&str] =
    &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];
/// What `cleanup.policy` is a list of.
pub(crate) const CLEANUP_POLICIES: &[&str] = &["compact", "delete"];
/// What `message.timestamp.type` can be.
pub(crate) const TIMESTAMP_TYPES: &[&str] = &["CreateTime", "LogAppendTime"];
/// What `durability` can be.
pub(crate) const DURABILITIES: &[&str] = &["synced", "async"];

/// Why `remote.storage.enable=true` is refused; the text of a Kafka broker without tiered storage.
const NO_TIERED_STORAGE: &str = "Tiered Storage functionality is disabled in the broker. \
     Topic cannot be configured with remote log storage.";

config_table! {
/// Every topic config.
TOPIC_CONFIGS {
    "cleanup.policy": List = "delete", EachOf(CLEANUP_POLICIES), Obeyed,
        from &[Synonym::same("log.cleanup.policy")],
        "What becomes of old records: delete drops whole segments past their retention, compact keeps the last record of each key, both do both, and an empty list keeps everything.";
    "compression.gzip.level": Int = "-1", BetweenOr(1, 9, -1), Obeyed,
        from &[Synonym::same("compression.gzip.level")],
        "Effort that gzip spends when the broker compresses, from 1 to 9, where -1 leaves it to gzip.";
    "compression.lz4.level": Int = "9", Between(1, 17), NoEffect,
        from &[Synonym::same("compression.lz4.level")],
        "Effort that LZ4 spends when the broker compresses, from 1 to 17; here LZ4 has one level, its fastest, as Kafka's default has.";
    "compression.type": String = "producer", OneOf(COMPRESSION_TYPES), Obeyed,
        from &[Synonym::same("compression.type")],
        "The codec that batches are kept in, where producer keeps each batch as it came.";
    "compression.zstd.level": Int = "3", Between(-131072, 22), Obeyed,
        from &[Synonym::same("compression.zstd.level")],
        "Effort that Zstandard spends when the broker compresses, up to 22; negative levels are faster.";
    "delete.retention.ms": Long = "86400000", AtLeast(0), Obeyed,
        from &[Synonym::same("log.cleaner.delete.retention.ms")],
        "How long a compacted topic keeps tombstones and transaction markers, so that a reader who started before can still see them.";
    "durability": String = "synced", OneOf(DURABILITIES), Obeyed,
        from &[Synonym::same("durability")],
        "Whether acks=all is answered once the records are on disk (synced) or once they are written to the page cache, as Kafka does (async).";
    "file.delete.delay.ms": Long = "60000", AtLeast(0), Obeyed,
        from &[Synonym::same("log.segment.delete.delay.ms")],
        "How long the files of a deleted segment stay on disk, so that readers can finish.";
    "flush.messages": Long = "9223372036854775807", AtLeast(1), Obeyed,
        from &[Synonym::same("log.flush.interval.messages")],
        "Number of records after which a produce waits for the log to be synced, whatever acks and durability say.";
    "flush.ms": Long = "9223372036854775807", AtLeast(0), Obeyed,
        from &[Synonym::same("log.flush.interval.ms"), Synonym::same("log.flush.scheduler.interval.ms")],
        "Longest time that records stay unsynced, whatever acks and durability say.";
    "follower.replication.throttled.replicas": List = "", ThrottledReplicas, NoEffect,
        "Replicas whose fetching is throttled on the follower, as partition:broker pairs or *.";
    "index.interval.bytes": Int = "4096", AtLeast(0), Obeyed,
        from &[Synonym::same("log.index.interval.bytes")],
        "Bytes of log between two entries of the offset index.";
    "leader.replication.throttled.replicas": List = "", ThrottledReplicas, NoEffect,
        "Replicas whose fetching is throttled on the leader, as partition:broker pairs or *.";
    "local.retention.bytes": Long = "-2", AtLeast(-2), NoEffect,
        from &[Synonym::same("log.local.retention.bytes")],
        "Bytes of a tiered partition to keep on local disk, where -2 means retention.bytes.";
    "local.retention.ms": Long = "-2", AtLeast(-2), NoEffect,
        from &[Synonym::same("log.local.retention.ms")],
        "How long a tiered partition keeps segments on local disk, where -2 means retention.ms.";
    "max.compaction.lag.ms": Long = "9223372036854775807", AtLeast(1), Obeyed,
        from &[Synonym::same("log.cleaner.max.compaction.lag.ms")],
        "Longest time that a record can wait for compaction.";
    "max.message.bytes": Int = "1048588", AtLeast(0), Obeyed,
        from &[Synonym::same("message.max.bytes")],
        "Largest record batch that is accepted, as it arrives.";
    "message.timestamp.after.max.ms": Long = "3600000", AtLeast(0), Obeyed,
        from &[Synonym::same("log.message.timestamp.after.max.ms")],
        "How far a record's timestamp may be ahead of the broker's clock, for CreateTime.";
    "message.timestamp.before.max.ms": Long = "9223372036854775807", AtLeast(0), Obeyed,
        from &[Synonym::same("log.message.timestamp.before.max.ms")],
        "How far a record's timestamp may be behind the broker's clock, for CreateTime.";
    "message.timestamp.type": String = "CreateTime", OneOf(TIMESTAMP_TYPES), Obeyed,
        from &[Synonym::same("log.message.timestamp.type")],
        "Whose timestamp records carry: the producer's (CreateTime) or the broker's (LogAppendTime).";
    "min.cleanable.dirty.ratio": Double = "0.5", Between(0, 1), Obeyed,
        from &[Synonym::same("log.cleaner.min.cleanable.ratio")],
        "Share of the log that must be uncompacted before compaction is worth its while.";
    "min.compaction.lag.ms": Long = "0", AtLeast(0), Obeyed,
        from &[Synonym::same("log.cleaner.min.compaction.lag.ms")],
        "Shortest time that a record stays uncompacted.";
    "min.insync.replicas": Int = "1", AtLeast(1), Obeyed,
        from &[Synonym::same("min.insync.replicas")],
        "Number of replicas that must be in sync for a produce with acks=all to be accepted.";
    "preallocate": Boolean = "false", Any, Obeyed,
        from &[Synonym::same("log.preallocate")],
        "Whether room for a new segment's full size is reserved at once; the file is as long as what is in it.";
    "remote.log.copy.disable": Boolean = "false", Any, NoEffect,
        "Whether a tiered topic stops copying segments to remote storage.";
    "remote.log.delete.on.disable": Boolean = "false", Any, NoEffect,
        "Whether remote segments are deleted when tiered storage is turned off for the topic.";
    "remote.storage.enable": Boolean = "false", Any, Effect::OnlyDefault(NO_TIERED_STORAGE),
        "Whether the topic's old segments move to remote storage, which is not offered.";
    "retention.bytes": Long = "-1", Any, Obeyed,
        from &[Synonym::same("log.retention.bytes")],
        "Bytes that a partition may hold before its oldest segments are deleted, where -1 sets no limit.";
    "retention.ms": Long = "604800000", AtLeast(-1), Obeyed,
        from &[Synonym::same("log.retention.ms"), Synonym::minutes("log.retention.minutes"), Synonym::hours("log.retention.hours")],
        "How long a record is kept before its segment is deleted, where -1 sets no limit.";
    "segment.bytes": Int = "1073741824", AtLeast(1_048_576), Obeyed,
        from &[Synonym::same("log.segment.bytes")],
        "Size at which a segment is closed and a new one begun.";
    "segment.index.bytes": Int = "10485760", AtLeast(4), Obeyed,
        from &[Synonym::same("log.index.size.max.bytes")],
        "Largest size of a segment's offset index; a full index closes the segment.";
    "segment.jitter.ms": Long = "0", AtLeast(0), Obeyed,
        from &[Synonym::same("log.roll.jitter.ms"), Synonym::hours("log.roll.jitter.hours")],
        "Random time by which segment.ms is shortened, so that partitions do not all roll at once.";
    "segment.ms": Long = "604800000", AtLeast(1), Obeyed,
        from &[Synonym::same("log.roll.ms"), Synonym::hours("log.roll.hours")],
        "Age at which a segment is closed even if it is not full.";
    "unclean.leader.election.enable": Boolean = "false", Any, NoEffect,
        from &[Synonym::same("unclean.leader.election.enable")],
        "Whether a replica that is not in sync may become leader when no other is left, losing records.";
}
}
