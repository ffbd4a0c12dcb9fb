/** What the machine around a collector asks: probes, health and numbers. */
import { readFileSync } from "node:fs";

import { afterEach, describe, expect, it } from "vitest";

import { diskCheck, writerCheck } from "../src/index.ts";
import { runChecks } from "../src/operations/check.ts";
import { idle, startCollector } from "./running-collector.ts";

interface Health {
  readonly components: Readonly<Record<string, object>>;
  readonly uptime_seconds: number;
}

type Running = Awaited<ReturnType<typeof startCollector>>;
const running: Running[] = [];

async function start(overrides: Parameters<typeof startCollector>[0] = {}): Promise<Running> {
  const collector = await startCollector(overrides);
  running.push(collector);
  return collector;
}

afterEach(async () => void (await Promise.all(running.splice(0).map((collector) => collector.close()))));

async function metricsOf({ url }: Running): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

describe("/healthz", () => {
  it("says how each part is, with numbers", async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/healthz`);
    const { components, uptime_seconds: uptime, ...whole } = (await answer.json()) as Health;
    expect([answer.status, whole]).toEqual([200, { status: "ok", ready: true, version: "1.2.3" }]);
    expect(uptime).toBeGreaterThanOrEqual(0);
    expect(components).toMatchObject({
      store: { status: "ok", readings: { engine: "sqlite" } },
      writer: { status: "ok", readings: { bytes_in_flight: 0, requests_in_flight: 0, oldest_wait_ms: 0 } },
      disk: { status: "ok" },
    });
    expect(JSON.stringify(components)).toMatch(/"free_bytes":\d+,"total_bytes":\d+/);
  });

  it("is 503 with the reason when a part fails, 200 when one only needs to be looked at", async () => {
    let free = 500 * 2 ** 20;
    const disk = diskCheck("/data", async () => ({ bavail: free, blocks: 2 ** 40, bsize: 1 }));
    const { url } = await start({ checks: [disk] });
    const degraded = await fetch(`${url}/healthz`);
    expect([degraded.status, await degraded.json()]).toMatchObject([
      200,
      {
        status: "degraded",
        components: { disk: { status: "degraded", problem: "500 MiB are free: make room, or retain less" } },
      },
    ]);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    free = 2 ** 20;
    const failing = await fetch(`${url}/healthz`);
    expect([failing.status, await failing.json()]).toMatchObject([
      503,
      { status: "failing", ready: false, components: { disk: { problem: "1 MiB are free: too little" } } },
    ]);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
  });
});

describe("a ledger that may not grow", () => {
  it("is said by the answer, by /readyz and by /healthz; what was answered is counted, the rest is not there", async () => {
    const collector = await start({ mostPages: 200 });
    const send = (batch: number): Promise<Response> =>
      collector.post(Array.from({ length: 50 }, (_, index) => ({ id: `${batch}-${index}`, model: "gpt-4o" })));
    let taken = 0;
    let answer = await send(0);
    for (; answer.status === 200 && taken < 100; answer = await send(taken)) taken += 1;
    expect([answer.status, answer.headers.get("retry-after"), await answer.json()]).toEqual([
      503,
      "1",
      { error: { code: "CMDR_DISK_FULL", message: "the collector has no room for more; send the request again" } },
    ]);
    expect(taken).toBeGreaterThan(0);
    const { total } = (await (await collector.usage()).json()) as { readonly total: { readonly calls: number } };
    expect(total.calls).toBe(taken * 50);
    const ready = await fetch(`${collector.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { checks: { writer: "failed", store: "ok" } }]);
    expect(await (await fetch(`${collector.url}/healthz`)).json()).toMatchObject({
      status: "failing",
      components: { writer: { problem: "the disk of the ledger, or a quota on it, is full" } },
    });
  });
});

