/**
 * Whom calls are recorded for, against a simple model (call, else context, else client, else nobody), over random sets of
 * concurrent calls of every kind: in nested contexts, made from callbacks, read elsewhere, in any order of events.
 */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";

import { clearCustomerContext, customerContext, OpenAI, setCustomerContext, tracking } from "../src/index.ts";
import { chatChunks, chatCompletion, chatToolCall, embedding, response, responseEvents } from "./fixtures.ts";
import { collect, question, recordingTracker, silent } from "./harness.ts";

/** Lets other calls go on: whatever is awaited goes through the scheduler. */
type Step = () => Promise<unknown>;

/** What a program may do around its call to say for whom it is. */
type Scope = { readonly enter: string } | { readonly set: string } | "clear";

interface Planned {
  readonly kind: keyof typeof kinds;
  readonly client: keyof typeof defaults;
  readonly customer: string | null | undefined;
  readonly scopes: readonly Scope[];
  readonly from: keyof typeof origins;
}

const defaults = { nobody: null, first: "client-1", second: "client-2" } as const;

/** Where in the program a call is made. */
const origins = {
  here: async (work: () => Promise<unknown>) => work(),
  callback: (work: () => Promise<unknown>) =>
    new Promise((resolve, reject) => setImmediate(() => void work().then(resolve, reject))),
  continuation: (work: () => Promise<unknown>) => Promise.resolve().then(work),
} as const;

interface Made {
  readonly client: OpenAI;
  /** `user` names the call to the API, which names its answers so. */
  readonly body: typeof question & { user: string; customer_id?: string | null };
  readonly step: Step;
}

const readElsewhere = async <Item>(items: AsyncIterable<Item>, step: Step): Promise<Item[]> =>
  customerContext("reader", async () => {
    await step();
    return collect(items);
  });

const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "…",
    parameters: { type: "object", properties: {} },
    parse: JSON.parse as (json: string) => object,
    function: () => customerContext("tool", async () => "sunny"),
  },
};

const inputOf = ({ user, customer_id }: Made["body"]): { model: string; input: string; user: string } => ({
  ...(customer_id === undefined ? {} : { customer_id }),
  model: "m",
  input: "…",
  user,
});

/** How a call can be made, and how many requests it is. */
const kinds = {
  plain: [1, async ({ client, body }: Made) => client.chat.completions.create(body)],
  streamed: [
    1,
    async ({ client, body, step }: Made) =>
      readElsewhere(await client.chat.completions.create({ ...body, stream: true }), step),
  ],
  withResponse: [1, async ({ client, body }: Made) => client.chat.completions.create(body).withResponse()],
  asResponse: [1, async ({ client, body }: Made) => (await client.chat.completions.create(body).asResponse()).json()],
  parse: [1, async ({ client, body }: Made) => client.chat.completions.parse(body)],
  stream: [1, async ({ client, body }: Made) => client.chat.completions.stream(body).finalChatCompletion()],
  runTools: [
    2,
    async ({ client, body }: Made) =>
      client.chat.completions.runTools({ ...body, tools: [weather] as never }).finalContent(),
  ],
  responses: [1, async ({ client, body }: Made) => client.responses.create(inputOf(body))],
  responsesStreamed: [
    1,
    async ({ client, body, step }: Made) =>
      readElsewhere(await client.responses.create({ ...inputOf(body), stream: true }), step),
  ],
  responsesStream: [1, async ({ client, body }: Made) => client.responses.stream(inputOf(body)).finalResponse()],
  responsesParse: [1, async ({ client, body }: Made) => client.responses.parse(inputOf(body))],
  embeddings: [1, async ({ client, body }: Made) => client.embeddings.create(inputOf(body))],
  post: [1, async ({ client, body }: Made) => client.post("/chat/completions", { body })],
  tracking: [
    1,
    async ({ client, body: { customer_id: customerId, ...body } }: Made) =>
      client.chat.completions.create(body, tracking({ customerId }, { timeout: 60_000 })),
  ],
} as const;

