//! The table of broker configs: those that do something here, and those of Kafka that users set.
//!
//! The names of Kafka's other broker configs are in [`known`](super::known). Where a default is
//! not Kafka's, the documentation of the row says so.

use crate::config::definition::{Effect, config_table};
use crate::config::rule::Rule;
use crate::config::topic::{CLEANUP_POLICIES, COMPRESSION_TYPES, DURABILITIES, TIMESTAMP_TYPES};
use Effect::{NoEffect, Obeyed};
use Rule::{Any, AtLeast, Between, BetweenOr, EachOf, OneOf, OneOfIgnoringCase};

config_table! {
/// Every broker config that this broker describes.
BROKER_CONFIGS {
    "advertised.listeners": List = null, Any, Obeyed,
        "Addresses that clients are told to connect to, per listener; without it a client is told the address that it came in on.";
    "allow.everyone.if.no.acl.found": Boolean = null, Any, NoEffect,
        "Whether a resource without access control entries is open to all.";
    "authorizer.class.name": String = "", Any, Effect::OnlyDefault("authorization is not offered yet, and to go on without it would let everyone in"),
        "Java class that decides who may do what, which is not offered.";
    "auto.create.topics.enable": Boolean = "true", Any, Obeyed,
        "Whether a topic comes into being when a client asks for its metadata.";
    "auto.leader.rebalance.enable": Boolean = "true", Any, NoEffect,
        "Whether leadership moves back to preferred replicas by itself.";
    "background.threads": Int = "10", AtLeast(1), NoEffect,
        "Number of threads for background work.";
    "broker.heartbeat.interval.ms": Int = "2000", Any, NoEffect,
        "Time between two heartbeats from a broker to the controller.";
    "broker.id": Int = "-1", Any, Obeyed,
        "Older name of node.id.";
    "broker.rack": String = null, Any, Obeyed,
        "Name of the rack or zone that the broker stands in, as clients are told.";
    "broker.session.timeout.ms": Int = "9000", Any, NoEffect,
        "Time without heartbeat after which the controller fences a broker.";
    "compression.gzip.level": Int = "-1", BetweenOr(1, 9, -1), Obeyed, update ClusterWide,
        "Default of the topic config of the same name.";
    "compression.lz4.level": Int = "9", Between(1, 17), NoEffect, update ClusterWide,
        "Default of the topic config of the same name.";
    "compression.type": String = "producer", OneOf(COMPRESSION_TYPES), Obeyed, update ClusterWide,
        "Default of the topic config of the same name.";
    "compression.zstd.level": Int = "3", Between(-131072, 22), Obeyed, update ClusterWide,
        "Default of the topic config of the same name.";
    "connections.max.idle.ms": Long = "600000", Any, Obeyed,
        "Time without a request after which a connection is closed.";
    "controlled.shutdown.enable": Boolean = "true", Any, NoEffect,
        "Whether a stopping broker hands over its leaderships first.";
    "controller.listener.names": List = "", Any, Obeyed,
        "Names of the listeners that belong to the controller, which are not opened here.";
    "controller.quorum.bootstrap.servers": List = "", Any, NoEffect,
        "Addresses of controllers to learn the quorum from.";
    "controller.quorum.election.timeout.ms": Int = "1000", AtLeast(0), NoEffect,
        "Time without leader after which a controller stands for election.";
    "controller.quorum.fetch.timeout.ms": Int = "2000", AtLeast(0), NoEffect,
        "Time without fetch after which a controller gives up on its leader.";
    "controller.quorum.voters": List = "", Any, NoEffect,
        "Ids and addresses of the controllers that vote.";
    "default.replication.factor": Int = "1", Any, Obeyed,
        "Replication factor of topics that are created without one.";
    "delete.records.purgatory.purge.interval.requests": Int = "1", Any, NoEffect,
        "Number of finished DeleteRecords requests between two clean-ups of the waiting list.";
    "delete.topic.enable": Boolean = "true", Any, Obeyed,
        "Whether topics can be deleted.";
    "disk.reserve.bytes": Long = "-1", AtLeast(-1), Obeyed,
        "Room that is kept free for offset commits, metadata and deletions while the disk is full; -1 stands for 1 % of the file system, at most 64 MiB. Kafka has no such config.";
    "durability": String = "synced", OneOf(DURABILITIES), Obeyed, update ClusterWide,
        "Default of the topic config of the same name; also rules offset commits and transactions.";
    "fetch.max.bytes": Int = "57671680", AtLeast(1024), Obeyed,
        "Most bytes that one fetch is answered with.";
    "fetch.purgatory.purge.interval.requests": Int = "1000", Any, NoEffect,
        "Number of finished fetch requests between two clean-ups of the waiting list.";
    "group.consumer.assignors": List = "uniform,range", Any, NoEffect,
        "Server-side assignors of consumer groups, the default first.";
    "group.consumer.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        "Heartbeat interval that members of a consumer group are told.";
    "group.consumer.max.heartbeat.interval.ms": Int = "15000", AtLeast(1), NoEffect,
        "Largest heartbeat interval that a consumer group can be given.";
    "group.consumer.max.session.timeout.ms": Int = "60000", AtLeast(1), NoEffect,
        "Largest session timeout that a consumer group can be given.";
    "group.consumer.max.size": Int = "2147483647", AtLeast(1), NoEffect,
        "Most members that a consumer group can have.";
    "group.consumer.migration.policy": String = "bidirectional", OneOfIgnoringCase(&["disabled", "downgrade", "upgrade", "bidirectional"]), NoEffect,
        "Which ways a group may change between the classic and the consumer protocol.";
    "group.consumer.min.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        "Smallest heartbeat interval that a consumer group can be given.";
    "group.consumer.min.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        "Smallest session timeout that a consumer group can be given.";
    "group.consumer.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        "Time without heartbeat after which a member leaves its consumer group.";
    "group.coordinator.append.linger.ms": Int = "-1", AtLeast(-1), NoEffect,
        "Time that the group coordinator gathers records before it writes them.";
    "group.coordinator.rebalance.protocols": List = "classic,consumer,streams", EachOf(&["consumer", "classic", "share", "streams"]), NoEffect,
        "Group protocols that are on.";
    "group.coordinator.threads": Int = "4", AtLeast(1), NoEffect,
        "Number of threads of the group coordinator.";
    "group.initial.rebalance.delay.ms": Int = "0", Any, Obeyed,
        "Time that a new classic group waits for more members before its first assignment; Kafka waits 3000.";
    "group.max.session.timeout.ms": Int = "1800000", Any, Obeyed,
        "Largest session timeout that a member of a classic group may ask for.";
    "group.max.size": Int = "2147483647", AtLeast(1), Obeyed,
        "Most members that a classic group can have.";
    "group.min.session.timeout.ms": Int = "6000", Any, Obeyed,
        "Smallest session timeout that a member of a classic group may ask for.";
    "group.share.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        "Heartbeat interval that members of a share group are told.";
    "group.share.max.heartbeat.interval.ms": Int = "15000", AtLeast(1), NoEffect,
        "Largest heartbeat interval that a share group can be given.";
    "group.share.max.record.lock.duration.ms": Int = "60000", Between(30000, 3600000), NoEffect,
        "Longest record lock that a share group can be given.";
    "group.share.max.session.timeout.ms": Int = "60000", AtLeast(1), NoEffect,
        "Largest session timeout that a share group can be given.";
    "group.share.min.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        "Smallest heartbeat interval that a share group can be given.";
    "group.share.min.record.lock.duration.ms": Int = "15000", Between(1000, 30000), NoEffect,
        "Shortest record lock that a share group can be given.";
    "group.share.min.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        "Smallest session timeout that a share group can be given.";
    "group.share.record.lock.duration.ms": Int = "30000", Between(1000, 3600000), NoEffect,
        "How long a record stays locked for the member of a share group that got it.";
    "group.share.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        "Time without heartbeat after which a member leaves its share group.";
    "group.streams.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        "Heartbeat interval that members of a streams group are told.";
    "group.streams.initial.rebalance.delay.ms": Int = "3000", AtLeast(0), NoEffect,
        "Time that a new streams group waits for more members.";
    "group.streams.max.heartbeat.interval.ms": Int = "15000", AtLeast(1), NoEffect,
        "Largest heartbeat interval that a streams group can be given.";
    "group.streams.max.session.timeout.ms": Int = "60000", AtLeast(1), NoEffect,
        "Largest session timeout that a streams group can be given.";
    "group.streams.max.standby.replicas": Int = "2", AtLeast(0), NoEffect,
        "Most standby replicas that a streams group can be given.";
    "group.streams.min.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        "Smallest heartbeat interval that a streams group can be given.";
    "group.streams.min.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        "Smallest session timeout that a streams group can be given.";
    "group.streams.num.standby.replicas": Int = "0", AtLeast(0), NoEffect,
        "Standby replicas of each task of a streams group.";
    "group.streams.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        "Time without heartbeat after which a member leaves its streams group.";
    "initial.broker.registration.timeout.ms": Int = "60000", Any, NoEffect,
        "Time that a starting broker tries to register with the controller.";
    "inter.broker.listener.name": String = null, Any, NoEffect,
        "Name of the listener that brokers use among themselves.";
    "leader.imbalance.check.interval.seconds": Long = "300", AtLeast(1), NoEffect,
        "Time between two looks at where leadership is.";
    "listener.security.protocol.map": String = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", Any, Obeyed,
        "Security protocol of each listener name.";
    "listeners": List = "PLAINTEXT://localhost:9092", Any, Obeyed,
        "Names and addresses that the broker listens on; an empty host is every address, and Kafka's default.";
    "log.cleaner.backoff.ms": Long = "15000", AtLeast(0), Obeyed, update ClusterWide,
        "Time that the cleaner sleeps when nothing is to be compacted.";
    "log.cleaner.dedupe.buffer.size": Long = "134217728", Any, Obeyed, update ClusterWide,
        "Memory for the keys that the cleaner holds in one pass.";
    "log.cleaner.delete.retention.ms": Long = "86400000", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config delete.retention.ms.";
    "log.cleaner.enable": Boolean = "true", Any, Obeyed,
        "Whether the cleaner runs; without it compacted topics grow without bound.";
    "log.cleaner.io.buffer.size": Int = "524288", AtLeast(0), Obeyed, update ClusterWide,
        "Memory for the reads and writes of the cleaner.";
    "log.cleaner.io.max.bytes.per.second": Double = "1.7976931348623157E308", Any, NoEffect, update ClusterWide,
        "Most bytes that the cleaner reads and writes in a second.";
    "log.cleaner.max.compaction.lag.ms": Long = "9223372036854775807", AtLeast(1), Obeyed, update ClusterWide,
        "Default of the topic config max.compaction.lag.ms.";
    "log.cleaner.min.cleanable.ratio": Double = "0.5", Between(0, 1), Obeyed, update ClusterWide,
        "Default of the topic config min.cleanable.dirty.ratio.";
    "log.cleaner.min.compaction.lag.ms": Long = "0", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config min.compaction.lag.ms.";
    "log.cleaner.threads": Int = "1", AtLeast(0), Obeyed, update ClusterWide,
        "Number of threads of the cleaner.";
    "log.cleanup.policy": List = "delete", EachOf(CLEANUP_POLICIES), Obeyed, update ClusterWide,
        "Default of the topic config cleanup.policy.";
    "log.dir": List = null, Any, Obeyed,
        "Directory of the data if log.dirs is not set.";
    "log.dirs": List = null, Any, Obeyed,
        "Directories of the data; without it, the user's data directory.";
    "log.flush.interval.messages": Long = "9223372036854775807", AtLeast(1), Obeyed, update ClusterWide,
        "Default of the topic config flush.messages.";
    "log.flush.interval.ms": Long = null, Any, Obeyed, update ClusterWide,
        "Default of the topic config flush.ms.";
    "log.flush.offset.checkpoint.interval.ms": Int = "60000", AtLeast(0), NoEffect,
        "Time between two writes of the recovery points.";
    "log.flush.scheduler.interval.ms": Long = "9223372036854775807", Any, Obeyed,
        "Default of the topic config flush.ms if log.flush.interval.ms is not set.";
    "log.flush.start.offset.checkpoint.interval.ms": Int = "60000", AtLeast(0), NoEffect,
        "Time between two writes of the log start offsets.";
    "log.index.interval.bytes": Int = "4096", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config index.interval.bytes.";
    "log.index.size.max.bytes": Int = "10485760", AtLeast(4), Obeyed, update ClusterWide,
        "Default of the topic config segment.index.bytes.";
    "log.initial.task.delay.ms": Long = "30000", AtLeast(0), Obeyed,
        "Time from the start to the first look for segments past their retention.";
    "log.local.retention.bytes": Long = "-2", AtLeast(-2), NoEffect, update ClusterWide,
        "Default of the topic config local.retention.bytes.";
    "log.local.retention.ms": Long = "-2", AtLeast(-2), NoEffect, update ClusterWide,
        "Default of the topic config local.retention.ms.";
    "log.message.timestamp.after.max.ms": Long = "3600000", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config message.timestamp.after.max.ms.";
    "log.message.timestamp.before.max.ms": Long = "9223372036854775807", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config message.timestamp.before.max.ms.";
    "log.message.timestamp.type": String = "CreateTime", OneOf(TIMESTAMP_TYPES), Obeyed, update ClusterWide,
        "Default of the topic config message.timestamp.type.";
    "log.preallocate": Boolean = "false", Any, Obeyed, update ClusterWide,
        "Default of the topic config preallocate.";
    "log.retention.bytes": Long = "-1", Any, Obeyed, update ClusterWide,
        "Default of the topic config retention.bytes.";
    "log.retention.check.interval.ms": Long = "300000", AtLeast(1), Obeyed,
        "Time between two looks for segments past their retention.";
    "log.retention.hours": Int = "168", Any, Obeyed,
        "Default of the topic config retention.ms, in hours, if the other two are not set.";
    "log.retention.minutes": Int = null, Any, Obeyed,
        "Default of the topic config retention.ms, in minutes, if log.retention.ms is not set.";
    "log.retention.ms": Long = null, Any, Obeyed, update ClusterWide,
        "Default of the topic config retention.ms.";
    "log.roll.hours": Int = "168", AtLeast(1), Obeyed,
        "Default of the topic config segment.ms, in hours, if log.roll.ms is not set.";
    "log.roll.jitter.hours": Int = "0", AtLeast(0), Obeyed,
        "Default of the topic config segment.jitter.ms, in hours, if log.roll.jitter.ms is not set.";
    "log.roll.jitter.ms": Long = null, Any, Obeyed, update ClusterWide,
        "Default of the topic config segment.jitter.ms.";
    "log.roll.ms": Long = null, Any, Obeyed, update ClusterWide,
        "Default of the topic config segment.ms.";
    "log.segment.bytes": Int = "1073741824", AtLeast(1048576), Obeyed, update ClusterWide,
        "Default of the topic config segment.bytes.";
    "log.segment.delete.delay.ms": Long = "60000", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config file.delete.delay.ms.";
    "max.connection.creation.rate": Int = "2147483647", AtLeast(0), NoEffect, update ClusterWide,
        "Most connections that may be opened in a second.";
    "max.connections": Int = "2147483647", AtLeast(0), Obeyed,
        "Most connections that may be open at once.";
    "max.connections.per.ip": Int = "2147483647", AtLeast(0), NoEffect, update ClusterWide,
        "Most connections that one address may have open.";
    "max.incremental.fetch.session.cache.slots": Int = "1000", AtLeast(0), NoEffect,
        "Most fetch sessions that are remembered; a client beyond that sends whole fetch requests.";
    "message.max.bytes": Int = "1048588", AtLeast(0), Obeyed, update ClusterWide,
        "Default of the topic config max.message.bytes.";
    "metadata.log.dir": String = null, Any, NoEffect,
        "Directory of the metadata log if it is not the first of log.dirs.";
    "metadata.log.max.record.bytes.between.snapshots": Long = "20971520", AtLeast(1), NoEffect,
        "Bytes of metadata records after which a snapshot is taken.";
    "metadata.log.segment.bytes": Int = "1073741824", AtLeast(8388608), NoEffect,
        "Size of a segment of the metadata log.";
    "metadata.max.retention.bytes": Long = "104857600", Any, NoEffect,
        "Bytes of metadata log and snapshots to keep.";
    "metadata.max.retention.ms": Long = "604800000", Any, NoEffect,
        "How long metadata log and snapshots are kept.";
    "metric.reporters": List = "org.apache.kafka.common.metrics.JmxReporter", Any, NoEffect, update ClusterWide,
        "Java classes that report metrics.";
    "min.insync.replicas": Int = "1", AtLeast(1), Obeyed, update ClusterWide,
        "Default of the topic config of the same name.";
    "node.id": Int = "1", AtLeast(0), Obeyed,
        "Number of this node in its cluster.";
    "num.io.threads": Int = "8", AtLeast(1), NoEffect, update ClusterWide,
        "Number of threads that handle requests.";
    "num.network.threads": Int = "3", AtLeast(1), NoEffect, update ClusterWide,
        "Number of threads that move bytes from and to sockets.";
    "num.partitions": Int = "1", AtLeast(1), Obeyed,
        "Number of partitions of topics that are created without one.";
    "num.recovery.threads.per.data.dir": Int = "2", AtLeast(1), NoEffect, update ClusterWide,
        "Number of threads that recover logs at start.";
    "num.replica.fetchers": Int = "1", AtLeast(1), NoEffect, update ClusterWide,
        "Number of threads that fetch from other brokers.";
    "offset.metadata.max.bytes": Int = "4096", Any, Obeyed,
        "Most bytes of metadata that an offset commit may carry.";
    "offsets.commit.timeout.ms": Int = "5000", AtLeast(1), NoEffect,
        "Time that an offset commit waits for its replicas.";
    "offsets.load.buffer.size": Int = "5242880", AtLeast(1), NoEffect,
        "Bytes of offsets to read at once while a group is loaded.";
    "offsets.retention.check.interval.ms": Long = "600000", AtLeast(1), Obeyed,
        "Time between two looks for offsets past their retention.";
    "offsets.retention.minutes": Int = "10080", AtLeast(1), Obeyed,
        "How long the offsets of a group without members are kept.";
    "offsets.topic.compression.codec": Int = "0", Any, NoEffect,
        "Codec of the batches in the offsets topic.";
    "offsets.topic.num.partitions": Int = "50", AtLeast(1), Obeyed,
        "Number of partitions of the offsets topic; fixed once it exists.";
    "offsets.topic.replication.factor": Short = "1", AtLeast(1), NoEffect,
        "Replication factor of the offsets topic, which is 1 while there is one node; Kafka's is 3.";
    "offsets.topic.segment.bytes": Int = "104857600", AtLeast(1), Obeyed,
        "Size of a segment of the offsets topic.";
    "principal.builder.class": Class = "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder", Any, NoEffect,
        "Java class that names the user of a connection.";
    "process.roles": List = "broker", EachOf(&["broker", "controller"]), Obeyed,
        "Roles of this process; broker must be among them, and the controller comes with it.";
    "producer.id.expiration.ms": Int = "86400000", AtLeast(1), Obeyed, update ClusterWide,
        "How long a partition remembers an idle producer's sequence numbers.";
    "producer.purgatory.purge.interval.requests": Int = "1000", Any, NoEffect,
        "Number of finished produce requests between two clean-ups of the waiting list.";
    "queued.max.requests": Int = "500", AtLeast(1), NoEffect,
        "Most requests that wait for a thread.";
    "remote.log.storage.system.enable": Boolean = "false", Any, Effect::OnlyDefault("tiered storage is not offered"),
        "Whether old segments may move to remote storage, which is not offered.";
    "replica.fetch.max.bytes": Int = "1048576", AtLeast(0), NoEffect,
        "Most bytes of a partition that a follower fetches at once.";
    "replica.fetch.min.bytes": Int = "1", Any, NoEffect,
        "Bytes that a follower waits for.";
    "replica.fetch.response.max.bytes": Int = "10485760", AtLeast(0), NoEffect,
        "Most bytes that a follower fetches at once.";
    "replica.fetch.wait.max.ms": Int = "500", Any, NoEffect,
        "Longest time that a follower's fetch waits.";
    "replica.high.watermark.checkpoint.interval.ms": Long = "5000", Any, NoEffect,
        "Time between two writes of the high watermarks.";
    "replica.lag.time.max.ms": Long = "30000", Any, NoEffect,
        "Time after which a replica that has not caught up is no longer in sync.";
    "replica.selector.class": String = null, Any, NoEffect,
        "Java class that chooses the replica to read from.";
    "replica.socket.receive.buffer.bytes": Int = "65536", Any, NoEffect,
        "Receive buffer of a follower's sockets.";
    "replica.socket.timeout.ms": Int = "30000", Any, NoEffect,
        "Timeout of a follower's requests.";
    "request.timeout.ms": Int = "30000", Any, NoEffect,
        "Timeout of this broker's own requests.";
    "sasl.enabled.mechanisms": List = "GSSAPI", Any, NoEffect,
        "SASL mechanisms that SASL listeners accept.";
    "sasl.mechanism.inter.broker.protocol": String = "GSSAPI", Any, NoEffect,
        "SASL mechanism that brokers use among themselves.";
    "security.inter.broker.protocol": String = "PLAINTEXT", OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), NoEffect,
        "Security protocol that brokers use among themselves.";
    "socket.listen.backlog.size": Int = "50", AtLeast(1), NoEffect,
        "Most connections that wait to be accepted.";
    "socket.receive.buffer.bytes": Int = "102400", Any, NoEffect,
        "Receive buffer of a client's socket.";
    "socket.request.max.bytes": Int = "104857600", AtLeast(1), Obeyed,
        "Largest request that is read; a larger one closes the connection.";
    "socket.send.buffer.bytes": Int = "102400", Any, NoEffect,
        "Send buffer of a client's socket.";
    "ssl.client.auth": String = "none", OneOf(&["required", "requested", "none"]), NoEffect,
        "Whether TLS listeners ask the client for a certificate.";
    "super.users": String = "", Any, NoEffect,
        "Users whom access control does not restrain.";
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": Int = "10000", AtLeast(1), NoEffect,
        "Time between two looks for transactions past their timeout.";
    "transaction.max.timeout.ms": Int = "900000", AtLeast(1), NoEffect,
        "Largest timeout that a transactional producer may ask for.";
    "transaction.partition.verification.enable": Boolean = "true", Any, NoEffect,
        "Whether a transactional write is checked against the coordinator first.";
    "transaction.remove.expired.transaction.cleanup.interval.ms": Int = "3600000", AtLeast(1), NoEffect,
        "Time between two looks for transactional ids past their expiration.";
    "transaction.state.log.min.isr": Int = "1", AtLeast(1), NoEffect,
        "Smallest in-sync set of the transaction log, which is 1 while there is one node; Kafka's is 2.";
    "transaction.state.log.num.partitions": Int = "50", AtLeast(1), NoEffect,
        "Number of partitions of the transaction log; fixed once it exists.";
    "transaction.state.log.replication.factor": Short = "1", AtLeast(1), NoEffect,
        "Replication factor of the transaction log, which is 1 while there is one node; Kafka's is 3.";
    "transaction.state.log.segment.bytes": Int = "104857600", AtLeast(1), NoEffect,
        "Size of a segment of the transaction log.";
    "transactional.id.expiration.ms": Int = "604800000", AtLeast(1), NoEffect,
        "How long an idle transactional id is remembered.";
    "unclean.leader.election.enable": Boolean = "false", Any, NoEffect, update ClusterWide,
        "Default of the topic config of the same name.";
}
}
