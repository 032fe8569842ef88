// What the JavaScript checks share: they are registered by name, run a few at a time, and each prints one line.
const { execFile, spawn } = require("node:child_process");
const path = require("node:path");
const readline = require("node:readline");
const { promisify } = require("node:util");

const CHECKS_AT_ONCE = 4;
const CHECK_SECONDS = 120;
const WAIT_SECONDS = 60;
const POLL_MS = 50;

const bootstrap = process.env.KAFKA_BOOTSTRAP_SERVERS;
const run = process.env.CONFORMANCE_RUN;
const registered = [];

/**
 * Registers a check. `kfOnly` says why Apache Kafka fails it: there, it is skipped for that reason. `unlessRefusedAs`
 * names the client's error for an API that the broker does not offer: a check that ends so is skipped.
 */
function check(promise, body, { kfOnly, unlessRefusedAs } = {}) {
  registered.push({ promise, body, kfOnly, unlessRefusedAs });
}

/** Makes checks that use the same names on the broker run one after the other. */
function takingTurns() {
  let last = Promise.resolve();
  return (body) => (started) => (last = last.catch(() => {}).then(() => body(started)));
}

/** Runs what was registered and tells whether all of it held. */
async function runChecks() {
  const waiting = [...registered];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await runOne(next);
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker));
}

async function runOne({ promise, body, kfOnly, unlessRefusedAs }) {
  if (kfOnly && process.env.CONFORMANCE_BROKER !== "kf") {
    console.log(`skip ${promise}: ${kfOnly}`);
    return;
  }
  const started = new Started();
  try {
    await within(CHECK_SECONDS, promise, body(started));
    console.log(`ok ${promise}`);
  } catch (error) {
    const verdict = error.name === unlessRefusedAs ? "skip" : "not ok";
    console.log(`${verdict} ${promise}: ${oneLine(error)}`);
  } finally {
    await started.stopAll();
  }
}

/** What went wrong, and the line of the check that noticed. */
function oneLine(error) {
  const [, where] = /(checks\/[^)]*)/.exec(error.stack) ?? [];
  return `${error.message} (${where ?? "no line"})`.replaceAll(/\s+/g, " ");
}

async function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `probe` again and again until it answers something true, and returns that. */
async function eventually(what, probe, seconds = WAIT_SECONDS) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Everything that a check has set going; it is stopped when the check ends, in whatever way. */
class Started {
  #stops = [];

  /** A program of its own process, as its user would start it. */
  program(file, ...args) {
    const program = new Program(file, args);
    this.#stops.push(() => program.kill());
    return program;
  }

  /** A client with `connect` and `disconnect`, connected. */
  async client(client) {
    this.#stops.push(() => client.disconnect());
    await client.connect();
    return client;
  }

  async stopAll() {
    await Promise.allSettled(this.#stops.map((stop) => within(WAIT_SECONDS, "stop", stop())));
  }
}

/** A running JavaScript program and the lines that it has printed. */
class Program {
  lines = [];

  constructor(file, args) {
    this.process = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    this.exited = new Promise((resolve) => this.process.once("close", (code) => resolve(code)));
    readline.createInterface({ input: this.process.stdout }).on("line", (line) => this.lines.push(line));
    this.errors = "";
    this.process.stderr.on("data", (data) => (this.errors += data));
  }

  /** Gives it all of its input, waits for its end, and fails unless it ended well. */
  async finish(...input) {
    this.process.stdin.end(input.map((line) => `${line}\n`).join(""));
    const code = await this.exited;
    if (code !== 0) throw new Error(`${this.process.spawnargs.join(" ")} ended with ${code}: ${this.errors}`);
    return this.lines;
  }

  /** The lines that begin so: its own output, without what its client logs there too. */
  printed(prefix) {
    return this.lines.filter((line) => line.startsWith(prefix));
  }

  /** Ctrl-C. */
  async interrupt() {
    this.process.kill("SIGINT");
    await this.exited;
  }

  async kill() {
    this.process.kill("SIGKILL");
    await this.exited;
  }
}

/** A name that no other run and no other check uses. */
function unique(name) {
  return `${name}-${run}`;
}

/** The codec of the first batch of a partition, as the broker serves it. */
async function codecOf(topic, partition) {
  const codec = path.join(__dirname, "codec");
  const { stdout } = await promisify(execFile)(codec, [bootstrap, topic, String(partition)]);
  return stdout.trim();
}

module.exports = { bootstrap, check, codecOf, eventually, runChecks, takingTurns, unique };