/** The API, in this process: every answer bears the name of its call, and waits its turn. */
function answering(stepOf: () => Step): NonNullable<ConstructorParameters<typeof OpenAI>[0]>["fetch"] {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    const asked = JSON.parse((init as { body: string }).body) as {
      user: string;
      stream?: boolean;
      tools?: object;
      messages?: readonly { readonly role: string }[];
    };
    await stepOf()();
    const id = asked.user;
    const named = (data: object): object => ({ ...data, id });
    if (url.endsWith("/embeddings")) return Response.json(named(embedding));
    if (url.endsWith("/responses")) {
      if (asked.stream !== true) return Response.json(named(response));
      return events(
        responseEvents().map((event) => rename(event, named)),
        stepOf,
      );
    }
    if (asked.stream === true) return events(chatChunks(false).map(named), stepOf);
    const wantsTool = asked.tools !== undefined && asked.messages?.at(-1)?.role !== "tool";
    return Response.json(named(wantsTool ? chatToolCall : chatCompletion));
  };
}

function rename(event: { readonly response?: object }, named: (data: object) => object): object {
  return event.response === undefined ? event : { ...event, response: named(event.response) };
}

function events(items: readonly object[], stepOf: () => Step): Response {
  const left = items.map((item) => `data: ${JSON.stringify(item)}\n\n`);
  const body = new ReadableStream({
    async pull(controller) {
      await stepOf()();
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(next));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function within(scopes: readonly Scope[], step: Step, work: () => Promise<unknown>): Promise<unknown> {
  const [scope, ...inner] = scopes;
  if (scope === undefined) return work();
  if (typeof scope === "object" && "enter" in scope) {
    return customerContext(scope.enter, async () => {
      await step();
      return within(inner, step, work);
    });
  }
  if (scope === "clear") clearCustomerContext();
  else setCustomerContext(scope.set);
  await step();
  return within(inner, step, work);
}

function modelled({ customer, scopes, client }: Planned): string | null {
  let context: string | null = null;
  for (const scope of scopes) {
    if (scope === "clear") context = null;
    else context = "enter" in scope ? scope.enter : scope.set;
  }
  return customer ?? context ?? defaults[client];
}

const oneOf = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const names = oneOf("acme", "globex", "initech");
const planned: fc.Arbitrary<Planned> = fc.record({
  kind: oneOf(...(Object.keys(kinds) as (keyof typeof kinds)[])),
  client: oneOf(...(Object.keys(defaults) as (keyof typeof defaults)[])),
  customer: fc.oneof(oneOf(null, undefined), names),
  scopes: fc.array(
    fc.oneof(
      names.map((name) => ({ enter: `in-${name}` })),
      names.map((name) => ({ set: `set-${name}` })),
      fc.constant("clear" as const),
    ),
    { maxLength: 3 },
  ),
  from: oneOf(...(Object.keys(origins) as (keyof typeof origins)[])),
});

// As docs/attribution.md says for programs that use setCustomerContext before Node 24: contexts are followed from here on.
beforeAll(() => clearCustomerContext());

it("is the call's customer, else the context's, else the client's, else nobody, however calls interleave", async () => {
  const tracker = recordingTracker();
  let step: Step = () => Promise.resolve();
  const nobody = new OpenAI({ apiKey: "sk-x", logger: silent, tracker, maxRetries: 0, fetch: answering(() => step) });
  const clients = {
    nobody,
    first: new OpenAI({
      apiKey: "sk-x",
      logger: silent,
      tracker,
      customerId: "client-1",
      fetch: answering(() => step),
    }),
    second: nobody.withOptions({ customerId: "client-2", timeout: 30_000 }),
  };
  const make = async (call: Planned, at: number): Promise<unknown> => {
    await step();
    const { client, customer, kind, scopes, from } = call;
    const body = { ...question, user: `call-${at}`, ...(customer === undefined ? {} : { customer_id: customer }) };
    const made = { client: clients[client], body, step };
    return within(scopes, step, () => origins[from](async () => kinds[kind][1](made)));
  };
  await fc.assert(
    fc.asyncProperty(fc.array(planned, { minLength: 1, maxLength: 8 }), fc.scheduler(), async (calls, scheduler) => {
      tracker.events.length = 0;
      step = () => scheduler.schedule(Promise.resolve());
      await scheduler.waitFor(Promise.all(calls.map(make)));
      await tracker.flush();
      const seen = tracker.events.map((event) => `${event.request.response_id}: ${event.customer_id}`);
      const expected = calls.flatMap((call, at) =>
        Array.from({ length: kinds[call.kind][0] }, () => `call-${at}: ${modelled(call)}`),
      );
      expect(seen.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 60 },
  );
});
