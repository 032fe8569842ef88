const assert = require("node:assert/strict");
const { ConfigResourceTypes } = require("kafkajs");
const { check, eventually, unique } = require("../../harness/harness");
const { connectedAdmin, kafka, member, producerOf } = require("../clients");

const TOPIC = ConfigResourceTypes.TOPIC;

/** An admin client and a topic of its own with `count` messages on partition 0. */
async function adminAndTopic(started, name, { numPartitions = 1, count = 0 } = {}) {
  const admin = await connectedAdmin(started);
  const topic = unique(name);
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  const messages = Array.from({ length: count }, (_, index) => ({ partition: 0, value: String(index) }));
  await producerOf(started, topic, messages);
  return { admin, topic };
}

/** A group that has read and committed the whole topic, and has no members any more. */
async function emptyGroup(started, topic, count) {
  const group = `${topic}-group`;
  const { consumer, received } = await member(started, { group, topic });
  await eventually(`${group} has read ${topic}`, () => received.length >= count);
  await consumer.disconnect();
  return group;
}

async function describeConfig(admin, topic, name) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ type: TOPIC, name: topic, configNames: [name] }],
  });
  assert.equal(resources[0].configEntries.length, 1);
  return resources[0].configEntries[0];
}

check("a topic is created once, with the partitions and configs that were asked for", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = unique("created");
  const configEntries = [{ name: "retention.ms", value: "86400000" }];
  const topics = [{ topic, numPartitions: 4, replicationFactor: 1, configEntries }];
  assert.equal(await admin.createTopics({ topics }), true);
  assert.equal(await admin.createTopics({ topics }), false);
  assert.ok((await admin.listTopics()).includes(topic));
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = metadata.topics[0].partitions;
  assert.deepEqual(partitions.map(({ partitionId }) => partitionId).sort(), [0, 1, 2, 3]);
  assert.deepEqual(partitions[0].isr, partitions[0].replicas);
  assert.equal((await describeConfig(admin, topic, "retention.ms")).configValue, "86400000");
});

check("a topic gets the broker's partition count and replication factor when none is given", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = unique("by-default");
  assert.equal(await admin.createTopics({ topics: [{ topic }], waitForLeaders: true }), true);
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  assert.equal(topics[0].partitions.length, 1);
  assert.equal(topics[0].partitions[0].replicas.length, 1);
});

check("a topic that is only validated is not created", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = unique("validated");
  const topics = [{ topic, numPartitions: 1 }];
  await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics });
  assert.ok(!(await admin.listTopics()).includes(topic));
});

check("impossible topics are refused with Kafka's errors", async (started) => {
  const admin = await connectedAdmin(started);
  const refusal = async (topic) => {
    const error = await admin.createTopics({ topics: [topic] }).then(
      () => assert.fail("was created"),
      (failure) => failure,
    );
    return error.errors?.[0]?.type ?? error.type;
  };
  assert.equal(await refusal({ topic: "no/slash" }), "INVALID_TOPIC_EXCEPTION");
  assert.equal(await refusal({ topic: "x".repeat(250) }), "INVALID_TOPIC_EXCEPTION");
  assert.equal(await refusal({ topic: unique("none"), numPartitions: 0 }), "INVALID_PARTITIONS");
  assert.equal(await refusal({ topic: unique("nine"), replicationFactor: 9 }), "INVALID_REPLICATION_FACTOR");
  const configEntries = [{ name: "no.such.config", value: "1" }];
  assert.equal(await refusal({ topic: unique("config"), configEntries }), "INVALID_CONFIG");
});

check("partitions are added, never removed", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "grown");
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  await eventually("three partitions are there", async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0].partitions.length === 3;
  });
  await assert.rejects(admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }), {
    type: "INVALID_PARTITIONS",
  });
});

check("a deleted topic has gone", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "deleted");
  await admin.deleteTopics({ topics: [topic] });
  await eventually("the topic is not listed", async () => !(await admin.listTopics()).includes(topic));
  const impatient = await started.client(kafka.admin({ retry: { retries: 0 } }));
  const again = impatient.deleteTopics({ topics: [topic] });
  await assert.rejects(again, ({ cause }) => cause.type === "UNKNOWN_TOPIC_OR_PARTITION");
});

