// Prints every rider update for the group that is named as its argument. Ctrl-C ends it without a goodbye.
const { kafka } = require("./client");

const group = process.argv[2];

async function main() {
  const consumer = kafka.consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topics: ["rider-updates"], fromBeginning: true });

  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      console.log(`${group}: [${topic}]: PART:${partition}: ${message.value.toString()}`);
    },
  });
}

main();
