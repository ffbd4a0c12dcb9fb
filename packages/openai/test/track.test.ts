import BareOpenAI, { AzureOpenAI as BareAzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";

import { track, TrackedOpenAI, type TrackingOptions } from "../src/index.ts";
import { collect, onlyEvent, recordingTracker, silent, useBench } from "./harness.ts";

const messages = [{ role: "user" as const, content: "hello" }];
const call = { model: "gpt-4o", messages };
const bench = useBench();

function make(options: TrackingOptions = {}) {
  const { server, bare } = bench();
  const tracker = recordingTracker();
  return { server, bare, tracker, twin: track(bare, { tracker, includeUsage: "always", ...options }) };
}

describe("track", () => {
  it("gives a twin of the same class, with the same properties, whose resources stay the same objects", () => {
    const { bare, twin, tracker } = make();
    expect(twin).not.toBe(bare);
    expect(twin).toBeInstanceOf(BareOpenAI);
    expect(twin.constructor).toBe(bare.constructor);
    expect([twin.baseURL, twin.apiKey]).toEqual([bare.baseURL, bare.apiKey]);
    expect(twin.chat.completions).toBe(twin.chat.completions);
    expect(twin.buildURL("/x", null)).toBe(bare.buildURL("/x", null));
    expect(twin.tracker).toBe(tracker);
    expect("tracker" in twin).toBe(true);
    expect("tracker" in bare).toBe(false);
  });

  it("records what is called on the twin, and nothing that is called on the client", async () => {
    const { bare, twin, tracker, server } = make({ customerId: "acme" });
    const answer = await twin.chat.completions.create({ ...call, customer_id: "globex" });
    expect(answer.choices[0]?.message.content).toBe(
      (await bare.chat.completions.create(call)).choices[0]?.message.content,
    );
    expect(onlyEvent(tracker)).toMatchObject({
      customer_id: "globex",
      operation: "chat.completions",
      input_tokens: 1117,
    });
    const [tracked, untracked] = server.requests.map(({ body, path }) => ({ body, path }));
    expect(tracked).toEqual(untracked);
  });

  it("records streams, helpers, other endpoints and raw requests", async () => {
    const { twin, tracker } = make();
    const chunks = await collect(await twin.chat.completions.create({ ...call, stream: true }));
    expect(chunks.every((chunk) => chunk.choices.length > 0)).toBe(true);
    await twin.chat.completions.stream(call).finalChatCompletion();
    await twin.responses.create({ model: "gpt-4o", input: "hi" });
    await twin.embeddings.create({ model: "text-embedding-3-small", input: "hi" });
    await twin.post("/chat/completions", { body: call });
    await twin.request({ method: "post", path: "/embeddings", body: { model: "m", input: "hi", customer_id: "acme" } });
    const operations = tracker.events.map(({ operation, usage }) => [operation, usage.source]);
    expect(operations).toEqual([
      ["chat.completions", "reported"],
      ["chat.completions", "reported"],
      ["responses", "reported"],
      ["embeddings", "reported"],
      ["chat.completions", "reported"],
      ["embeddings", "reported"],
    ]);
  });

  it("counts the attempts of a call, and gives the SDK's own errors", async () => {
    const { server, bare, tracker } = make();
    const twin = track(bare.withOptions({ maxRetries: 1 }), { tracker });
    server.next.push({ kind: "json", status: 503, body: { error: { message: "busy" } } });
    await twin.chat.completions.create(call);
    server.next.push({ kind: "json", status: 400, body: { error: { message: "no" } } });
    await expect(twin.chat.completions.create(call)).rejects.toBeInstanceOf(BareOpenAI.BadRequestError);
    expect(tracker.events.map(({ request, error }) => [request.retry_count, error.type])).toEqual([
      [1, null],
      [0, "bad_request"],
    ]);
  });

  it("lets two twins of one client have customers of their own, also when both call at once", async () => {
    const { bare, tracker } = make();
    const twins = ["acme", "globex"].map((customerId) => track(bare, { tracker, customerId }));
    await Promise.all(
      twins.flatMap((twin) => [twin.chat.completions.create(call), twin.chat.completions.create(call)]),
    );
    expect(
      tracker.events.map(({ customer_id }) => customer_id).toSorted((a, b) => String(a).localeCompare(String(b))),
    ).toEqual(["acme", "acme", "globex", "globex"]);
  });

  it("counts once what is tracked twice", async () => {
    const { twin, tracker } = make({ customerId: "acme" });
    await track(twin, { customerId: "globex" }).chat.completions.create(call);
    expect(onlyEvent(tracker).customer_id).toBe("globex");
    const { tracked } = bench();
    expect(track(tracked)).toBe(tracked);
    const again = track(tracked, { customerId: "initech" });
    expect(again).toBeInstanceOf(TrackedOpenAI);
    expect(again.tracker).toBe(tracked.tracker);
  });

  it("counts once what is tracked twice where clients have no withOptions, as with openai 4", async () => {
    const { tracked, tracker } = bench();
    const client = Object.defineProperty(tracked, "withOptions", { value: undefined });
    const again = track(client, { customerId: "globex" });
    expect(again.withOptions).toBeUndefined();
    expect(again.tracker).toBe(tracker);
    await again.chat.completions.create(call);
    expect(onlyEvent(tracker).customer_id).toBe("globex");
    await client.chat.completions.create(call);
    expect(tracker.events.map(({ customer_id }) => customer_id)).toEqual(["globex", "acme"]);
  });

  it("stays tracked through withOptions, and passes on what is set", async () => {
    const { twin, bare, tracker } = make({ customerId: "acme" });
    twin.apiKey = "sk-other-0123456789";
    expect(bare.apiKey).toBe("sk-other-0123456789");
    const other = twin.withOptions({ timeout: 1_234 });
    expect(other.timeout).toBe(1_234);
    await other.chat.completions.create(call);
    expect(onlyEvent(tracker).customer_id).toBe("acme");
  });

  it("records the calls that a method of the client's own class makes, also later, and none that the client makes", async () => {
    const { server } = bench();
    class Mine extends BareOpenAI {
      readonly #model = "gpt-4o";
      async ask(name: string) {
        await new Promise(setImmediate);
        await this.models.list();
        return this.chat.completions.create({ model: this.#model, messages, customer_id: name });
      }
    }
    const tracker = recordingTracker();
    const mine = new Mine({ apiKey: "sk-x", baseURL: server.baseURL, logger: silent });
    const twins = [track(mine, { tracker }), track(mine, { tracker, customerId: "twin" })];
    await Promise.all(twins.map((twin, index) => twin.ask(`customer ${index}`)));
    expect(new Set(tracker.events.map(({ customer_id }) => customer_id))).toEqual(
      new Set(["customer 0", "customer 1"]),
    );
    expect(tracker.events).toHaveLength(2);
    expect(server.requests.filter(({ body }) => body.includes("customer"))).toEqual([]);
    await mine.ask("untracked");
    expect(tracker.events).toHaveLength(2);
  });

  it("records once what such a method calls on the twin", async () => {
    const { server } = bench();
    class Mine extends BareOpenAI {
      through(client: BareOpenAI) {
        return client.chat.completions.create(call);
      }
    }
    const tracker = recordingTracker();
    const twin = track(new Mine({ apiKey: "sk-x", baseURL: server.baseURL, logger: silent }), { tracker });
    await twin.through(twin);
    expect(tracker.events).toHaveLength(1);
  });

  it("makes a twin of a client that has a tracker of some other kind", async () => {
    const { server } = bench();
    class Mine extends BareOpenAI {
      readonly tracker = "mine";
    }
    const tracker = recordingTracker();
    const mine = new Mine({ apiKey: "sk-x", baseURL: server.baseURL, logger: silent });
    await track<BareOpenAI>(mine, { tracker }).chat.completions.create(call);
    expect(tracker.events).toHaveLength(1);
    expect(mine.tracker).toBe("mine");
  });

  it("shows what a program puts in the place of a resource or a method, and leaves the client's", () => {
    const { bare, twin } = make();
    const { chat } = bare;
    const mine = { mine: true } as never;
    twin.chat = mine;
    expect([twin.chat, bare.chat]).toEqual([mine, chat]);
  });

  it("takes a gateway before Azure for Azure", async () => {
    const { server } = bench();
    const tracker = recordingTracker();
    const options = {
      apiKey: "azure-key-0123456789",
      apiVersion: "2024-10-21",
      baseURL: server.baseURL,
      logger: silent,
    };
    await track(new BareAzureOpenAI(options), { tracker }).chat.completions.create(call);
    expect(onlyEvent(tracker).provider).toBe("azure");
    expect(server.requests[0]?.path).toContain("/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
  });

  it("refuses wrong options, the SDK's own too: the client has them already", () => {
    const { bare } = bench();
    const refused = (text: string) => expect.objectContaining({ code: "CMDR_OPTIONS_INVALID", message: expect.stringContaining(text) as string }) as Error; // prettier-ignore
    expect(() => track(bare, { timeout: 5 } as TrackingOptions)).toThrow(refused("timeout: unknown option"));
    expect(() => track(bare, { trackerKey: "nonsense" })).toThrow(refused("trackerKey"));
  });
});
