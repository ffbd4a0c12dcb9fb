/** Jobs followed to their end: what the program itself gets to see of it is counted once, for whom the job was made. */
import type BareOpenAI from "openai";
import { describe, expect, it } from "vitest";

import { jobKinds } from "../src/capture/jobs/job-kinds.ts";
import { OpenAI, track, tracking } from "../src/index.ts";
import { openAIState } from "../src/process-state.ts";
import { response, responseEvents } from "./fixtures.ts";
import { collect, onlyEvent, recordingTracker, silent, useBench } from "./harness.ts";
import { type JobFixture, jobList, jobs, session } from "./job-fixtures.ts";
import { json, stream } from "./sample.ts";

const makeBench = useBench();
type Client = BareOpenAI;

/** What the tests before have made is unknown to the clients that are made from here on, as in another process. */
const forget = (): boolean => Reflect.deleteProperty(openAIState(), "attributions");

/** Asks for a job in a way that the table names. */
async function ask(
  client: Client,
  request: string,
  { id }: JobFixture["open"],
  options: object = {},
): Promise<unknown> {
  const [method = "", path = ""] = request.split(" ");
  const forJob = path.replace(/\{id\}(?=\/(runs|turns|events))/, "parent_1").replaceAll("{id}", id);
  return client.request({ method: method.toLowerCase() as "get", path: forJob, ...options });
}

const asked = jobList.flatMap((fixture) =>
  (jobKinds[fixture.object]?.shownBy ?? []).map((request) => ({ request, object: fixture.object, fixture })),
);

it("has a fixture for every kind of job that has a result", () => {
  const told = Object.keys(jobKinds).filter((object) => object !== "agent.session");
  expect(jobList.map(({ object }) => object).toSorted()).toEqual(told.toSorted());
});

describe.each(asked)("$request that shows a $object", ({ request, fixture }) => {
  it("at its end is counted, once, for whom it is asked where it is not known for whom it was made", async () => {
    forget();
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(fixture.open), json(fixture.ended), json(fixture.ended));
    const options = tracking({ customerId: "asker", metadata: { a: 1 } });
    for (let times = 0; times < 3; times += 1) await ask(tracked, request, fixture.open, options);
    expect(tracker.events).toMatchObject(
      fixture.results.map((result) => ({ ...result, customer_id: "asker", metadata: { a: 1 } })),
    );
    for (const { id } of tracker.events) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const madeAt = Number.parseInt((id ?? "").replaceAll("-", "").slice(0, 12), 16);
      expect(madeAt).toBe((fixture.open["created_at"] as number) * 1_000);
    }
    expect(new Set(tracker.events.map(({ id }) => id)).size).toBe(fixture.results.length);
    expect(JSON.stringify(tracker.events)).not.toMatch(/canary|quiet/i);
  });

  it("is the same request and answer as the bare client's", async () => {
    const { tracked, bare, server } = makeBench();
    server.next.push(json(fixture.ended), json(fixture.ended));
    expect(await ask(tracked, request, fixture.open)).toEqual(await ask(bare, request, fixture.open));
    const [ofTracked, ofBare] = server.requests.map(({ method, path, body }) => ({ method, path, body }));
    expect(ofTracked).toEqual(ofBare);
  });

  it("and fails is no event", async () => {
    const { tracked, tracker } = makeBench();
    await expect(ask(tracked, request, fixture.open)).rejects.toMatchObject({ status: 404 });
    expect(tracker.events).toEqual([]);
  });

  it("is the same event in every process that asks (another client, another tracker, another model of it)", async () => {
    const { tracked, tracker, server } = makeBench();
    const other = recordingTracker();
    const { baseURL } = server;
    const second = new OpenAI({ apiKey: "sk-x", baseURL, logger: silent, tracker: other, customerId: "acme" });
    server.next.push(json(fixture.ended), json(fixture.ended));
    await ask(tracked, request, fixture.open);
    await ask(second, request, fixture.open);
    expect(tracker.events).toHaveLength(fixture.results.length);
    expect(other.events).toEqual(tracker.events);
  });
});

