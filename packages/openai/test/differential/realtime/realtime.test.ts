/**
 * E for connections that stay open: every program sees the same with the SDK's class and with ours, or with the SDK's own
 * that is tracked; so do the server and the process. On every major that has such a class.
 */
import { inspect } from "node:util";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { recordingTracker, type RecordingTracker, silent } from "../../harness.ts";
import { type RealtimeServer, startRealtimeServer } from "../../realtime-server.ts";
import { majorOf } from "../program.ts";
import { loadSubjects } from "../subjects.ts";
import {
  type Connection,
  type ConnectionClass,
  loadBetaClass,
  loadPair,
  loadResponsesClass,
  type Pair,
} from "./connections.ts";
import { programs, type RealtimeProgram } from "./programs.ts";

const { sdk, tracked: ours, version } = await loadSubjects();
const major = majorOf(version);
const kept = {
  unhandledRejection: process.listeners("unhandledRejection"),
  uncaughtException: process.listeners("uncaughtException"),
};

let server: RealtimeServer;
let tracker: RecordingTracker;
beforeAll(async () => {
  server = await startRealtimeServer();
  // The runtime's own WebSocket takes no options: nothing else tells it not to check the server's certificate.
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  // The test runner listens too, and would count what these programs leave as its own failures.
  for (const name of ["unhandledRejection", "uncaughtException"] as const) process.removeAllListeners(name);
});
afterAll(async () => {
  delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  for (const listener of kept.unhandledRejection) process.on("unhandledRejection", listener);
  for (const listener of kept.uncaughtException) process.on("uncaughtException", listener);
  await server.close();
});
beforeEach(() => {
  tracker = recordingTracker();
});

const apiKey = "sk-test-0123456789";
const props = { model: "gpt-realtime", options: { rejectUnauthorized: false, headers: { "x-mine": "1" } } };
const bareClient = () => new sdk.OpenAI({ apiKey, baseURL: server.baseURL });
const trackedClient = () => new ours.OpenAI({ apiKey, baseURL: server.baseURL, tracker, logger: silent });

/** Everything there is to see of a program's run. */
async function observe(program: RealtimeProgram, open: () => Connection | Promise<Connection>) {
  const said: unknown[] = [];
  for (const list of [server.next, server.upgrades, server.received, server.closed]) list.length = 0;
  const ended = new Promise<void>((resolve) => {
    server.next.push((socket) => {
      socket.on("close", () => resolve());
      return program.serve(socket);
    });
  });
  const complain = (error: unknown): void => {
    const { name, message, cause } = error as Error;
    said.push(["nobody listened", name, message, cause instanceof Error ? cause.message : cause]);
  };
  process.on("unhandledRejection", complain);
  process.on("uncaughtException", complain);
  try {
    const connection = await open();
    const closed = new Promise<void>((resolve) => {
      (connection.socket.platformSocket ?? connection.socket).addEventListener("close", ({ code, reason }) => {
        said.push(["closed", code, reason]);
        resolve();
      });
    });
    await program.run(connection, (...words) => void said.push(words));
    await closed;
    if (server.upgrades.length > 0) await ended;
    await new Promise(setImmediate);
    said.push(["it is", connection.url.href, Reflect.ownKeys(connection), connection.constructor.name]);
  } finally {
    process.off("unhandledRejection", complain);
    process.off("uncaughtException", complain);
  }
  const { upgrades, received, closed } = server;
  return structuredClone({ said, upgrades, received, closed });
}

async function comparePrograms(program: RealtimeProgram, bare: () => Connection, tracked: () => Connection) {
  const expected = await observe(program, bare);
  expect(tracker.events).toEqual([]);
  expect(await observe(program, tracked)).toEqual(expected);
  expect(tracker.events.map(({ operation }) => operation)).toEqual(program.events);
  for (const { customer_id } of tracker.events) expect(customer_id).toBe("globex");
}

