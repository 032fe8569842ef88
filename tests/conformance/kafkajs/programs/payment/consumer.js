// Prints the payments that fall to this member of the group that is named as its argument. Ctrl-C leaves the group.
const { kafka } = require("./client");

const group = process.argv[2];
const consumer = kafka.consumer({ groupId: group });

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topic: "payment-done", fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      console.log(`${group}: [${topic}]: PART:${partition}: ${message.value}`);
    },
  });
}

process.once("SIGINT", async () => {
  await consumer.disconnect();
  process.exit(0);
});

main();
