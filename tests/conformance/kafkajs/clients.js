// kafkajs clients of the broker under test, and what most checks ask of them.
const { AssignerProtocol, Kafka, logLevel } = require("kafkajs");
const { bootstrap, eventually } = require("../harness/harness");

const kafka = new Kafka({ clientId: "conformance", brokers: [bootstrap], logLevel: logLevel.NOTHING });

const connectedAdmin = (started) => started.client(kafka.admin());

/** A connected producer that has sent `messages` to `topic`, where there are any. */
async function producerOf(started, topic, messages = [], options = {}) {
  const producer = await started.client(kafka.producer(options));
  if (messages.length > 0) await producer.send({ topic, messages });
  return producer;
}

/** A member of `group` that reads `topic`, and what it has received so far. */
async function member(started, { group, topic, fromBeginning = true, ...options }) {
  const consumer = await started.client(kafka.consumer({ groupId: group, ...options }));
  const received = [];
  await consumer.subscribe({ topic, fromBeginning });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      received.push({ partition, ...message });
    },
  });
  return { consumer, received, values: () => received.map(({ value }) => value?.toString()) };
}

/** Every message of a topic, `count` of them, read by a group of its own. */
async function readAll(started, topic, count) {
  const { received } = await member(started, { group: `${topic}-reader`, topic });
  await eventually(`${count} messages of ${topic} were read`, () => received.length >= count);
  return received;
}

/** Which partitions of `topic` each member of `group` holds; empty while the group rebalances. */
async function partitionsByMember(admin, group, topic) {
  const { groups } = await admin.describeGroups([group]);
  if (groups[0].state !== "Stable") return [];
  return groups[0].members.map(
    ({ memberAssignment }) => AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [],
  );
}

/** Deletes what an earlier run has left of these names, and waits until it has gone. */
async function forget(admin, { topics, groups }) {
  await eventually("groups of an earlier run have gone", async () => {
    const listed = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    const left = groups.filter((group) => listed.includes(group));
    if (left.length > 0) await admin.deleteGroups(left).catch(() => {});
    return left.length === 0;
  });
  await eventually("topics of an earlier run have gone", async () => {
    const listed = await admin.listTopics();
    const left = topics.filter((topic) => listed.includes(topic));
    if (left.length > 0) await admin.deleteTopics({ topics: left }).catch(() => {});
    return left.length === 0;
  });
}

module.exports = { connectedAdmin, forget, kafka, member, partitionsByMember, producerOf, readAll };