describe.each(["ws", "websocket"] as const)("openai/realtime/%s", (name) => {
  if (major < 5) {
    it(`is not in openai ${major}, nor does ours load`, () => expect(loadPair(name)).rejects.toThrow());
    return;
  }
  // Came with Node 22.
  const runs = it.skipIf(name === "websocket" && typeof WebSocket === "undefined");
  let pair: Pair;
  beforeAll(async () => {
    pair = await loadPair(name);
  });

  for (const program of programs.filter(({ notNative }) => name === "ws" || notNative !== true)) {
    runs(program.name, () =>
      comparePrograms(
        program,
        () => new pair.bare(props, bareClient()),
        () => new pair.tracked({ ...props, customerId: "globex", customMetadata: { a: 1 } }, trackedClient()),
      ),
    );
  }

  runs("takes keys that are functions with create(), and only there, and gives its own class", async () => {
    const [talk] = programs as [RealtimeProgram];
    const make = (Class: ConnectionClass, client: object, own: object) => {
      expect(() => new Class({ ...props, ...own }, client)).toThrow("function-based apiKey");
      return async () => {
        const connection = await Class.create(client, { ...props, ...own });
        expect(connection).toBeInstanceOf(Class);
        expect(connection.constructor).toBe(Class);
        return connection;
      };
    };
    const options = { apiKey: async () => "sk-made", baseURL: server.baseURL };
    const expected = await observe(talk, make(pair.bare, new sdk.OpenAI(options), {}));
    const client = new ours.OpenAI({ ...options, tracker, logger: silent });
    expect(await observe(talk, make(pair.tracked, client, { customerId: "globex" }))).toEqual(expected);
    expect(tracker.events.map(({ customer_id }) => customer_id)).toEqual(["globex", "globex"]);
  });

  runs("goes to Azure with azure(), and gives its own class", async () => {
    const [talk] = programs as [RealtimeProgram];
    const options = { apiKey: "azure-key", apiVersion: "2025-08-28", baseURL: server.baseURL };
    const own = { deploymentName: "voice", options: props.options };
    const expected = await observe(talk, () => pair.bare.azure(new sdk.AzureOpenAI(options), own));
    const client = new ours.AzureOpenAI({ ...options, tracker, logger: silent });
    const observed = await observe(talk, async () => {
      const connection = await pair.tracked.azure(client, { ...own, customerId: "globex" });
      expect(connection).toBeInstanceOf(pair.tracked);
      return connection;
    });
    expect(observed).toEqual(expected);
    expect(tracker.events.map(({ provider, requested_model }) => [provider, requested_model])).toEqual([
      ["azure", null],
      ["azure", "voice"],
    ]);
    await expect(pair.tracked.azure(client, { options: props.options })).rejects.toThrow("deployment");
  });

  it("is a class of the same look, whose wrong tracking options open no connection", async () => {
    const { bare, tracked } = pair;
    const look = (Class: ConnectionClass) => [Class.name, Class.length, Object.getOwnPropertyNames(Class).toSorted()];
    expect(look(tracked)).toEqual(look(bare));
    expect(Object.getPrototypeOf(tracked)).toBe(bare);
    expect(inspect(tracked)).toContain(bare.name);
    server.upgrades.length = 0;
    const wrong = { ...props, customerId: "", customer_id: "acme" };
    expect(() => new tracked(wrong, bareClient())).toThrow(
      /customer_id: unknown option; did you mean customerId[^]*customerId: /,
    );
    await expect(tracked.create(bareClient(), wrong)).rejects.toThrow("customerId");
    expect(server.upgrades).toEqual([]);
  });
});

describe("openai/beta/realtime/ws, tracked with trackRealtime", () => {
  it.each(programs)("$name", async (program) => {
    const Class = await loadBetaClass();
    await comparePrograms(
      program,
      () => new Class(props, bareClient()),
      () => ours.trackRealtime(new Class(props, bareClient()), { tracker, customerId: "globex", logger: silent }),
    );
  });
});

describe("openai/resources/responses/ws, tracked with trackRealtime", () => {
  if (major < 6) {
    it(`is not in openai ${major}`, () => expect(loadResponsesClass()).rejects.toThrow());
    return;
  }
  // Its `close` and `send` wait for the connection in ways of their own; frames are the same to it.
  it.each(programs)("$name", async (program) => {
    const Class = await loadResponsesClass();
    await comparePrograms(
      program,
      () => new Class(bareClient(), props.options),
      () => ours.trackRealtime(new Class(trackedClient(), props.options), { customerId: "globex" }),
    );
  });
});
