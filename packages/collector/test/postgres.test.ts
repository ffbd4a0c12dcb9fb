/** The collector on PostgreSQL: the same routes, and what it says and does while the server is away. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import { createDatabaseOn, dropDatabaseOn } from "@cmdrdata/testkit";
import { expect, inject, it } from "vitest";

import { rememberKeys } from "../src/index.ts";
import { systemClock } from "../src/clock.ts";
import { startCollector } from "./running-collector.ts";

/** A way to the server that can be cut and mended. */
async function startWay(target: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(Number(target.port), target.hostname);
    for (const [each, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(each);
      each.pipe(other);
      each.on("error", () => other.destroy()).on("close", () => sockets.delete(each));
    }
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const cut = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { url: Object.assign(new URL(target), { port: String(port) }).href, cut, mend: () => listen(port) };
}

async function withWay(test: (way: Awaited<ReturnType<typeof startWay>>) => Promise<void>): Promise<void> {
  const server = inject("postgres");
  const url = await createDatabaseOn(server, `test_${randomUUID().replaceAll("-", "")}`);
  const way = await startWay(new URL(url));
  try {
    await test(way);
  } finally {
    await way.cut();
    await dropDatabaseOn(server, url);
  }
}

const events = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({
    id: `${name}-${index}`,
    customer_id: "acme",
    input_tokens: 10,
    output_tokens: 1,
    timestamp: "2026-11-23T10:01:00Z",
  }));

it("takes events in many requests at once, each once, and reports them", () =>
  withWay(async ({ url }) => {
    const collector = await startCollector({ databaseUrl: url });
    try {
      const bodies = Array.from({ length: 30 }, (_, index) => events(20, `batch-${index % 20}`));
      const replies = await Promise.all(bodies.map(async (body) => (await collector.post(body)).json()));
      const sum = (name: string) =>
        replies.reduce<number>((all, reply) => all + (reply as Record<string, number>)[name]!, 0);
      expect([sum("accepted"), sum("duplicates"), sum("conflicts")]).toEqual([400, 200, 0]);
      const report = await (await collector.usage("?group_by=customer_id")).json();
      expect(report).toMatchObject({ rows: [{ customer_id: "acme", calls: 400, input_tokens: 4_000 }] });
    } finally {
      await collector.close();
    }
  }));

it("answers 503 with Retry-After while the server is away, says so in /readyz, and goes on by itself (S7)", () =>
  withWay(async (way) => {
    const collector = await startCollector({ databaseUrl: way.url });
    const keys = rememberKeys(collector.store, systemClock);
    expect((await collector.post(events(1, "before"))).status).toBe(200);
    expect(await keys.findKey("unknown")).toBeUndefined();
    await way.cut();
    const refused = await collector.post(events(3, "meanwhile"));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    const message = "the collector cannot reach its database; send the request again";
    expect(await refused.json()).toEqual({ error: { code: "CMDR_DATABASE_UNREACHABLE", message } });
    expect((await collector.usage()).status).toBe(503);
    const unready = await fetch(`${collector.url}/readyz`);
    expect([unready.status, await unready.json()]).toMatchObject([503, { checks: { store: "failed" } }]);
    await way.mend();
    expect((await fetch(`${collector.url}/readyz`)).status).toBe(200);
    expect(await (await collector.post(events(3, "meanwhile"))).json()).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(await (await collector.usage()).json()).toMatchObject({ total: { calls: 4 } });
    await collector.close();
  }));

it("answers 503 to a request whose commit it cannot hear of, and counts what was committed once", () =>
  withWay(async (way) => {
    // Keys are remembered, so that requests get as far as the writer.
    const plain = { name: "", requestsPerMinute: null, eventsPerMinute: null, endsAtMs: null, lastUsedAtMs: null };
    const known = { ...plain, tenant: "default", hash: "", scopes: ["ingest", "read"], createdAtMs: 0 } as const;
    const collector = await startCollector({ databaseUrl: way.url, keys: { findKey: async () => known } });
    expect((await collector.post(events(1, "before"))).status).toBe(200);
    const sending = Array.from({ length: 8 }, (_, index) => collector.post(events(50, `under way ${index}`)));
    await way.cut();
    const statuses = (await Promise.all(sending)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await way.mend();
    for (let index = 0; index < 8; index += 1) {
      expect((await collector.post(events(50, `under way ${index}`))).status).toBe(200);
    }
    expect(await (await collector.usage()).json()).toMatchObject({ total: { calls: 401 } });
    await collector.close();
  }));
