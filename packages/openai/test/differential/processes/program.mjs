// A whole program in a process of its own, on the bare or the tracked client: what it prints, and how it ends.
// Arguments: the folder whose packages are taken, "bare" or "tracked", what to do, the API's base URL, the collector's URL.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder = "", kind, scenario = "", baseURL, trackerEndpoint] = process.argv.slice(2);

/** @param {string} file @param {string} from @returns {string} */
function find(file, from = folder) {
  const path = join(from, "node_modules", file);
  if (existsSync(path)) return pathToFileURL(path).href;
  if (dirname(from) === from) throw new Error(`${file} is not there`);
  return find(file, dirname(from));
}

const sdk = await import(find("openai/index.mjs"));
const { OpenAI } = kind === "bare" ? sdk : await import(find("cmdrdata-openai/dist/esm/index.js"));
const tracking = kind === "bare" ? {} : { trackerKey: `tk-${"a".repeat(30)}`, trackerEndpoint, customerId: "acme" };
const options = { apiKey: "sk-test-0123456789", baseURL, maxRetries: 0, ...tracking };
const client = new OpenAI(options);
const question = { model: "gpt-4o", messages: [{ role: "user", content: "What is a canary?" }] };
const say = (/** @type {unknown} */ ...words) => process.stdout.write(`${JSON.stringify(words)}\n`);
const chunks = async (/** @type {AsyncIterable<{ id: string }>} */ stream) => {
  const ids = [];
  for await (const { id } of stream) ids.push(id);
  return ids;
};

/** @type {Record<string, () => unknown>} */
const scenarios = {
  async "ends by itself"() {
    say((await client.chat.completions.create(question)).id);
    say(await chunks(await client.chat.completions.create({ ...question, stream: true })));
    await client.tracker?.flush();
  },
  async "ends by itself without a flush"() {
    say((await client.chat.completions.create(question)).id);
  },
  async "leaves a promise, a response and a stream behind"() {
    void client.chat.completions.create(question);
    say((await client.chat.completions.create(question).asResponse()).status);
    const stream = await client.chat.completions.create({ ...question, stream: true });
    stream.controller.abort();
  },
  async "keeps its exit code"() {
    process.exitCode = 3;
    say((await client.chat.completions.create(question)).id);
  },
  async "exits at once"() {
    say((await client.chat.completions.create(question)).id);
    process.exit(4);
  },
  async throws() {
    await client.chat.completions.create(question);
    setImmediate(() => {
      throw new Error("mine");
    });
  },
  async "leaves a failure unhandled"() {
    void client.post("/refused", { body: {} }).then(() => undefined);
  },
  async "listens for its own signals and rejections"() {
    process.on("unhandledRejection", (reason) => say("unhandled", reason instanceof sdk.APIError));
    void client.post("/refused", { body: {} }).then(() => undefined);
    await client.chat.completions.create(question);
  },
  async "is ended by a signal"() {
    const stream = await client.chat.completions.create({ ...question, stream: true });
    for await (const { id } of stream) say(id);
  },
  async "makes sixty clients"() {
    const clients = Array.from({ length: 60 }, () => new OpenAI(options));
    const made = await Promise.all(clients.map((each) => each.chat.completions.create(question)));
    say(made.length);
  },
};
await scenarios[scenario]?.();
