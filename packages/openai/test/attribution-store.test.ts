/** Whom a result is for: what was given when its job was made goes before all that is said when its end is seen. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";

import { parseBody, type UsageEvent } from "@cmdrdata/protocol";
import RealOpenAI from "openai";
import { describe, expect, it } from "vitest";

import { type AttributionRecord, type AttributionStore, customerContext, OpenAI, tracking } from "../src/index.ts";
import { openAIState } from "../src/process-state.ts";
import { realSystem, withTracking } from "../src/with-tracking.ts";
import { collect, onlyEvent, recordingTracker, silent, useBench } from "./harness.ts";
import { jobs, session } from "./job-fixtures.ts";
import { json } from "./sample.ts";

const makeBench = useBench();
const { open, ended } = jobs.batch;
const asked = { endpoint: "/v1/responses", input_file_id: "f", completion_window: "24h" } as const;

/** Clients that are made from here on know of no job that was made before, as in another process. */
const anotherProcess = (): boolean => Reflect.deleteProperty(openAIState(), "attributions");

function mapStore(): AttributionStore & { readonly records: Map<string, AttributionRecord> } {
  const records = new Map<string, AttributionRecord>();
  return { records, get: (id) => records.get(id), set: (id, record) => records.set(id, record) };
}

/** The same over something that takes its time, and keeps texts. */
function asyncStore(): AttributionStore {
  const texts = new Map<string, string>();
  const later = (): Promise<unknown> => new Promise(setImmediate);
  return {
    get: async (id) => later().then(() => JSON.parse(texts.get(id) ?? "null") as AttributionRecord | null),
    set: async (id, record) => later().then(() => texts.set(id, JSON.stringify(record))),
  };
}

describe("a result", () => {
  it.each([
    ["the call that made it", { customer_id: "maker" }, "maker"],
    ["the call that sees it, where the other named nobody", {}, "asker"],
    ["nobody, where what the call that made it named cannot be used", { customer_id: " " }, null],
  ])("is for the customer of %s", async (_who, fields, customer) => {
    anotherProcess();
    const { tracked, tracker, server } = makeBench({ customerId: undefined });
    server.next.push(json(open), json(ended));
    await tracked.batches.create({ ...asked, ...fields, custom_metadata: { by: "maker" } });
    await customerContext("context", () =>
      tracked.batches.retrieve(open.id, tracking({ customerId: "asker", metadata: { by: "asker" } })),
    );
    expect(tracker.events[1]).toMatchObject({ customer_id: customer, metadata: { by: "maker" } });
    expect(tracker.events[1]?.attribution_error === null).toBe(customer !== null);
  });

  it.each([
    ["the call", { customerId: "asker" }, "asker"],
    ["the context", {}, "context"],
  ])("of a job that nobody knows of is for the customer of %s that sees it", async (_who, call, customer) => {
    anotherProcess();
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(ended));
    await customerContext("context", () => tracked.batches.retrieve(open.id, tracking(call)));
    expect(onlyEvent(tracker).customer_id).toBe(customer);
  });

  it("of a job that was made for the context of then is for that, whatever the context now", async () => {
    anotherProcess();
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(open), json(ended));
    await customerContext("made", () => tracked.batches.create(asked));
    await customerContext("seen", () => tracked.batches.retrieve(open.id));
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["made", "made"]);
  });

  it("of a turn is for whom its session was made", async () => {
    anotherProcess();
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(session), json(jobs.turn.ended));
    await tracked.post("/agents/sessions", { body: { agent: {}, customer_id: "globex" } });
    await tracked.get("/agents/sessions/asess_abc123/turns/turn_abc123");
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["globex", "globex"]);
  });

  it.each(["previous_response_id", "conversation"])("is not for whom a %s was", async (name) => {
    anotherProcess();
    const { tracked, tracker, server } = makeBench({ customerId: undefined });
    server.next.push(json(jobs.background.open), json({ ...jobs.background.open, id: "resp_next" }));
    const background = { model: "m", input: "…", background: true, stream: false } as const;
    await tracked.responses.create({ ...background, customer_id: "globex" });
    await tracked.responses.create({ ...background, [name]: jobs.background.open.id });
    expect(tracker.events.map((event) => event.customer_id)).toEqual(["globex", null]);
  });
});