/** Makes each kind of job as a program does, for `globex`. */
const make: Readonly<Record<keyof typeof jobs, (client: Client, extra: object) => PromiseLike<unknown>>> = {
  background: (client, extra) => client.responses.create({ model: "m", input: "…", background: true, ...extra }),
  batch: (client, extra) =>
    client.batches.create({ endpoint: "/v1/responses", input_file_id: "f", completion_window: "24h", ...extra }),
  fineTuning: (client, extra) => client.fineTuning.jobs.create({ model: "m", training_file: "f", ...extra }),
  video: (client, extra) => client.videos.create({ prompt: "…", ...extra }),
  run: (client, extra) => client.beta.threads.runs.create("thread_abc123", { assistant_id: "a", ...extra }),
  evaluation: (client, extra) => client.post("/evals/eval_1/runs", { body: { data_source: {}, ...extra } }),
  turn: (client, extra) => client.post("/agents/sessions", { body: { agent: {}, ...extra } }),
};
const look: Readonly<Record<keyof typeof jobs, (client: Client) => PromiseLike<unknown>>> = {
  background: (client) => client.responses.retrieve(jobs.background.open.id),
  batch: (client) => client.batches.retrieve(jobs.batch.open.id),
  fineTuning: (client) => client.fineTuning.jobs.retrieve(jobs.fineTuning.open.id),
  video: (client) => client.videos.retrieve(jobs.video.open.id),
  run: (client) => client.beta.threads.runs.retrieve(jobs.run.open.id, { thread_id: "thread_abc123" }),
  evaluation: (client) => client.evals.runs.retrieve(jobs.evaluation.open.id, { eval_id: "eval_1" }),
  turn: (client) => client.get("/agents/sessions/asess_abc123/turns/turn_abc123"),
};

describe.each(Object.keys(jobs) as (keyof typeof jobs)[])("a job (%s)", (name) => {
  const { open, ended, results, operation } = jobs[name];
  const opened = name === "turn" ? session : open;
  const fields = { customer_id: "globex", custom_metadata: { feature: "jobs" } };

  it("is counted when it is made, and what it used when the program sees its end, for whom it was made", async () => {
    forget();
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(opened), json(open), json(ended), json(ended));
    await make[name](tracked, fields);
    for (let times = 0; times < 3; times += 1) await look[name](tracked);
    const [made, ...shown] = tracker.events;
    expect(made).toMatchObject({ operation, customer_id: "globex", metadata: { feature: "jobs" }, input_tokens: null });
    expect(shown).toMatchObject(
      results.map((result) => ({ ...result, customer_id: "globex", metadata: { feature: "jobs" } })),
    );
  });

  it("that is not to be recorded has no result either", async () => {
    forget();
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(opened), json(ended));
    await make[name](tracked, { track_usage: false });
    await look[name](tracked);
    expect(tracker.events).toEqual([]);
  });
});

describe("a response", () => {
  it("that ran in the foreground is not counted again, however it is asked for", async () => {
    const { tracked, tracker, server } = makeBench();
    const foreground = { ...response, background: false };
    server.next.push(json(foreground), json(foreground), json({ ...response, status: "cancelled" }));
    server.next.push(stream(responseEvents()));
    await tracked.responses.create({ model: "gpt-5-mini", input: "…" });
    await tracked.responses.retrieve(response.id);
    await tracked.responses.cancel(response.id);
    await collect(await tracked.responses.retrieve(response.id, { stream: true }));
    expect(onlyEvent(tracker).total_tokens).toBe(123);
  });

  it("that ran in the background has its result where its stream is taken up again", async () => {
    const { tracked, tracker, server } = makeBench();
    const { open, ended, results } = jobs.background;
    server.next.push(
      stream([
        { type: "response.in_progress", sequence_number: 7, response: open },
        { type: "response.completed", sequence_number: 8, response: ended },
      ]),
    );
    await collect(await tracked.responses.retrieve(open.id, { stream: true, starting_after: 6 }));
    expect(tracker.events).toMatchObject(results);
  });

  it("whose stream breaks off is counted all the same when its end is seen", async () => {
    forget();
    const { tracked, tracker, server } = makeBench();
    const { open, ended } = jobs.background;
    const created = { type: "response.created", sequence_number: 0, response: open };
    const delta = {
      type: "response.output_text.delta",
      sequence_number: 1,
      item_id: "msg_1",
      delta: "In a quiet wood",
    };
    server.next.push({ kind: "stream", steps: [created, delta, "drop"] }, json(ended));
    const made = tracked.responses.create({
      model: "m",
      input: "…",
      background: true,
      stream: true,
      customer_id: "globex",
    });
    await expect(made.then(collect)).rejects.toThrow();
    await tracked.responses.retrieve(open.id);
    // An estimate of what was received would count it twice.
    await tracker.flush();
    expect(
      tracker.events.map(({ operation, customer_id, total_tokens }) => [operation, customer_id, total_tokens]),
    ).toEqual([
      ["responses", "globex", null],
      ["responses.result", "globex", 123],
      ["responses.image_generation", "globex", 1_117],
    ]);
  });

  it.each([
    ["failed", { error: { code: "server_error", message: "canary" }, usage: null }, "responses.result"],
    ["cancelled", { usage: null }, undefined],
    ["cancelled", { usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } }, "responses.result"],
  ])("that ended %s (%j) has the result %s", async (status, end, operation) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(json({ ...jobs.background.open, status, ...end }));
    await tracked.responses.cancel(jobs.background.open.id);
    expect(tracker.events.map((event) => event.operation)).toEqual(operation === undefined ? [] : [operation]);
    expect(tracker.events.every((event) => event.error.occurred === (status === "failed"))).toBe(true);
  });
});

