/** Calls that fail: the same errors at the same time, and as many attempts. */
// oxlint-disable no-underscore-dangle -- the SDK's own names
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

import { badKeyError, rateLimitError } from "../../fixtures.ts";
import { question } from "../../harness.ts";
import type { Program, Stage } from "../program.ts";

const refuse = { kind: "json", status: 401, body: badKeyError } as const;
const soon = { "retry-after-ms": "1" };

async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return ["no error", await promise];
  } catch (error) {
    return error;
  }
}

const create = ({ client }: Stage) => client.chat.completions.create(question);

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const statuses: readonly Program[] = [400, 401, 403, 404, 409, 418, 422, 429, 500, 503].map((status) => ({
  name: `status ${status}`,
  events: ["none"],
  run: (stage) => {
    const error = { message: `status ${status}`, type: "t", code: "c", param: "p" };
    stage.server.next.push({ kind: "json", status, body: { error }, headers: { "x-other": "header" } });
    return create(stage);
  },
}));

const refused: readonly Program[] = [
  {
    name: "401 by await, by asResponse, by withResponse and by _thenUnwrap",
    events: ["none", "none", "none", "none"],
    run: async (stage) => {
      stage.server.next.push(refuse, refuse, refuse, refuse);
      return [
        await errorOf(create(stage)),
        await errorOf(create(stage).asResponse()),
        await errorOf(create(stage).withResponse()),
        await errorOf(create(stage)._thenUnwrap((data) => data)),
      ];
    },
  },
  {
    name: "401 by asResponse and await on one promise",
    events: ["none"],
    run: async (stage) => {
      stage.server.next.push(refuse);
      const call = create(stage);
      const first = await errorOf(call.asResponse());
      const second = await errorOf(call);
      return [first, first === second];
    },
  },
  {
    name: "401 of a stream",
    events: ["none"],
    run: ({ client, server }) => {
      server.next.push(refuse);
      return client.chat.completions.create({ ...question, stream: true });
    },
  },
  {
    name: "an error without JSON, and one without a body",
    events: ["none", "none"],
    run: async (stage) => {
      const headers = { "content-type": "text/html" };
      stage.server.next.push({ kind: "text", status: 502, text: "<h1>Bad gateway</h1>", headers });
      stage.server.next.push({ kind: "text", status: 500, text: "", headers });
      return [await errorOf(create(stage)), await errorOf(create(stage))];
    },
  },
  {
    name: "an answer that is not valid JSON",
    events: ["none"],
    run: (stage) => {
      stage.server.next.push({ kind: "text", text: '{"id": "chatcmpl-' });
      return create(stage);
    },
  },
  {
    name: "a failure that nobody handles: never awaited, by then, by asResponse",
    events: ["none", "none"],
    lost: ["none"],
    run: async (stage) => {
      stage.server.next.push(refuse, refuse, refuse);
      void create(stage);
      await stage.server.arrived(1);
      void create(stage).then(() => undefined);
      await stage.server.arrived(2);
      void create(stage).asResponse();
      await stage.server.arrived(3);
      await stage.client.models.list();
    },
  },
];

const attempts: readonly Program[] = [
  {
    name: "a retry after 503 with retry-after-ms",
    options: { maxRetries: 2 },
    events: ["reported"],
    run: (stage) => {
      const busy = { kind: "json", status: 503, body: { error: { message: "busy" } }, headers: soon } as const;
      stage.server.next.push(busy, busy);
      return create(stage);
    },
  },
  {
    name: "a retry after 429 with Retry-After, and the number of retries per call",
    events: ["reported"],
    run: ({ client, server }) => {
      server.next.push({ kind: "json", status: 429, body: rateLimitError, headers: { "retry-after": "0.002" } });
      return client.chat.completions.create(question, { maxRetries: 1 });
    },
  },
  {
    name: "retries that are used up",
    options: { maxRetries: 1 },
    events: ["none"],
    run: (stage) => {
      const busy = { kind: "json", status: 500, body: { error: { message: "broken" } }, headers: soon } as const;
      stage.server.next.push(busy, busy);
      return create(stage);
    },
  },
  {
    name: "a server that says not to retry",
    options: { maxRetries: 2 },
    events: ["none"],
    run: (stage) => {
      stage.server.next.push({ kind: "json", status: 503, body: {}, headers: { "x-should-retry": "false" } });
      return create(stage);
    },
  },
  {
    name: "a stream after a retry",
    options: { maxRetries: 1 },
    events: ["reported"],
    run: async ({ client, server }) => {
      server.next.push({ kind: "json", status: 503, body: {}, headers: soon });
      const ids: string[] = [];
      for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) ids.push(chunk.id);
      return ids;
    },
  },
];

