// Sends one payment per line of stdin, keyed by the user whose name is its argument.
const readline = require("node:readline");
const { kafka } = require("./client");

const user = process.argv[2];

async function main() {
  const producer = kafka.producer();
  await producer.connect();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await producer.send({
      topic: "payment-done",
      messages: [{ key: user, value: JSON.stringify({ user, amount: Number(line) }) }],
    });
  }
  await producer.disconnect();
}

main();
