/** What an id of a job means, where it was given: its result is for whom that job was made, and counts once. */
import type { UsageEvent } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";
import { afterAll, beforeAll, expect, it } from "vitest";

import { OpenAI } from "../src/index.ts";
import { openAIState } from "../src/process-state.ts";
import { onlyEvent, recordingTracker, silent, useBench } from "./harness.ts";
import { jobs } from "./job-fixtures.ts";
import { json } from "./sample.ts";
import { type ScriptedOpenAI, startScriptedOpenAI } from "./scripted-openai.ts";

const makeBench = useBench();
const { open, ended } = jobs.batch;
const asked = { endpoint: "/v1/responses", input_file_id: "f", completion_window: "24h" } as const;
const results = (events: readonly UsageEvent[]) => events.filter(({ operation }) => operation === "batches.result");

let other: ScriptedOpenAI;
beforeAll(async () => {
  other = await startScriptedOpenAI();
});
afterAll(() => other.close());

it("is another job's on another server, made for another customer", async () => {
  const { tracked, tracker, server } = makeBench();
  const elsewhere = tracked.withOptions({ baseURL: other.baseURL });
  const later = { created_at: Number(open.created_at) + 1 };
  server.next.push(json(open), json(ended));
  other.next.push(json({ ...open, ...later }), json({ ...ended, ...later }));
  await tracked.batches.create({ ...asked, customer_id: "acme" });
  await elsewhere.batches.create({ ...asked, customer_id: "globex" });
  await tracked.batches.retrieve(open.id);
  await elsewhere.batches.retrieve(open.id);
  expect(results(tracker.events).map(({ customer_id }) => customer_id)).toEqual(["acme", "globex"]);
});

it.each([
  ["another customer", { customer_id: "globex" }, "globex"],
  ["nobody", {}, null],
])("is that of the job that had it last, as where a server counts anew: made for %s", async (_who, call, customer) => {
  const { tracked, tracker, server } = makeBench({ customerId: undefined });
  const later = { created_at: Number(open.created_at) + 1 };
  server.next.push(json(open), json(ended), json({ ...open, ...later }), json({ ...ended, ...later }));
  await tracked.batches.create({ ...asked, customer_id: "acme" });
  await tracked.batches.retrieve(open.id);
  await tracked.batches.create({ ...asked, ...call });
  await tracked.batches.retrieve(open.id);
  expect(results(tracker.events).map(({ customer_id }) => customer_id)).toEqual(["acme", customer]);
});

it("makes the same event wherever its end is seen, also of a job that tells only when it ended", async () => {
  const { tracked, server } = makeBench();
  const untold = json({ ...ended, created_at: null });
  server.next.push(untold, untold);
  const trackers = [recordingTracker(), recordingTracker()];
  for (const tracker of trackers) await tracked.withOptions({ tracker }).batches.retrieve(open.id);
  const [first, second] = trackers.map(onlyEvent);
  expect(first).toEqual(second);
});

it("is looked up in a store that takes its time for a tracker that is not ours", async () => {
  Reflect.deleteProperty(openAIState(), "attributions");
  const { server } = makeBench();
  const captured = new Promise<UsageEvent>((capture) => {
    const tracker = { capture, flush: async () => {}, shutdown: async () => {} } as unknown as Tracker;
    const attributionStore = { get: async () => ({ customer_id: "globex", metadata: {} }), set: () => {} };
    const options = { apiKey: "sk-x", baseURL: server.baseURL, logger: silent, tracker, attributionStore };
    server.next.push(json(ended));
    new OpenAI(options).batches.retrieve(open.id).catch(capture);
  });
  expect(await captured).toMatchObject({ operation: "batches.result", customer_id: "globex" });
});
