import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Fills one topic for each capture; see README.md for what each holds. Its argument is the broker's address. */
class Produce {
    /** Long ago, so that a capture says the same whenever it is made. */
    static final long TIMESTAMP = 1_700_000_000_000L;
    static final Map<String, String> KEPT = Map.of("retention.ms", "-1");

    static String bootstrap;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            createTopic(codec, KEPT);
            try (var producer = producer(Map.of("compression.type", codec, "enable.idempotence", "false"))) {
                sendOneBatch(producer, codec, 0);
            }
        }
        idempotent();
        transaction();
        indexed();
        rolled();
        logAppendTime();
        offsets();
    }

    /** Two batches of one idempotent producer: sequences 0 and 3. */
    static void idempotent() throws Exception {
        createTopic("idempotent", KEPT);
        try (var producer = producer(Map.of("enable.idempotence", "true"))) {
            sendOneBatch(producer, "idempotent", 0);
            sendOneBatch(producer, "idempotent", 1);
        }
    }

    /** A committed transaction, one that is aborted, one that is left open. */
    static void transaction() throws Exception {
        // The markers carry the time of the capture, far from the records': without this they would roll the segment.
        createTopic("transaction", Map.of("retention.ms", "-1", "segment.ms", String.valueOf(Long.MAX_VALUE)));
        var producer = producer(Map.of("transactional.id", "golden"));
        producer.initTransactions();
        producer.beginTransaction();
        sendOneBatch(producer, "transaction", 0);
        try (var consumer = consumer(Map.of("group.id", "golden-transaction"))) {
            var offsets = Map.of(new TopicPartition("transaction", 0), new OffsetAndMetadata(3));
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        }
        producer.commitTransaction();
        producer.beginTransaction();
        sendOneBatch(producer, "transaction", 1);
        producer.abortTransaction();
        producer.beginTransaction();
        sendOneBatch(producer, "transaction", 2);
        producer.close(Duration.ZERO);
    }

    /** Twelve batches with an index entry after every second one or so. */
    static void indexed() throws Exception {
        createTopic("indexed", Map.of("retention.ms", "-1", "index.interval.bytes", "200"));
        try (var producer = producer(Map.of("enable.idempotence", "false"))) {
            for (int second = 0; second < 12; second++) sendOneBatch(producer, "indexed", second);
        }
    }

    /** Three segments: batches that lie further apart than segment.ms. */
    static void rolled() throws Exception {
        createTopic("rolled", Map.of("retention.ms", "-1", "segment.ms", "5000"));
        try (var producer = producer(Map.of("enable.idempotence", "true"))) {
            for (int second : List.of(0, 10, 20)) sendOneBatch(producer, "rolled", second);
        }
    }

    static void logAppendTime() throws Exception {
        createTopic("log-append-time", Map.of("retention.ms", "-1", "message.timestamp.type", "LogAppendTime"));
        try (var producer = producer(Map.of("enable.idempotence", "false"))) {
            sendOneBatch(producer, "log-append-time", 0);
        }
    }

    /** A classic group with a static member that commits, for __consumer_offsets. */
    static void offsets() {
        var config = Map.of("group.id", "golden", "group.instance.id", "one", "auto.offset.reset", "earliest");
        try (var consumer = consumer(config)) {
            consumer.subscribe(Set.of("none"));
            while (consumer.poll(Duration.ofSeconds(1)).isEmpty()) { }
            consumer.commitSync(Map.of(new TopicPartition("none", 0), new OffsetAndMetadata(3, "three")));
        }
    }

    static void createTopic(String topic, Map<String, String> configs) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(Set.of(new NewTopic(topic, 1, (short) 1).configs(configs))).all().get();
        }
    }

    static KafkaProducer<String, String> producer(Map<String, String> more) {
        Properties config = new Properties();
        config.putAll(Map.of("bootstrap.servers", bootstrap, "linger.ms", "60000"));
        config.putAll(more);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(Map<String, String> more) {
        Properties config = new Properties();
        config.putAll(Map.of("bootstrap.servers", bootstrap, "group.protocol", "classic"));
        config.putAll(more);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    /** A key with headers, a null key, a null value; each a millisecond after the one before. */
    static void sendOneBatch(KafkaProducer<String, String> producer, String topic, int second) {
        long timestamp = TIMESTAMP + second * 1000L;
        var full = new ProducerRecord<>(topic, 0, timestamp, "key", "value " + second);
        full.headers().add("first", new byte[] {1, 2, 3}).add("empty", new byte[0]).add("null", null);
        producer.send(full);
        producer.send(new ProducerRecord<>(topic, 0, timestamp + 1, null, "no key"));
        producer.send(new ProducerRecord<>(topic, 0, timestamp + 2, "no value", (String) null));
        producer.flush();
    }
}
