/**
 * A program that uses the built package: makes the calls it is told to, and prints which optional packages it has loaded
 * after each.
 */
const { OpenAI } = require("../../cjs/index.cjs");

const [, , baseURL, ...calls] = process.argv;
const events = [];
const tracker = {
  capture: (event) => void events.push(event),
  flush: async () => undefined,
  shutdown: async () => undefined,
  metrics: () => ({}),
};
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const client = new OpenAI({ apiKey: "sk-x", baseURL, tracker, logger, customerId: "a", maxRetries: 0 });
const body = { model: "gpt-4o", messages: [{ role: "user", content: "What is a canary?" }] };

const programs = {
  whole: () => client.chat.completions.create(body),
  stream: async () => {
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
      if (chunk === null) return;
  },
  cut: async () => {
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
      if (chunk.choices[0].delta.content) break;
    }
  },
};

function loaded() {
  const names = Object.keys(require.cache).map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return [...new Set(names)].filter(
    (name) => ["gpt-tokenizer", "prom-client"].includes(name) || name?.startsWith("@opentelemetry/"),
  );
}

void (async () => {
  const seen = [];
  for (const call of calls) {
    const before = events.length;
    await programs[call]();
    while (events.length === before) await new Promise(setImmediate);
    seen.push({ call, source: events.at(-1).usage.source, loaded: loaded() });
  }
  process.stdout.write(JSON.stringify(seen));
})();
