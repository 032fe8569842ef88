// Creates the topic rider-updates: partition 0 for the north, 1 for everywhere else.
const { kafka } = require("./client");

async function main() {
  const admin = kafka.admin();
  await admin.connect();
  console.log("admin connected");

  await admin.createTopics({ topics: [{ topic: "rider-updates", numPartitions: 2 }] });
  console.log("topic rider-updates created");

  await admin.disconnect();
}

main();
