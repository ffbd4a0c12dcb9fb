/** What every way out keeps to, over real connections. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

import { type ScriptedAnswer, type ScriptedCollector, scriptedCollector } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { systemClock } from "../src/index.ts";
import { createTransport } from "../src/transport/create-transport.ts";
import { createFetchTransport } from "../src/transport/fetch-transport.ts";
import type { Transport, TransportRequest } from "../src/transport/transport.ts";
import { key } from "./make-tracker.ts";

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const reply = JSON.stringify({ accepted: 1, duplicates: 0, rejected: [] });
const utf8 = (text: string) => new TextEncoder().encode(text);
const tooLarge = "expected an answer of at most 5242880 bytes";

const request = (url: string, given: Partial<TransportRequest> = {}): TransportRequest => ({
  url,
  headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
  body: utf8(JSON.stringify({ events: [{ id: "a" }] })),
  timeoutMs: 5_000,
  ...given,
});

const ways: readonly (readonly [string, () => Transport])[] = [
  ["Node's own connections", () => createTransport(undefined)],
  ["fetch", () => createTransport(undefined, {})],
];

describe.each(ways)("%s", (_name, create) => {
  async function open(...script: readonly ScriptedAnswer[]) {
    const collector = await scriptedCollector(script);
    const transport = create();
    cleanups.push(
      () => transport.close(),
      () => collector.close(),
    );
    return {
      collector,
      transport,
      send: (given?: Partial<TransportRequest>) => transport.send(request(collector.url, given)),
    };
  }

  const arrived = async ({ requests }: ScriptedCollector): Promise<void> => {
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };

  it("brings the status, the headers by their names in lower case, and the text", async () => {
    const body = `${reply} äöü €`;
    const { send } = await open({
      kind: "answer",
      status: 503,
      headers: { "Retry-After": "7", "set-cookie": "a=1" },
      body,
    });
    const answer = await send();
    expect(answer).toMatchObject({ status: 503, text: body, sentBytes: request("").body.length });
    expect(answer.headers).toMatchObject({ "retry-after": "7", "set-cookie": "a=1" });
    await expect(open({ kind: "answer", status: 204 }).then((again) => again.send())).resolves.toMatchObject({
      text: "",
    });
  });

  it("packs what is worth it, and counts what went out", async () => {
    const { collector, send } = await open();
    const events = Array.from({ length: 200 }, (_, index) => ({ id: `event-${index}` }));
    const large = await send({ body: utf8(JSON.stringify({ events })) });
    const small = await send();
    expect(collector.ids.size).toBe(201);
    expect(collector.requests.map(({ headers }) => headers["content-encoding"])).toEqual(["gzip", undefined]);
    expect(collector.requests.map(({ bodyBytes }) => bodyBytes)).toEqual([large.sentBytes, small.sentBytes]);
    expect(large.sentBytes).toBeLessThan(2_000);
  });

  it.each([301, 302, 303, 307, 308])(
    "does not follow a redirect with %i, neither elsewhere nor on the same host",
    async (status) => {
      const elsewhere = await scriptedCollector();
      cleanups.push(() => elsewhere.close());
      const { collector, send } = await open(
        { kind: "answer", status, headers: { location: elsewhere.url } },
        { kind: "answer", status, headers: { location: "/api/other" } },
      );
      expect((await send()).status).toBe(status);
      expect((await send()).status).toBe(status);
      expect(elsewhere.connections()).toBe(0);
      expect(collector.requests).toHaveLength(2);
    },
  );

  it("stops reading an answer that has no end", async () => {
    const { send } = await open({ kind: "endless" });
    await expect(send()).rejects.toThrow(tooLarge);
  });

  it("ends an answer that drips, at the request's time", async () => {
    const { send } = await open({ kind: "drip" });
    await expect(send({ timeoutMs: 150 })).rejects.toThrow("no complete answer within 150 ms");
  });

  it("ends an exchange that is not answered, at the request's time", async () => {
    const { send } = await open({ kind: "hang" });
    await expect(send({ timeoutMs: 100 })).rejects.toThrow("no complete answer within 100 ms");
  });

  it("reads a packed answer, up to the same bound", async () => {
    const headers = { "content-encoding": "gzip" };
    const { send } = await open(
      { kind: "answer", status: 200, headers, body: gzipSync(reply) },
      { kind: "answer", status: 200, headers, body: gzipSync(Buffer.alloc(50_000_000)) },
      { kind: "answer", status: 200, headers, body: "not packed at all" },
    );
    expect((await send()).text).toBe(reply);
    await expect(send()).rejects.toThrow(tooLarge);
    await expect(send()).rejects.toThrow();
  });

  it("breaks off what is under way when it is closed, and sends nothing from then on", async () => {
    const { collector, transport, send } = await open({ kind: "hang" });
    const sent = expect(send({ timeoutMs: 60_000 })).rejects.toThrow(/socket hang up|closed/);
    await arrived(collector);
    transport.close();
    await sent;
    await expect(send()).rejects.toThrow("the transport is closed");
    expect(collector.requests).toHaveLength(1);
  });

  it("says why there is no answer", async () => {
    const { collector, transport } = await open({ kind: "drop-connection", commit: false });
    await expect(transport.send(request(collector.url))).rejects.toThrow(/hang up|other side closed/);
    await collector.close();
    await expect(transport.send(request(collector.url))).rejects.toThrow("ECONNREFUSED");
  });

  it.each(["x\r\nx-injected: 1", "x\nx-injected: 1"])("lets no value make a header of its own: %j", async (value) => {
    const heads: string[] = [];
    const server = createServer((socket) => {
      socket.on("data", (data) => {
        heads.push(data.toString("latin1"));
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${reply.length}\r\nconnection: close\r\n\r\n${reply}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`;
    const transport = create();
    cleanups.push(() => transport.close());
    await expect(transport.send(request(url, { headers: { authorization: value } }))).rejects.toThrow();
    // In an address, line ends are taken out or escaped.
    await transport.send(request(`${url}?${value}`));
    expect(heads.join("")).toMatch(/^POST \/api\/events\?x/);
    expect(heads.join("")).not.toMatch(/^x-injected/im);
  });
});

describe("fetch that does not heed an abort", () => {
  it("is left behind at the request's time, and its answer is let go of", async () => {
    let answer: (response: Response) => void = () => {};
    let cancelled = false;
    const body = new ReadableStream({ cancel: () => void (cancelled = true) });
    const transport = createFetchTransport({
      fetch: () => new Promise((resolve) => (answer = resolve)),
      CompressionStream: undefined,
      clock: systemClock,
    });
    const padding = utf8("x".repeat(2_000));
    await expect(transport.send(request("http://127.0.0.1/", { body: padding, timeoutMs: 20 }))).rejects.toThrow(
      "no complete answer within 20 ms",
    );
    answer(new Response(body));
    await new Promise((resolve) => setImmediate(resolve));
    expect(cancelled).toBe(true);
  });
});