check("configs are described with their source and altered as a whole", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "configured");
  const before = await describeConfig(admin, topic, "cleanup.policy");
  assert.equal(before.configValue, "delete");
  assert.equal(before.isDefault, true);

  const alter = (...configEntries) =>
    admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC, name: topic, configEntries }] });
  await alter({ name: "cleanup.policy", value: "compact" });
  const after = await eventually("the change is described", async () => {
    const entry = await describeConfig(admin, topic, "cleanup.policy");
    return entry.configValue === "compact" && entry;
  });
  assert.equal(after.isDefault, false);

  await alter({ name: "retention.ms", value: "1000" });
  await eventually("what is not named falls back to its default", async () => {
    const entry = await describeConfig(admin, topic, "cleanup.policy");
    return entry.configValue === "delete";
  });
  await assert.rejects(alter({ name: "retention.ms", value: "soon" }), { type: "INVALID_CONFIG" });
});

check("deleted records raise the low watermark", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "trimmed", { count: 5 });
  const watermarks = async () => {
    const [{ low, high }] = await admin.fetchTopicOffsets(topic);
    return { low, high };
  };
  assert.deepEqual(await watermarks(), { low: "0", high: "5" });
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "3" }] });
  assert.deepEqual(await watermarks(), { low: "3", high: "5" });
});

check("offsets are found by timestamp", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "by-timestamp");
  const start = Date.now() - 100_000;
  const messages = [0, 1, 2].map((index) => ({ value: "x", timestamp: String(start + index * 1000) }));
  await producerOf(started, topic, messages);
  const offsetAt = async (timestamp) => (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))[0].offset;
  assert.equal(await offsetAt(start - 5000), "0");
  assert.equal(await offsetAt(start + 1000), "1");
  assert.equal(await offsetAt(start + 1001), "2");
  assert.equal(await offsetAt(start + 5000), "3");
});

check("a group's offsets are fetched, set and reset", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "offsets", { count: 4 });
  const groupId = await emptyGroup(started, topic, 4);
  const committed = async (options) => {
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic], ...options });
    return partitions.map(({ offset }) => offset);
  };
  assert.deepEqual(await committed(), ["4"]);
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "2" }] });
  assert.deepEqual(await committed(), ["2"]);
  // kafkajs resets by committing the placeholder -2 or -1, which it resolves when it is read again.
  await admin.resetOffsets({ groupId, topic, earliest: true });
  assert.deepEqual(await committed(), ["-2"]);
  assert.deepEqual(await committed({ resolveOffsets: true }), ["0"]);
});

check("a group that never committed has offset -1", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "uncommitted");
  const [{ partitions }] = await admin.fetchOffsets({ groupId: unique("uncommitted"), topics: [topic] });
  assert.deepEqual(partitions.map(({ offset }) => offset), ["-1"]);
});

check("a group is listed, described and deleted, but not while it has members", async (started) => {
  const { admin, topic } = await adminAndTopic(started, "group-life", { count: 1 });
  const groupId = unique("group-life");
  const { consumer, received } = await member(started, { group: groupId, topic });
  await eventually("the member reads", () => received.length === 1);
  const listed = (await admin.listGroups()).groups.find((group) => group.groupId === groupId);
  assert.equal(listed.protocolType, "consumer");
  const { groups } = await admin.describeGroups([groupId]);
  assert.equal(groups[0].state, "Stable");
  assert.equal(groups[0].protocol, "RoundRobinAssigner");
  assert.equal(groups[0].members.length, 1);

  const deletion = async () => {
    const failure = await admin.deleteGroups([groupId]).catch((error) => error);
    return failure.groups?.[0].error?.type ?? "deleted";
  };
  assert.equal(await deletion(), "NON_EMPTY_GROUP");
  await consumer.disconnect();
  assert.equal(await deletion(), "deleted");
  assert.equal(await deletion(), "GROUP_ID_NOT_FOUND");
});

check("the cluster names its brokers, its controller and its id", async (started) => {
  const admin = await connectedAdmin(started);
  const { brokers, controller, clusterId } = await admin.describeCluster();
  assert.ok(brokers.some(({ nodeId }) => nodeId === controller));
  assert.ok(clusterId.length > 0);
  assert.equal(`${brokers[0].host}:${brokers[0].port}`, process.env.KAFKA_BOOTSTRAP_SERVERS);
});

check("a broker's configs can be described", async (started) => {
  const admin = await connectedAdmin(started);
  const { controller } = await admin.describeCluster();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.BROKER, name: String(controller) }],
  });
  const names = resources[0].configEntries.map(({ configName }) => configName);
  assert.ok(names.includes("num.partitions") && names.includes("log.retention.ms"));
});

check("a topic that nobody created appears when it is written to", async (started) => {
  const topic = unique("auto");
  await producerOf(started, topic, [{ value: "first" }]);
  const admin = await connectedAdmin(started);
  assert.ok((await admin.listTopics()).includes(topic));
});
