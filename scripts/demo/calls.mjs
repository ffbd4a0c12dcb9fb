// What a product with three customers does in a minute: the calls of the demo, through the built `cmdrdata-openai`.
// This is what you would write yourself; `customer_id` is the only addition to the official client's calls.
import { customerContext, TrackedOpenAI } from "cmdrdata-openai";

/**
 * @typedef {object} Connection
 * @property {string} apiKey
 * @property {string | undefined} baseURL the emulator's, or undefined for the real API
 * @property {string | undefined} detailedURL serves cached and reasoning tokens; undefined for the real API
 * @property {string} trackerKey
 * @property {string} trackerEndpoint
 */

/**
 * Makes all calls, a few at a time, and delivers what they used.
 * @param {Connection} connection
 * @param {(done: number, total: number) => void} onProgress
 * @returns {Promise<import("cmdrdata-openai").TrackerMetrics>} the tracker's own numbers at the end
 */
export async function makeCalls(connection, onProgress) {
  const client = new TrackedOpenAI({
    apiKey: connection.apiKey,
    baseURL: connection.baseURL,
    trackerKey: connection.trackerKey,
    trackerEndpoint: connection.trackerEndpoint,
    // The emulator is on this machine, where usage in streams is asked for only on request.
    includeUsage: "always",
  });
  const calls = allCalls(client, connection.detailedURL);
  const total = calls.length;
  let done = 0;
  const next = async () => {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      await call();
      done += 1;
      onProgress(done, total);
    }
  };
  await Promise.all([next(), next(), next(), next()]);
  await client.tracker.flush();
  const metrics = client.tracker.metrics();
  await client.tracker.shutdown();
  return metrics;
}

/** @param {TrackedOpenAI} client @param {string | undefined} detailedURL */
function allCalls(client, detailedURL) {
  const reasoning = detailedURL === undefined ? client : client.withOptions({ baseURL: detailedURL });
  return [
    ...repeat(8, (n) => () => chat(client, "acme-corp", "gpt-4o", `Where is order ${1000 + n}?`)),
    ...repeat(
      5,
      (n) => () => streamedChat(client, "acme-corp", "gpt-4o-mini", `Summarise ticket ${n} in one sentence.`),
    ),
    ...repeat(6, (n) => () => streamedChat(client, "globex", "gpt-4o-mini", `Translate paragraph ${n} into French.`)),
    ...repeat(
      4,
      (n) => () =>
        client.embeddings.create({
          model: "text-embedding-3-small",
          input: [`Document ${n}`, "about pumps"],
          customer_id: "globex",
        }),
    ),
    // The customer can come from the context instead: everything inside is initech's.
    ...repeat(
      4,
      (n) => () =>
        customerContext("initech", () =>
          reasoning.responses.create({ model: "gpt-5-mini", input: `Should refund ${n} be approved?` }),
        ),
    ),
    ...repeat(3, (n) => () => streamedResponse(client, "initech", "gpt-4o", `Explain invoice ${n}.`)),
    // A call that fails is an event too, with the class of its error.
    () =>
      client.chat.completions
        .create({ model: "gpt-4o-retired", messages: [], customer_id: "globex" })
        .catch(() => undefined),
    // Nobody said whom these are for: they are counted as unattributed.
    ...repeat(2, (n) => () => chat(client, undefined, "gpt-4o-mini", `Nightly health check ${n}`)),
  ];
}

/** @param {TrackedOpenAI} client @param {string | undefined} customer @param {string} model @param {string} text */
async function chat(client, customer, model, text) {
  const messages = [{ role: /** @type {const} */ ("user"), content: text }];
  await client.chat.completions.create({
    model,
    messages,
    ...(customer === undefined ? {} : { customer_id: customer }),
  });
}

/** @param {TrackedOpenAI} client @param {string} customer @param {string} model @param {string} text */
async function streamedChat(client, customer, model, text) {
  const messages = [{ role: /** @type {const} */ ("user"), content: text }];
  const metadata = { feature: "assistant" };
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    customer_id: customer,
    custom_metadata: metadata,
  });
  for await (const chunk of stream) void chunk.choices[0]?.delta.content;
}

/** @param {TrackedOpenAI} client @param {string} customer @param {string} model @param {string} text */
async function streamedResponse(client, customer, model, text) {
  const stream = await client.responses.create({ model, input: text, stream: true, customer_id: customer });
  for await (const event of stream) void event.type;
}

/** @template T @param {number} count @param {(index: number) => T} make */
function repeat(count, make) {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