describe("the SDK's own ways to wait for an end", () => {
  const { open, ended } = jobs.run;
  const twice = (second: object) => [json(open), json(second)] as const;
  const thread = { thread_id: "thread_abc123" };
  const output = { tool_outputs: [{ tool_call_id: "call_1", output: "canary" }] };

  it.each<[string, (client: Client) => PromiseLike<unknown>]>([
    ["runs.createAndPoll", (client) => client.beta.threads.runs.createAndPoll("thread_abc123", { assistant_id: "a" })],
    ["createAndRunPoll", (client) => client.beta.threads.createAndRunPoll({ assistant_id: "a" })],
    [
      "submitToolOutputsAndPoll",
      (client) => client.beta.threads.runs.submitToolOutputsAndPoll(open.id, { ...thread, ...output }),
    ],
  ])("(%s) show it", async (_name, wait) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(...twice(ended));
    await wait(tracked);
    expect(tracker.events.filter(({ operation }) => operation === "threads.runs.result")).toMatchObject([
      { input_tokens: 123, output_tokens: 456, customer_id: "acme" },
    ]);
  });

  it("(runs.stream, with its events) show it", async () => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(
      stream([
        { event: "thread.run.created", data: open },
        { event: "thread.run.completed", data: ended },
      ]),
    );
    const events = tracked.beta.threads.runs.stream("thread_abc123", { assistant_id: "a" });
    expect((await events.finalRun()).usage).toEqual(ended["usage"]);
    expect(tracker.events.map(({ operation }) => operation)).toEqual(["threads.runs.result", "threads.runs"]);
  });

  it.each(["", "for await"])("(lists, page by page %s) show it", async (way) => {
    const { tracked, tracker, server } = makeBench();
    const first = { ...jobs.batch.ended, id: "batch_first" };
    server.next.push(
      json({ object: "list", data: [first, jobs.batch.open], has_more: true }),
      json({ object: "list", data: [jobs.batch.ended], has_more: false }),
    );
    if (way === "") await (await tracked.batches.list()).getNextPage();
    else expect(await collect(tracked.batches.list())).toHaveLength(3);
    expect(tracker.events.map(({ request }) => request.response_id)).toEqual(["batch_first", jobs.batch.ended.id]);
  });

  it("(a twin of a client) show it too", async () => {
    const { bare, server } = makeBench();
    const tracker = recordingTracker();
    const twin = track(bare, { tracker, customerId: "acme" });
    server.next.push(json({ object: "list", data: [jobs.batch.ended] }), json(jobs.run.ended));
    await twin.batches.list();
    await twin.beta.threads.runs.retrieve(open.id, thread);
    expect(tracker.events.map(({ operation }) => operation)).toEqual(["batches.result", "threads.runs.result"]);
  });
});

describe("a job in an odd form", () => {
  it.each([
    ["without an id", { ...jobs.batch.ended, id: undefined }],
    ["of an unknown kind", { ...jobs.batch.ended, object: "toString" }],
    ["without an object", { ...jobs.batch.ended, object: undefined }],
    ["in a state that nobody knows", { ...jobs.batch.ended, status: "paused" }],
    ["that says nothing of its models", { ...jobs.evaluation.ended, per_model_usage: "odd" }],
    ["that trained nothing it tells of", { ...jobs.fineTuning.ended, trained_tokens: null }],
  ])("(%s) has no result", async (_name, odd) => {
    const { tracked, tracker, server } = makeBench();
    server.next.push(json(odd));
    await tracked.batches.retrieve("batch_1");
    expect(tracker.events).toEqual([]);
  });

  it("(without the time it was made) is counted once in this process", async () => {
    const { tracked, tracker, server } = makeBench();
    const odd = json({ ...jobs.batch.ended, created_at: "yesterday", completed_at: 1e300 });
    server.next.push(odd, odd);
    await tracked.batches.retrieve("batch_1");
    await tracked.batches.retrieve("batch_1");
    expect(onlyEvent(tracker)).toMatchObject({ latency: { duration_ms: null }, total_tokens: 13_000 });
  });

  it("(a model that is named twice) is counted for both", async () => {
    const { tracked, tracker, server } = makeBench();
    const usage = { prompt_tokens: 5, total_tokens: 5 };
    const again = { ...usage, model_name: "m" };
    server.next.push(json({ ...jobs.evaluation.ended, per_model_usage: [again, again, usage, usage] }));
    await tracked.evals.runs.retrieve("evalrun_1", { eval_id: "eval_1" });
    expect(tracker.events.map(({ model }) => model)).toEqual(["m", "m", null, null]);
    expect(new Set(tracker.events.map(({ id }) => id)).size).toBe(4);
  });
});
