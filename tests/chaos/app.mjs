// The user's program: makes calls on a tracked client, and beside each the same on a bare one, and checks what it gets.
// Its one argument is JSON (`Plan`); it says each call it has the result of, at the end how long they took.
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import { TrackedOpenAI } from "cmdrdata-openai";
import OpenAI from "openai";

import { customerOf, kindOf } from "./calls.mjs";

/**
 * @typedef {object} Plan
 * @property {string} baseURL of OpenAI
 * @property {string} endpoint of the collector
 * @property {string} key
 * @property {number} first number of the first call
 * @property {number} calls how many
 * @property {number} atOnce how many at a time
 * @property {number} pauseMs after each
 * @property {boolean} bare makes each call on a bare client too
 * @property {"shutdown" | "flush" | "end"} ending
 * @property {object} tracker options
 */

/** @type {Plan} */
const plan = JSON.parse(process.argv[2] ?? "{}");
const { baseURL, endpoint, key, first, calls, atOnce, pauseMs, tracker } = plan;
const openAI = { apiKey: "sk-chaos", baseURL, maxRetries: 0, logLevel: /** @type {const} */ ("off") };
const tracked = new TrackedOpenAI({
  ...openAI,
  trackerKey: key,
  trackerEndpoint: endpoint,
  includeUsage: "always",
  tracker,
});
const bare = new OpenAI(openAI);

/** @param {object} line */
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

/** Makes one call. @returns {Promise<string>} what came, as one text */
async function result(/** @type {OpenAI} */ client, /** @type {number} */ call, /** @type {object} */ fields) {
  const kind = kindOf(call);
  const messages = [{ role: "user", content: `${kind === "refused" ? "refuse" : "say"} ${call}` }];
  const body = /** @type {any} */ ({ model: "gpt-4o", messages, ...fields });
  try {
    if (kind !== "streamed") return (await client.chat.completions.create(body)).choices[0]?.message.content ?? "";
    let text = "";
    const asked = /** @type {import("openai/resources").ChatCompletionCreateParamsStreaming} */ (body);
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
      if ("usage" in chunk && fields !== bareFields) text += "(usage shown)";
    }
    return text;
  } catch (error) {
    return error instanceof OpenAI.APIError ? `${error.constructor.name} ${error.status} ${error.code}` : String(error);
  }
}

// The fake OpenAI answers with usage whatever it is asked for: what a bare client shows of it is no difference.
const bareFields = {};
/** @type {number[]} */
const bareMs = [];
/** @type {number[]} */
const trackedMs = [];

/** @param {number} call */
async function make(call) {
  const expected = kindOf(call) === "refused" ? "BadRequestError 400 refused" : `echo ${call}`;
  const clients = /** @type {const} */ ([
    [tracked, { customer_id: customerOf(call) }, trackedMs],
    [bare, bareFields, bareMs],
  ]);
  for (const [client, fields, took] of call % 2 === 0 ? clients : clients.toReversed()) {
    if (client === bare && !plan.bare) continue;
    const startedAt = performance.now();
    const came = await result(client, call, fields);
    took.push(performance.now() - startedAt);
    if (client === tracked) say({ call });
    if (came !== expected) say({ wrong: { call, expected, came } });
  }
}

let next = first;
async function worker() {
  while (next < first + calls) {
    await make(next++);
    if (pauseMs > 0) await setTimeout(pauseMs);
  }
}
await Promise.all(Array.from({ length: atOnce }, worker));
if (plan.ending === "shutdown") await tracked.tracker.shutdown();
if (plan.ending === "flush") await tracked.tracker.flush();
say({ metrics: tracked.tracker.metrics(), bareMs, trackedMs });