describe("checks", () => {
  const run = async (load: Partial<typeof idle>, alive = true) => {
    const check = writerCheck({ alive: () => alive, load: () => ({ ...idle, maxBytesInFlight: 100, ...load }) });
    const { writer } = await runChecks([check], () => 0);
    return [writer?.status, writer?.problem];
  };

  it("find a writer that is gone, that is behind, and that is nearly full", async () => {
    expect(await run({})).toEqual(["ok", undefined]);
    expect(await run({}, false)).toEqual(["failing", "the writer thread is gone"]);
    expect(await run({ oldestWaitMs: 10_001 })).toEqual(["failing", "a request has waited 10001 ms for its commit"]);
    expect((await run({ bytesInFlight: 80 }))[0]).toBe("degraded");
  });

  it("say of a full disk what it is, and let something through after a while, to see", async () => {
    expect(await run({ fullSinceMs: 9_999 })).toEqual(["failing", "the disk of the ledger, or a quota on it, is full"]);
    expect((await run({ fullSinceMs: 10_000 }))[0]).toBe("ok");
  });

  it("do not wait for a part that does not answer, and say what was thrown that is no error", async () => {
    const silent = { name: "silent", run: () => new Promise<void>(() => {}) };
    const odd = { name: "odd", run: () => Promise.reject("reason" as unknown as Error) };
    expect(await runChecks([silent, odd], () => 0)).toEqual({
      silent: { status: "failing", problem: "no answer within 2000 ms", latency_ms: 0, readings: {} },
      odd: { status: "failing", problem: "reason", latency_ms: 0, readings: {} },
    });
  });
});

describe("/metrics", () => {
  it("counts what became of each event and request", async () => {
    const collector = await start();
    const event = { id: "a", customer_id: "acme", model: "gpt-4o", input_tokens: 1, output_tokens: 1 };
    await collector.post([event, { ...event, id: "b", timestamp: "yesterday" }, 7]);
    const unknown = { ...event, id: "c", model: "nobody-knows" };
    const doubtful = { ...unknown, id: "d", timestamp: "2027-11-23T10:00:00Z" };
    await collector.post([event, { ...event, input_tokens: 2 }, unknown, unknown, doubtful]);
    await fetch(`${collector.url}/nowhere/of/a/customer`);
    const text = await metricsOf(collector);
    const value = (series: string): string | undefined =>
      text
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")[1];
    expect(["accepted", "duplicate", "conflict", "rejected"].map((name) => value(`cmdrdata_events_total{outcome="${name}"}`))).toEqual(["4", "2", "1", "1"]); // prettier-ignore
    expect(value('cmdrdata_http_requests_total{method="POST",route="/api/events",status="200"}')).toBe("2");
    expect(value('cmdrdata_http_requests_total{method="GET",route="none",status="404"}')).toBe("1");
    expect(value('cmdrdata_unpriced_events_total{tenant="(other)",reason="model_unknown"}')).toBe("1");
    expect(value('cmdrdata_conflicting_events_total{tenant="(other)"}')).toBe("1");
    expect(value("cmdrdata_ingest_duration_seconds_count")).toBe("2");
    expect(Number(value("cmdrdata_ingest_body_bytes_total"))).toBeGreaterThan(200);
    expect(value('cmdrdata_component_status{component="store",status="ok"}')).toBe("1");
    expect(value("cmdrdata_ready")).toBe("1");
    expect(text).not.toMatch(/acme|customer"|tk-/);
    collector.drain();
    expect(await metricsOf(collector)).toContain("cmdrdata_ready 0");
  });

  it("has every series that docs/collector.md names, and of ours no other", async () => {
    const page = readFileSync(new URL("../../../docs/collector.md", import.meta.url), "utf8");
    const named = [...page.matchAll(/^\| `(cmdrdata_\w+)`/gm)].map(([, name]) => name);
    const served = [...(await metricsOf(await start())).matchAll(/^# TYPE (cmdrdata_\w+)/gm)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(served));
    expect(named).toHaveLength(served.length);
  });
});
