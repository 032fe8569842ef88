const { Kafka } = require("kafkajs");

exports.kafka = new Kafka({
  clientId: "rider-app",
  brokers: [process.env.KAFKA_BOOTSTRAP_SERVERS ?? "localhost:9092"],
});
