import { gzipSync } from "node:zlib";

import { afterEach, describe, expect, it } from "vitest";

import { type ScriptedAnswer, type ScriptedCollector, scriptedCollector } from "./scripted-collector.ts";

const open: ScriptedCollector[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((collector) => collector.close()));
});

async function makeCollector(script?: readonly ScriptedAnswer[]): Promise<ScriptedCollector> {
  const collector = await scriptedCollector(script);
  open.push(collector);
  return collector;
}

const post = (collector: ScriptedCollector, ids: readonly string[], signal?: AbortSignal): Promise<Response> =>
  fetch(collector.url, {
    method: "POST",
    body: JSON.stringify({ events: ids.map((id) => ({ id })) }),
    ...(signal === undefined ? {} : { signal }),
  });

describe("scriptedCollector", () => {
  it("takes each id once and says which were duplicates", async () => {
    const collector = await makeCollector();
    expect(await (await post(collector, ["a", "b"])).json()).toEqual({ accepted: 2, duplicates: 0, rejected: [] });
    expect(await (await post(collector, ["b", "c"])).json()).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
    expect([...collector.ids]).toEqual(["a", "b", "c"]);
    expect(collector.requests.map(({ events }) => events.length)).toEqual([2, 2]);
    expect(collector.connections()).toBeGreaterThanOrEqual(1);
  });

  it("reads gzip, and records the bytes as they came", async () => {
    const collector = await makeCollector();
    const body = gzipSync(JSON.stringify({ events: [{ id: "a" }] }));
    await fetch(collector.url, { method: "POST", headers: { "content-encoding": "gzip" }, body });
    expect(collector.requests).toEqual([
      expect.objectContaining({ bodyBytes: body.byteLength, events: [{ id: "a" }] }),
    ]);
  });

  it("follows its script, then behaves", async () => {
    const collector = await makeCollector([
      { kind: "answer", status: 503, headers: { "retry-after": "7" }, body: "busy" },
    ]);
    const refused = await post(collector, ["a"]);
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([503, "7", "busy"]);
    expect(collector.ids.size).toBe(0);
    expect((await post(collector, ["a"])).status).toBe(200);
    expect([...collector.ids]).toEqual(["a"]);
  });

  it("answers without a body when none is scripted", async () => {
    const collector = await makeCollector([{ kind: "answer", status: 204 }]);
    expect((await post(collector, ["a"])).status).toBe(204);
  });

  it("drops the connection, with or without taking the events", async () => {
    const collector = await makeCollector([
      { kind: "drop-connection", commit: true },
      { kind: "drop-connection", commit: false },
    ]);
    await expect(post(collector, ["a"])).rejects.toThrow("fetch failed");
    await expect(post(collector, ["b"])).rejects.toThrow("fetch failed");
    expect([...collector.ids]).toEqual(["a"]);
  });

  it("answers later, when told to be slow", async () => {
    const collector = await makeCollector([{ kind: "slow", afterMs: 20 }]);
    const startMs = performance.now();
    expect((await post(collector, ["a"])).status).toBe(200);
    expect(performance.now() - startMs).toBeGreaterThan(15);
    expect([...collector.ids]).toEqual(["a"]);
  });

  it("hangs until it is closed", async () => {
    const collector = await makeCollector([{ kind: "hang" }]);
    const hanging = post(collector, ["a"]).catch((error: unknown) => error);
    while (collector.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await collector.close();
    expect(await hanging).toBeInstanceOf(TypeError);
  });
});
