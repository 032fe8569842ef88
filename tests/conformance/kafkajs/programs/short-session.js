// A member of GROUP that reads TOPIC with the shortest session that brokers allow: `short-session.js GROUP TOPIC`.
const { Kafka } = require("kafkajs");

const [, , group, topic] = process.argv;
const kafka = new Kafka({ brokers: [process.env.KAFKA_BOOTSTRAP_SERVERS] });

async function main() {
  const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: 500 });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ eachMessage: async () => {} });
}

main();
