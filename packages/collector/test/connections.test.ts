/** What is below requests: bytes that are no HTTP, requests that break off, connections that stay open at the end. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { systemClock } from "../src/index.ts";
import { idle, keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

async function start(...args: Parameters<typeof startCollector>): Promise<Running> {
  return (running = await startCollector(...args));
}

const unfinished = [
  "POST /api/events HTTP/1.1",
  "Host: x",
  `Authorization: Bearer ${keys.all}`,
  "Content-Type: application/json",
  "Content-Length: 10",
  "",
  "{",
].join("\r\n");

async function open({ url }: Running, text: string) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
  await once(socket, "connect");
  socket.write(text);
  return { socket, received: () => received };
}

/** A round trip: what was sent before has reached the collector. */
const seenBy = async ({ url }: Running): Promise<unknown> => (await fetch(`${url}/livez`)).text();

async function answerTo(collector: Running, text: string): Promise<string> {
  const { socket, received } = await open(collector, text);
  await once(socket, "close");
  const [head = "", body = ""] = received().split("\r\n\r\n");
  const { error } = JSON.parse(body) as { readonly error: { readonly code: string } };
  return `${head.split(" ")[1]} ${error.code}`;
}

describe("what is no request", () => {
  it.each([
    ["other bytes than HTTP", "GARBAGE\r\n\r\n", "400"],
    ["more headers than it reads", `GET /livez HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(20_000)}\r\n\r\n`, "431"],
    ["a URL that cannot be decoded", "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400"],
  ])("is answered in the same shape as all else: %s", async (_name, text, status) => {
    expect(await answerTo(await start(), text)).toBe(`${status} CMDR_REQUEST_UNREADABLE`);
  });

  it("is no fault of the collector's when a client goes away in the middle of a body", async () => {
    const collector = await start();
    const connected = once(collector.server.server, "connection") as Promise<[Socket]>;
    const { socket } = await open(collector, unfinished);
    const [peer] = await connected;
    await seenBy(collector);
    socket.resetAndDestroy();
    await once(peer, "close").catch(() => {});
    await seenBy(collector);
    expect(collector.log.join("")).not.toContain('"level":50');
  });
});

describe("the end", () => {
  it("does not wait for a request that never ends, nor for a connection that says nothing", async () => {
    let cut: (() => void) | undefined;
    const clock = { ...systemClock, schedule: (_ms: number, callback: () => void) => ((cut = callback), () => {}) };
    const collector = await start({ clock });
    await open(collector, unfinished);
    await open(collector, "");
    await seenBy(collector);
    collector.drain();
    const closed = collector.closeServer(5_000);
    cut?.();
    await closed;
  });

  it("answers what was under way, and closes its connection, so that nothing is waited for", async () => {
    const answer = Promise.withResolvers<{ kind: "overloaded"; bytesInFlight: number }>();
    const submitted = Promise.withResolvers<undefined>();
    const writer = { load: () => idle, submit: () => (submitted.resolve(undefined), answer.promise) };
    const collector = await start({ writer });
    const posted = collector.post({ id: "a" });
    await submitted.promise;
    collector.drain();
    const closed = collector.closeServer(60_000);
    answer.resolve({ kind: "overloaded", bytesInFlight: 1 });
    const response = await posted;
    expect([response.status, response.headers.get("connection")]).toEqual([503, "close"]);
    await closed;
  });

  it("refuses what comes on an open connection meanwhile with its own 503, to be sent again", async () => {
    const collector = await start();
    const half = unfinished.length - "Content-Length: 10\r\n\r\n{".length;
    const { socket, received } = await open(collector, unfinished.slice(0, half));
    await seenBy(collector);
    collector.drain();
    const closed = collector.closeServer(60_000);
    await expect.poll(() => collector.server.server.listening).toBe(false);
    socket.write(`${unfinished.slice(half)}         `);
    await once(socket, "close");
    await closed;
    expect(received()).toMatch(/^HTTP\/1.1 503 .*retry-after: 1\r\n.*CMDR_NOT_READY/s);
  });
});
