// The programs of the first lesson, as their users wrote them: see ../programs.
const assert = require("node:assert/strict");
const path = require("node:path");
const { check, eventually, takingTurns } = require("../../harness/harness");
const { connectedAdmin, forget, partitionsByMember, producerOf } = require("../clients");

// Two checks run the riders' programs, whose topic has one name.
const onRiderUpdates = takingTurns();

const program = (name) => path.join(__dirname, "..", "programs", name);

check("two groups each get every rider update, north on partition 0", onRiderUpdates(async (started) => {
  const admin = await connectedAdmin(started);
  const groups = ["user-1", "user-2"];
  await forget(admin, { topics: ["rider-updates"], groups });

  const created = await started.program(program("rider/admin.js")).finish();
  assert.deepEqual(created, ["admin connected", "topic rider-updates created"]);
  const { topics } = await admin.fetchTopicMetadata({ topics: ["rider-updates"] });
  assert.equal(topics[0].partitions.length, 2);

  const consumers = groups.map((group) => started.program(program("rider/consumer.js"), group));
  const updates = ["tony south", "bill north", "tony north", "bill south"];
  await started.program(program("rider/producer.js")).finish(...updates);

  for (const [index, group] of groups.entries()) {
    const prefix = `${group}: [rider-updates]: `;
    const printed = () => consumers[index].printed(prefix);
    await eventually(`${group} has every update`, () => printed().length >= updates.length);
    assert.equal(printed().length, updates.length);
    const of = (partition) => consumers[index].printed(`${prefix}PART:${partition}: `);
    assert.deepEqual(of(0), [
      `${prefix}PART:0: {"name":"bill","location":"north"}`,
      `${prefix}PART:0: {"name":"tony","location":"north"}`,
    ]);
    assert.deepEqual(of(1), [
      `${prefix}PART:1: {"name":"tony","location":"south"}`,
      `${prefix}PART:1: {"name":"bill","location":"south"}`,
    ]);
  }
}));

check("three payment consumers share three partitions; a stopped one's is taken over", async (started) => {
  const admin = await connectedAdmin(started);
  const group = "my-app3";
  await forget(admin, { topics: ["payment-done"], groups: [group] });
  await started.program(program("payment/admin.js")).finish();

  const consumers = [1, 2, 3].map(() => started.program(program("payment/consumer.js"), group));
  await eventually("three members hold one partition each", async () => {
    const members = await partitionsByMember(admin, group, "payment-done");
    return members.length === 3 && members.every((partitions) => partitions.length === 1);
  });

  const amounts = Array.from({ length: 20 }, (_, index) => String(index));
  await started.program(program("payment/producer.js"), "user1").finish(...amounts);
  const payments = (members = consumers) => members.flatMap((consumer) => consumer.printed(`${group}: `));
  await eventually("every payment was printed", () => payments().length >= amounts.length);
  const [, partition] = payments()[0].match(/PART:(\d):/);
  const payment = (amount) => `${group}: [payment-done]: PART:${partition}: {"user":"user1","amount":${amount}}`;
  assert.deepEqual(payments(), amounts.map(payment));

  const owner = consumers.find((consumer) => payments([consumer]).length > 0);
  const heirs = consumers.filter((consumer) => consumer !== owner);
  await owner.interrupt();
  await eventually("two members hold all three partitions", async () => {
    const members = await partitionsByMember(admin, group, "payment-done");
    return members.length === 2 && members.flat().length === 3;
  });
  await started.program(program("payment/producer.js"), "user1").finish("99");
  await eventually("an heir prints the next payment", () => payments(heirs).length > 0);
  assert.deepEqual(payments(heirs), [payment(99)], "nothing that its owner had committed is read again");
});

check(
  "a consumer that subscribes before its topic exists gets what comes later",
  onRiderUpdates(async (started) => {
    const admin = await connectedAdmin(started);
    await forget(admin, { topics: ["rider-updates"], groups: ["early"] });
    const early = started.program(program("rider/consumer.js"), "early");
    await eventually("the early consumer is a member", async () => {
      const { groups } = await admin.describeGroups(["early"]);
      return groups[0].members.length === 1;
    });
    await producerOf(started, "rider-updates", [{ key: "location-update", value: "late" }]);
    await eventually("the early consumer prints it", () =>
      early.lines.includes("early: [rider-updates]: PART:0: late"),
    );
  }),
  { kfOnly: "Apache Kafka creates the topic too late for kafkajs" },
);