const connections: readonly Program[] = [
  {
    name: "a signal aborted before the call",
    events: ["none"],
    run: ({ client }) => client.chat.completions.create(question, { signal: AbortSignal.abort() }),
  },
  {
    name: "a signal aborted while the server thinks",
    events: ["none"],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "hold" });
      const controller = new AbortController();
      const failed = errorOf(client.chat.completions.create(question, { signal: controller.signal }));
      await server.arrived(1);
      controller.abort();
      note(await failed);
      await server.requests[0]?.left;
    },
  },
  {
    name: "a timeout of the client, and one of the call",
    options: { timeout: 60 },
    events: ["none", "none"],
    run: async ({ client, server }) => {
      server.next.push({ kind: "hold" }, { kind: "hold" });
      const errors = [
        await errorOf(client.chat.completions.create(question)),
        await errorOf(client.chat.completions.create(question, { timeout: 40 })),
      ];
      await Promise.all(server.requests.map(({ left }) => left));
      return errors;
    },
  },
  {
    name: "an answer whose body does not come in time is asked for again",
    since: { major: 7, needs: "time limits for bodies" },
    options: { timeout: 100, maxRetries: 1 },
    events: ["reported"],
    run: async ({ client, server, note }) => {
      server.next.push({ kind: "line", contentType: "application/json", line: (answer) => answer.write('{"id":') });
      const call = client.chat.completions.create(question, { signal: AbortSignal.timeout(2_000) });
      const { data, request_id } = await call.withResponse();
      note([data, request_id, (await call.asResponse()).bodyUsed, (await call) === data]);
      await server.requests[0]?.left;
    },
  },
  {
    name: "a connection that is refused",
    events: ["none"],
    run: async ({ Client, options, note }) => {
      const client = new Client({ ...options, baseURL: `http://127.0.0.1:${await closedPort()}/v1` });
      const error = (await errorOf(client.chat.completions.create(question))) as Error;
      const { code } = error.cause as { readonly code?: string };
      note([error.constructor.name, error.message, error.cause?.constructor.name, code]);
    },
  },
  {
    name: "a connection that is cut instead of an answer",
    events: ["none"],
    run: async (stage) => {
      stage.server.next.push({ kind: "drop" });
      const error = (await errorOf(create(stage))) as Error;
      return [error.constructor.name, error.message, error.cause?.constructor.name];
    },
  },
  {
    name: "a fetch of the program's own that fails, or throws something that is no error",
    events: ["none", "none"],
    run: async ({ Client, options }) => {
      const failing = [
        async () => {
          throw new TypeError("no network");
        },
        // oxlint-disable-next-line prefer-promise-reject-errors, typescript/prefer-promise-reject-errors -- on purpose
        () => Promise.reject("a text"),
      ];
      return Promise.all(
        failing.map((fetch) =>
          errorOf(new Client({ ...options, fetch: fetch as never }).chat.completions.create(question)),
        ),
      );
    },
  },
  {
    name: "a body that cannot be serialized",
    events: ["none"],
    run: ({ client }) => {
      const circle: Record<string, unknown> = { ...question };
      circle["self"] = circle;
      return client.chat.completions.create(circle as never);
    },
  },
];

export const failures: readonly Program[] = [...statuses, ...refused, ...attempts, ...connections];
