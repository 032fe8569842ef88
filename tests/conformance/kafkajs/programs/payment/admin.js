// Creates the topic payment-done with three partitions.
const { kafka } = require("./client");

async function main() {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic: "payment-done", numPartitions: 3, replicationFactor: 1 }],
  });
  await admin.disconnect();
}

main();