describe("an attribution store", () => {
  it.each<[string, () => AttributionStore]>([
    ["at once", mapStore],
    ["later", asyncStore],
  ])("that answers %s brings whom a job was made for to the process that sees its end", async (_when, makeStore) => {
    const attributionStore = makeStore();
    const maker = makeBench({ attributionStore });
    maker.server.next.push(json(open), json(ended));
    await maker.tracked.batches.create({ ...asked, customer_id: "globex", custom_metadata: { feature: "night" } });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    anotherProcess();
    const tracker = recordingTracker();
    const { baseURL } = maker.server;
    const asker = new OpenAI({
      apiKey: "sk-x",
      baseURL,
      logger: silent,
      tracker,
      attributionStore,
      customerId: "asker",
    });
    await asker.withOptions({ timeout: 1_000 }).batches.retrieve(open.id);
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject({
      ...jobs.batch.results[0],
      customer_id: "globex",
      attribution_error: null,
      metadata: { feature: "night" },
    });
  });

  it("is told once of each job, and of none for which there is nothing to tell", async () => {
    const store = mapStore();
    const told: string[] = [];
    const attributionStore: AttributionStore = { get: store.get, set: (id) => told.push(id) };
    anotherProcess();
    const { tracked, server } = makeBench({ attributionStore, customerId: undefined });
    const events = [
      { type: "response.created", sequence_number: 0, response: jobs.background.open },
      { type: "response.completed", sequence_number: 1, response: jobs.background.ended },
    ];
    server.next.push(json(open), { kind: "stream", steps: events }, json({ ...open, id: "batch_2" }), json(open));
    await tracked.batches.create(asked);
    const background = { model: "m", input: "…", background: true, stream: true, customer_id: "globex" } as const;
    await collect(await tracked.responses.create(background));
    await tracked.batches.create({ ...asked, track_usage: false });
    await tracked.batches.retrieve(open.id, tracking({ customerId: "asker" }));
    expect(told).toEqual([jobs.background.open.id]);
  });

  const odd: readonly [string, unknown, object][] = [
    ["nothing", undefined, { customer_id: "acme", attribution_error: null }],
    ["null, later", Promise.resolve(null), { customer_id: "acme", attribution_error: null }],
    ["a number", 5, { customer_id: null, attribution_error: "the attribution store gave a number for a record" }],
    ["no customer", { metadata: { a: 1 } }, { customer_id: "acme", metadata: { a: 1 } }],
    ["a bad customer", { customer_id: 5 }, { customer_id: null, attribution_error: expect.stringMatching(/^CMDR_/) }],
    ["labels that are none", { customer_id: "globex", metadata: [5] }, { customer_id: "globex", metadata: {} }],
    ["an error of then", { customer_id: null, attribution_error: "x" }, { customer_id: null, attribution_error: "x" }],
  ];
  it.each(odd)("may give %s", async (_what, given, expected) => {
    anotherProcess();
    const attributionStore = { get: () => given as never, set: () => undefined };
    const { tracked, tracker, server } = makeBench({ attributionStore });
    server.next.push(json(ended));
    await tracked.batches.retrieve(open.id);
    await tracker.flush();
    expect(onlyEvent(tracker)).toMatchObject(expected);
  });

  const secret = "redis://:secret@host";
  const fails: readonly [string, () => never][] = [
    [
      "throws",
      () => {
        throw new TypeError(secret);
      },
    ],
    ["rejects", () => Promise.reject(new TypeError(secret)) as never],
    [
      "throws a text",
      () => {
        throw secret;
      },
    ],
  ];
  it.each(fails)("that %s makes the result nobody's, and fails no call", async (_how, fail) => {
    anotherProcess();
    openAIState().warningsGiven?.clear();
    const warnings: string[] = [];
    const logger = { ...silent, warn: (line: string) => warnings.push(line) };
    const { tracked, tracker, server } = makeBench({ attributionStore: { get: fail, set: fail }, logger });
    server.next.push(json({ ...open, id: "batch_2" }), json(ended));
    expect(await tracked.batches.create(asked)).toMatchObject({ id: "batch_2" });
    expect(await tracked.batches.retrieve(open.id)).toMatchObject({ id: open.id });
    await tracker.flush();
    expect(tracker.events[1]).toMatchObject({ customer_id: null, total_tokens: 13_000 });
    expect(tracker.events[1]?.attribution_error).toMatch(/^the attribution store failed: /);
    expect(warnings.some((line) => line.includes("the attribution store failed"))).toBe(true);
    expect(JSON.stringify([tracker.events, warnings])).not.toContain("secret");
  });

  it("that never answers is waited for a second, beside the program", async () => {
    anotherProcess();
    const { server } = makeBench();
    const tracker = recordingTracker();
    const timers: { readonly delayMs: number; readonly callback: () => void }[] = [];
    const schedule = (delayMs: number, callback: () => void): (() => void) => {
      timers.push({ delayMs, callback });
      return () => undefined;
    };
    const Tracked = withTracking(RealOpenAI, { ...realSystem, schedule }) as typeof OpenAI;
    const attributionStore = { get: () => new Promise<never>(() => {}), set: () => new Promise(() => {}) };
    const { baseURL } = server;
    const client = new Tracked({
      apiKey: "sk-x",
      baseURL,
      logger: silent,
      tracker,
      customerId: "acme",
      attributionStore,
    });
    server.next.push(json(ended));
    expect(await client.batches.retrieve(open.id)).toMatchObject({ id: open.id });
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([1_000]);
    let flushed = false;
    const flushing = tracker.flush().then(() => (flushed = true));
    await new Promise(setImmediate);
    expect(flushed).toBe(false);
    timers[0]?.callback();
    await flushing;
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: null,
      attribution_error: "the attribution store did not answer within 1000 ms",
      total_tokens: 13_000,
    });
  });

  it("loses no event that flush() is asked for before it has answered", async () => {
    const sent: string[] = [];
    const receive = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
      sent.push(await text(request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request));
      answer.end(JSON.stringify({ accepted: 1, duplicates: 0, rejected: [] }));
    };
    const collector = createServer((request, answer) => void receive(request, answer));
    await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
    anotherProcess();
    const attributionStore = asyncStore();
    await attributionStore.set(open.id, { customer_id: "globex", metadata: {} });
    const { tracked, server } = makeBench({
      attributionStore,
      tracker: undefined,
      trackerKey: `tk-${"s".repeat(43)}`,
      trackerEndpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/api/events`,
    });
    server.next.push(json(ended));
    await tracked.batches.retrieve(open.id);
    await tracked.tracker.flush();
    const events = sent.flatMap(parseBody).map((item) => (item.kind === "event" ? item.event : undefined));
    expect(events.map((event: UsageEvent | undefined) => event?.customer_id)).toEqual(["globex"]);
    await tracked.tracker.shutdown();
    await new Promise((closed) => collector.close(closed));
  });
});
