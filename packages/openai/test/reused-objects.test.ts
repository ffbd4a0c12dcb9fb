/** Programs use one object for many calls, and change it in between: each call is for whom it said when it was made. */
import { expect, it } from "vitest";

import { customerContext, tracking } from "../src/index.ts";
import { track } from "../src/track.ts";
import { collect, question, recordingTracker, useBench } from "./harness.ts";

const makeBench = useBench();
const path = "/chat/completions";
const byText = (one: string, other: string): number => one.localeCompare(other);

it.each(["a tracked client", "a twin"])("a raw post through %s is for whom its body said at the time", async (kind) => {
  const { tracked, bare, tracker, server } = makeBench();
  const client = kind === "a twin" ? track(bare, { tracker }) : tracked;
  const body = { ...question, customer_id: "acme", custom_metadata: { step: 1 } };
  const first = client.post(path, { body });
  body.customer_id = "globex";
  body.custom_metadata.step = 2;
  await Promise.all([first, client.post(path, { body })]);
  const said = tracker.events.map(({ customer_id, metadata }) => [String(customer_id), metadata] as const);
  expect(Object.fromEntries(said)).toEqual({ acme: { step: 1 }, globex: { step: 2 } });
  expect(server.requests.map((request) => JSON.parse(request.body) as unknown)).toEqual([question, question]);
  expect(body).toHaveProperty("customer_id", "globex");
});

it("labels are those of the moment of the call", async () => {
  const { tracked, tracker } = makeBench();
  const custom_metadata = { step: 1 };
  const options = tracking({ metadata: custom_metadata });
  const calls = [tracked.chat.completions.create({ ...question, custom_metadata })];
  custom_metadata.step = 2;
  calls.push(tracked.chat.completions.create(question, options));
  await Promise.all(calls);
  expect(tracker.events.map(({ metadata }) => metadata)).toEqual([{ step: 1 }, { step: 1 }]);
});

it("options of tracking() are for any number of calls at once, and a call's own customer wins", async () => {
  const { tracked, tracker } = makeBench();
  const options = tracking({ customerId: "acme" });
  await Promise.all([
    tracked.chat.completions.create(question, options),
    tracked.chat.completions.create({ ...question, customer_id: "globex" }, options),
    tracked.chat.completions.create(question, options),
  ]);
  expect(tracker.events.map(({ customer_id }) => String(customer_id)).toSorted(byText)).toEqual([
    "acme",
    "acme",
    "globex",
  ]);
});

it("the program's own request options stay as they are, and say each time what they say then", async () => {
  const { tracked, tracker, server } = makeBench({ customerId: undefined });
  const body = { ...question, customer_id: "acme" };
  const options = { method: "post" as const, path, body: body as object };
  await tracked.request(options);
  expect(options.body).toBe(body);
  body.customer_id = "globex";
  body.model = "gpt-5";
  await tracked.request(options);
  options.body = question;
  await tracked.request(options);
  expect(tracker.events.map(({ customer_id }) => customer_id)).toEqual(["acme", "globex", null]);
  expect(server.requests.map((request) => JSON.parse(request.body) as unknown)).toEqual([
    question,
    { ...question, model: "gpt-5" },
    question,
  ]);
});

it.each(["a tracked client", "a twin"])(
  "the same options of two streams at once through %s are two calls, whose usage chunks are hidden",
  async (kind) => {
    const { tracked, bare } = makeBench();
    const tracker = recordingTracker();
    const client =
      kind === "a twin" ? track(bare, { tracker, includeUsage: "always" }) : tracked.withOptions({ tracker });
    const options = Object.freeze({ method: "post", path, body: { ...question, stream: true }, stream: true } as const);
    const ask = async (customer: string): Promise<readonly object[]> =>
      collect((await customerContext(customer, () => client.request(options))) as AsyncIterable<object>);
    const chunks = (await Promise.all(["acme", "globex"].map(ask))).flat() as { choices: unknown[] }[];
    expect(chunks.every(({ choices }) => choices.length > 0)).toBe(true);
    const said = tracker.events.map(
      ({ customer_id, usage, request }) => `${customer_id} ${usage.source} ${request.retry_count}`,
    );
    expect(said.toSorted(byText)).toEqual(["acme reported 0", "globex reported 0"]);
  },
);
