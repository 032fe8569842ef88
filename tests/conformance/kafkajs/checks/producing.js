const assert = require("node:assert/strict");
const { CompressionTypes } = require("kafkajs");
const { check, codecOf, unique } = require("../../harness/harness");
const { connectedAdmin, kafka, producerOf, readAll } = require("../clients");

const numbered = (count) => Array.from({ length: count }, (_, index) => ({ value: `message ${index}` }));

check("acks of all, one and none all arrive", async (started) => {
  const topic = unique("acks");
  const producer = await producerOf(started);
  const [all] = await producer.send({ topic, acks: -1, messages: [{ value: "all" }] });
  assert.equal(all.errorCode, 0);
  assert.equal(all.baseOffset, "0");
  const [one] = await producer.send({ topic, acks: 1, messages: [{ value: "one" }] });
  assert.equal(one.baseOffset, "1");
  await producer.send({ topic, acks: 0, messages: [{ value: "none" }] });
  const messages = await readAll(started, topic, 3);
  assert.deepEqual(messages.map(({ value }) => value.toString()), ["all", "one", "none"]);
});

check("an idempotent producer's messages arrive once and in order", async (started) => {
  const topic = unique("idempotent");
  const producer = await producerOf(started, topic, [], { idempotent: true, maxInFlightRequests: 1 });
  for (const message of numbered(20)) await producer.send({ topic, messages: [message] });
  const messages = await readAll(started, topic, 20);
  assert.deepEqual(messages.map(({ value }) => value.toString()), numbered(20).map(({ value }) => value));
  assert.deepEqual(messages.map(({ offset }) => offset), numbered(20).map((_, index) => String(index)));
});

check("a gzip batch is stored as gzip and read back equal", async (started) => {
  const topic = unique("gzip");
  const producer = await producerOf(started);
  await producer.send({ topic, compression: CompressionTypes.GZIP, messages: numbered(100) });
  assert.equal(await codecOf(topic, 0), "gzip");
  const messages = await readAll(started, topic, 100);
  assert.deepEqual(messages.map(({ value }) => value.toString()), numbered(100).map(({ value }) => value));
});

check("headers, null keys, null and empty values and timestamps come back as sent", async (started) => {
  const topic = unique("shapes");
  const timestamp = String(Date.now() - 60_000);
  await producerOf(started, topic, [
    { key: null, value: "no key", timestamp },
    { key: "tombstone", value: null },
    { key: "", value: "" },
    { key: "headers", value: "x", headers: { one: "1", many: ["a", "b"], bytes: Buffer.from([0, 255]) } },
  ]);
  const [noKey, tombstone, empty, headers] = await readAll(started, topic, 4);
  assert.equal(noKey.key, null);
  assert.equal(noKey.timestamp, timestamp);
  assert.equal(tombstone.value, null);
  assert.deepEqual([empty.key.length, empty.value.length], [0, 0]);
  assert.equal(headers.headers.one.toString(), "1");
  assert.deepEqual(headers.headers.many.map(String), ["a", "b"]);
  assert.deepEqual([...headers.headers.bytes], [0, 255]);
});

check("one batch of messages reaches several topics and partitions", async (started) => {
  const admin = await connectedAdmin(started);
  const topics = [unique("several-a"), unique("several-b")];
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 3 })), waitForLeaders: true });
  const producer = await producerOf(started);
  const messages = [0, 1, 2].map((partition) => ({ partition, value: `to ${partition}` }));
  const answers = await producer.sendBatch({ topicMessages: topics.map((topic) => ({ topic, messages })) });
  assert.equal(answers.length, 6);
  for (const topic of topics) {
    const read = await readAll(started, topic, 3);
    assert.deepEqual(read.map(({ partition, value }) => `${partition} ${value}`).sort(), ["0 to 0", "1 to 1", "2 to 2"]);
  }
});

check("a batch over max.message.bytes is refused as too large", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = unique("too-large");
  const configEntries = [{ name: "max.message.bytes", value: "1000" }];
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
  const producer = await producerOf(started, topic, [{ value: "small" }], { retry: { retries: 0 } });
  const large = producer.send({ topic, messages: [{ value: "x".repeat(2000) }] });
  await assert.rejects(large, ({ type, cause }) => (type ?? cause?.type) === "MESSAGE_TOO_LARGE");
});

check("a consumer that seeks gets that offset next", async (started) => {
  const topic = unique("seek");
  await producerOf(started, topic, numbered(10));
  const consumer = await started.client(kafka.consumer({ groupId: unique("seek") }));
  await consumer.subscribe({ topic, fromBeginning: true });
  const first = new Promise((resolve) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(message.offset) });
  });
  consumer.seek({ topic, partition: 0, offset: "7" });
  assert.equal(await first, "7");
});

check("a transaction's messages are read when it commits, not when it aborts", async (started) => {
  const topic = unique("transaction");
  await producerOf(started, topic, [{ value: "before" }]);
  const options = { transactionalId: topic, idempotent: true, maxInFlightRequests: 1 };
  const producer = await producerOf(started, topic, [], options);
  const committed = await producer.transaction();
  await committed.send({ topic, messages: [{ value: "committed" }] });
  await committed.commit();
  const aborted = await producer.transaction();
  await aborted.send({ topic, messages: [{ value: "aborted" }] });
  await aborted.abort();
  await producer.send({ topic, messages: [{ value: "after" }] });
  const messages = await readAll(started, topic, 3);
  assert.deepEqual(messages.map(({ value }) => value.toString()), ["before", "committed", "after"]);
}, { unlessRefusedAs: "KafkaJSGroupCoordinatorNotFound" });
