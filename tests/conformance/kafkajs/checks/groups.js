const assert = require("node:assert/strict");
const { check, eventually, unique } = require("../../harness/harness");
const { connectedAdmin, member, partitionsByMember, producerOf } = require("../clients");

/** A topic of so many partitions, under a name of its own. */
async function createTopic(admin, name, numPartitions) {
  const topic = unique(name);
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  return topic;
}

const sizes = (members) => members.map((partitions) => partitions.length).sort();

const untilShared = (admin, group, topic, expected) =>
  eventually(`${group} shares its partitions as ${expected}`, async () => {
    const members = await partitionsByMember(admin, group, topic);
    return String(sizes(members)) === String(expected);
  });

check("a member beyond the number of partitions idles, then takes over", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = await createTopic(admin, "crowded", 2);
  const group = unique("crowded");
  const members = await Promise.all([1, 2, 3].map(() => member(started, { group, topic, heartbeatInterval: 500 })));
  await untilShared(admin, group, topic, [0, 1, 1]);

  const messages = [0, 1].map((partition) => ({ partition, value: `to ${partition}` }));
  const producer = await producerOf(started, topic, messages);
  await eventually("both messages were read", () => members.flatMap(({ received }) => received).length === 2);
  const idle = members.find(({ received }) => received.length === 0);
  await members.find((other) => other !== idle).consumer.disconnect();
  await untilShared(admin, group, topic, [1, 1]);

  await producer.send({ topic, messages });
  await eventually("the idle member reads now", () => idle.received.length === 1);
});

check("a member that falls silent loses its partitions when its session ends", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = await createTopic(admin, "silent", 2);
  const group = unique("silent");
  const silent = started.program(require.resolve("../programs/short-session"), group, topic);
  await untilShared(admin, group, topic, [2]);
  await member(started, { group, topic, sessionTimeout: 6000, heartbeatInterval: 500 });
  await untilShared(admin, group, topic, [1, 1]);
  await silent.kill();
  await untilShared(admin, group, topic, [2]);
});

check("a group goes on where it had committed", async (started) => {
  const topic = unique("resumed");
  const group = unique("resumed");
  const producer = await producerOf(started, topic, [{ value: "a" }, { value: "b" }]);
  const first = await member(started, { group, topic });
  await eventually("the first member has both", () => first.received.length === 2);
  await first.consumer.disconnect();
  await producer.send({ topic, messages: [{ value: "c" }] });
  const second = await member(started, { group, topic });
  await eventually("the second member has the rest", () => second.received.length > 0);
  assert.deepEqual(second.values(), ["c"]);
});

check("a new group that does not start at the beginning gets only what is new", async (started) => {
  const admin = await connectedAdmin(started);
  const topic = unique("latest");
  const group = unique("latest");
  const producer = await producerOf(started, topic, [{ value: "old" }]);
  const { received, values } = await member(started, { group, topic, fromBeginning: false });
  await untilShared(admin, group, topic, [1]);
  await eventually("a new message arrives", async () => {
    await producer.send({ topic, messages: [{ value: "new" }] });
    return received.length > 0;
  });
  assert.ok(!values().includes("old"));
});

check("a group of two topics assigns the partitions of both", async (started) => {
  const admin = await connectedAdmin(started);
  const topics = [await createTopic(admin, "pair-a", 2), await createTopic(admin, "pair-b", 2)];
  const group = unique("pair");
  const { consumer, received } = await member(started, { group, topic: new RegExp(`^pair-.*${unique("")}$`) });
  for (const topic of topics) {
    await producerOf(started, topic, [0, 1].map((partition) => ({ partition, value: topic })));
  }
  await eventually("all four partitions were read", () => received.length === 4);
  const { members } = await consumer.describeGroup();
  assert.equal(members.length, 1);
});
