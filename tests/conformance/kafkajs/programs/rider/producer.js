// Reads lines such as "tony south" and sends each as a rider's new location.
const readline = require("node:readline");
const { kafka } = require("./client");

async function main() {
  const producer = kafka.producer();
  await producer.connect();

  const lines = readline.createInterface({ input: process.stdin, output: process.stdout });
  lines.setPrompt("> ");
  lines.prompt();

  for await (const line of lines) {
    const [name, location] = line.split(" ");
    await producer.send({
      topic: "rider-updates",
      messages: [
        {
          partition: location.toLowerCase() === "north" ? 0 : 1,
          key: "location-update",
          value: JSON.stringify({ name, location }),
        },
      ],
    });
    lines.prompt();
  }

  await producer.disconnect();
}

main();
