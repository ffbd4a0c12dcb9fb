/** Hostile customers and labels: the call does what it does on the bare client, and its event has what could be used. */
import { hostileCustomers, hostileMetadata, sideEffects } from "@cmdrdata/testkit";
import fc from "fast-check";
import type BareOpenAI from "openai";
import { beforeEach, describe, expect, it } from "vitest";

import { customerContext, track, trackedFetch, tracking } from "../src/index.ts";
import { type Bench, collect, onlyEvent, question, silent, useBench } from "./harness.ts";

const makeBench = useBench();

type Fields = { readonly customer_id?: unknown; readonly custom_metadata?: unknown };

/** Every way to hand labels over. @returns what the program got */
const ways: readonly (readonly [string, (bench: Bench, fields: Fields) => Promise<unknown>])[] = [
  ["create()", ({ tracked }, fields) => tracked.chat.completions.create({ ...question, ...(fields as object) })],
  [
    "a stream",
    async ({ tracked }, fields) =>
      collect(await tracked.chat.completions.create({ ...question, ...(fields as object), stream: true })),
  ],
  [
    "post()",
    ({ tracked }, fields) => tracked.post("/chat/completions", { body: { ...question, ...(fields as object) } }),
  ],
  [
    "tracking()",
    ({ tracked }, { customer_id, custom_metadata }) =>
      tracked.chat.completions.create(
        question,
        tracking({ customerId: customer_id as string, metadata: custom_metadata as object as Record<string, unknown> }),
      ),
  ],
  [
    "track()",
    ({ bare, tracker }, fields) =>
      track(bare, { tracker, customerId: "acme", includeUsage: "always" }).chat.completions.create({
        ...question,
        ...(fields as object),
      }),
  ],
];

const bareAnswer = (bare: BareOpenAI, name: string): Promise<unknown> =>
  name === "a stream"
    ? bare.chat.completions.create({ ...question, stream: true }).then(collect)
    : bare.chat.completions.create(question);

beforeEach(() => void (sideEffects.count = 0));

describe.each(ways)("through %s", (name, call) => {
  it.each(hostileMetadata)("labels are taken as far as they can be: $name", async ({ make, kept }) => {
    const bench = makeBench();
    const answer = await call(bench, { customer_id: "acme", custom_metadata: make() });
    expect(JSON.stringify(onlyEvent(bench.tracker).metadata)).toBe(JSON.stringify(kept));
    expect(onlyEvent(bench.tracker)).toMatchObject({ customer_id: "acme", usage: { source: "reported" } });
    expect(JSON.parse(bench.server.requests[0]?.body ?? "")).toEqual(
      name === "a stream" ? { ...question, stream: true, stream_options: { include_usage: true } } : question,
    );
    expect(answer).toEqual(await bareAnswer(bench.bare, name));
    expect({}).not.toHaveProperty("polluted");
  });

  it.each(hostileCustomers)("a customer is nobody, with the reason: $name", async ({ make, code }) => {
    const bench = makeBench();
    const answer = await call(bench, { customer_id: make() });
    const event = onlyEvent(bench.tracker);
    expect(event.customer_id).toBeNull();
    expect(event.attribution_error).toMatch(new RegExp(`^${code}: `));
    expect(answer).toEqual(await bareAnswer(bench.bare, name));
  });
});

it("runs no code of theirs, whichever way they come", async () => {
  const quiet = hostileMetadata.filter(({ name }) => !name.includes("proxy that throws"));
  for (const [, call] of ways) {
    for (const { make } of quiet) await call(makeBench(), { custom_metadata: make() });
    for (const { make } of hostileCustomers) await call(makeBench(), { customer_id: make() });
  }
  expect(sideEffects.count).toBe(0);
});

it("runs no getter among the fields themselves: it is nobody, with the reason", async () => {
  const bench = makeBench();
  const getter = { get: () => void (sideEffects.count += 1), enumerable: true };
  const body = Object.defineProperties(
    { ...question },
    { customer_id: getter, custom_metadata: getter, track_usage: getter },
  );
  await bench.tracked.chat.completions.create(body);
  expect(onlyEvent(bench.tracker)).toMatchObject({
    customer_id: null,
    attribution_error: expect.stringMatching(/^CMDR_FIELD_TYPE: /) as string,
    metadata: {},
  });
  expect(sideEffects.count).toBe(0);
});

it("says once what was left out of labels, and never the value or its name", async () => {
  const lines: string[] = [];
  const logger = { ...silent, warn: (...words: readonly unknown[]) => void lines.push(words.join(" ")) };
  const bench = makeBench({ logger, logLevel: "warn" });
  // Another name than those above: each warning is given once per process.
  Reflect.deleteProperty(globalThis, Symbol.for("cmdrdata.process/1"));
  for (const custom_metadata of [{ canary: "canary".repeat(5_000) }, { canary: 1n }]) {
    await bench.tracked.chat.completions.create({ ...question, custom_metadata });
  }
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("a part of custom_metadata was left out of a call's labels: CMDR_FIELD_TOO_LARGE");
  expect(lines[0]).not.toContain("canary");
});

it("gives a body that throws when it is copied to the SDK as it is, which says what is wrong", async () => {
  const fail = (): never => {
    throw new Error("hostile");
  };
  for (const trap of ["getOwnPropertyDescriptor", "ownKeys"] as const) {
    const bench = makeBench();
    const body = (): typeof question => new Proxy({ ...question, customer_id: "acme" }, { [trap]: fail });
    const [tracked, bare] = await Promise.allSettled([
      // Bare, the SDK throws where the body is read: before there is a promise, or in it.
      (async () => bench.tracked.chat.completions.create(body()))(),
      (async () => bench.bare.chat.completions.create(body()))(),
    ]);
    expect(tracked).toEqual(bare);
    expect(tracked.status).toBe("rejected");
  }
});

it("leaves a context with a hostile customer to be nobody's", async () => {
  for (const { make, code } of hostileCustomers) {
    const bench = makeBench();
    await customerContext(make() as string, () => bench.tracked.chat.completions.create(question));
    expect(onlyEvent(bench.tracker).attribution_error).toMatch(new RegExp(`^${code}: `));
  }
});

it("takes them off a JSON body that a trackedFetch sends, whatever JSON says", async () => {
  const labels = fc.dictionary(fc.string(), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(labels, fc.jsonValue(), async (custom_metadata, customer_id) => {
      const { server, tracker } = makeBench();
      const send = trackedFetch({ tracker, logger: silent });
      const body = JSON.stringify({ ...question, custom_metadata, customer_id });
      const response = await send(`${server.baseURL}/chat/completions`, { method: "POST", body });
      expect(response.status).toBe(200);
      await response.json();
      expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual(question);
      expect(onlyEvent(tracker).usage.source).toBe("reported");
    }),
    { numRuns: 50 },
  );
});

it("returns what the bare client does for any labels and any customer, and makes one event", async () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true, withBoxedValues: true }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(anything, anything, async (custom_metadata, customer_id) => {
      const bench = makeBench();
      const fields = { custom_metadata, customer_id } as object;
      const answer = await bench.tracked.chat.completions.create({ ...question, ...fields });
      expect(answer).toEqual(await bench.bare.chat.completions.create(question));
      const event = onlyEvent(bench.tracker);
      expect(JSON.parse(JSON.stringify(event.metadata))).toEqual(event.metadata);
      expect(Object.keys(event.metadata).length).toBeLessThanOrEqual(50);
    }),
    { numRuns: 100 },
  );
});
