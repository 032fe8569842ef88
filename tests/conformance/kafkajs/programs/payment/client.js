const { Kafka } = require("kafkajs");

exports.kafka = new Kafka({
  clientId: "payment-app",
  brokers: [process.env.KAFKA_BOOTSTRAP_SERVERS ?? "localhost:9092"],
});
