import { parquetReadObjects } from "hyparquet";
import { afterEach, describe, expect, it } from "vitest";

import { keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

const start = async (): Promise<Running> => (running = await startCollector());

const call = (id: string, fields: object = {}) => ({
  id,
  customer_id: "acme",
  operation: "chat.completions",
  model: "gpt-4o",
  input_tokens: 1_000,
  output_tokens: 100,
  timestamp: "2026-11-23T10:00:00.000Z",
  ...fields,
});

const json = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T;

interface Report {
  readonly rows: readonly Record<string, unknown>[];
  readonly total: Record<string, unknown>;
}

describe("GET /api/v1/usage", () => {
  const post = async ({ post }: Running) =>
    post([
      call("a"),
      call("b", { customer_id: "b@x.org/+=", model: "gpt-4o-mini" }),
      call("c", { customer_id: null }),
      call("d", { timestamp: "2026-11-22T10:00:00Z", input_tokens: 5_000_000 }),
    ]);

  it("keeps what has any of a filter's values, an empty one what has none, and of all filters", async () => {
    const collector = await start();
    await post(collector);
    const calls = async (query: string) =>
      (await json<Report>(collector.usage(`?group_by=customer_id&${query}`))).rows.map((row) => row["customer_id"]);
    expect(await calls(`customer_id=acme&customer_id=${encodeURIComponent("b@x.org/+=")}`)).toEqual([
      "acme",
      "b@x.org/+=",
    ]);
    expect(await calls("customer_id=")).toEqual([null]);
    expect(await calls("model=gpt-4o&customer_id=acme")).toEqual(["acme"]);
    expect(await calls("model=nothing")).toEqual([]);
  });

  it("tells the largest groups apart and adds up the rest, so that the total stays", async () => {
    const collector = await start();
    await post(collector);
    const all = await json<Report>(collector.usage("?group_by=customer_id"));
    const top = await json<Report>(collector.usage("?group_by=customer_id&top=1"));
    expect(top.rows).toMatchObject([
      { customer_id: "acme", other: false, calls: 2 },
      { other: true, calls: 2 },
    ]);
    expect(top.total).toEqual(all.total);
    const daily = await json<Report>(collector.usage("?group_by=customer_id&top=1&order=calls&interval=day"));
    expect(daily.rows.map(({ start, other }) => [String(start).slice(8, 10), other])).toEqual([
      ["22", false],
      ["23", false],
      ["23", true],
    ]);
    const csv = await (await collector.usage("?group_by=customer_id&top=1&format=csv")).text();
    expect(csv.split("\n")[2]).toMatch(/^,true,2,/);
  });

  it("says that a metadata key must be declared, and that there is one at most", async () => {
    const { usage } = await start();
    const problem = async (query: string) =>
      ((await json(usage(query))) as { error: { code: string; message: string } }).error;
    expect(await problem("?group_by=metadata.team")).toMatchObject({
      code: "CMDR_QUERY_INVALID",
      message: expect.stringContaining("declared"),
    });
    expect((await problem("?group_by=metadata.a,metadata.b&top=0&order=size")).message).toMatch(
      /top: .*order: .*metadata: /,
    );
  });
});

describe("GET /api/v1/events", () => {
  interface EventPage {
    readonly events: readonly Record<string, unknown>[];
    readonly next: string | null;
  }

  it("gives pages, the newest first, which go on where the last one ended while events arrive", async () => {
    const { post, get } = await start();
    const at = (minute: number) => `2026-11-23T09:0${minute}:00Z`;
    await post([0, 1, 2, 3, 3].map((minute, index) => call(`e${index}`, { timestamp: at(minute) })));
    const first = await json<EventPage>(get("/api/v1/events?limit=2"));
    expect(first.events.map(({ id }) => id)).toEqual(["e4", "e3"]);
    await post(call("late", { timestamp: at(4) }));
    const second = await json<EventPage>(get(`/api/v1/events?limit=3&after=${first.next}`));
    expect([second.events.map(({ id }) => id), second.next]).toEqual([["e2", "e1", "e0"], null]);
  });

  it("filters by dimension and by flag, and shows a tenant its own", async () => {
    const { post, get } = await start();
    await post([call("a"), call("b", { customer_id: null, input_tokens: -1 }), call("c", { model: "gpt-4o-mini" })]);
    const ids = async (query: string, key?: string) =>
      (await json<EventPage>(get(`/api/v1/events${query}`, key))).events.map(({ id }) => id);
    expect(await ids("?customer_id=")).toEqual(["b"]);
    expect(await ids("?customer_id=&customer_id=acme&model=gpt-4o")).toEqual(["b", "a"]);
    expect(await ids("?flag=CMDR_FIELD_RANGE")).toEqual(["b"]);
    expect(await ids("?from=2026-11-23T10:00:00.001Z&to=2026-11-24")).toEqual([]);
    expect(await ids("", keys.otherTenant)).toEqual([]);
  });

  it("refuses what is no page, all at once", async () => {
    const { get } = await start();
    const { error } = await json<{ error: { message: string } }>(get("/api/v1/events?limit=5000&after=x&flag=late"));
    expect(error.message).toMatch(/limit: .*after: .*flag: /);
    expect((await get("/api/v1/conflicts?after=bnVsbA")).status).toBe(400);
    expect((await get("/api/v1/customers?after=Nw")).status).toBe(400);
  });
});

describe("GET /api/v1/events/{id}", () => {
  it("tells what became of an event: its versions, price lines, flags and row of the roll-up", async () => {
    const { post, get } = await start();
    const id = "team/a:1+1=2 ✓";
    await post([call(id), call(id, { output_tokens: 7 })]);
    await post(call(id, { output_tokens: 7 }));
    await post(call(id, { timestamp: "2026-11-22T10:07:00Z" }));
    const story = await json<{ events: readonly Record<string, unknown>[] }>(
      get(`/api/v1/events/${encodeURIComponent(id)}`),
    );
    expect(story.events).toMatchObject([
      { identity_day: "2026-11-22", state: "counted", conflicts: [], bucket: { start: "2026-11-22T10:00:00.000Z" } },
      {
        identity_day: "2026-11-23",
        event: { output_tokens: 100 },
        summary: { customer_id: "acme", cost_usd: "0.0035" },
        cost: {
          usd: "0.0035",
          unpriced_reason: null,
          lines: [
            { unit: "input_tokens", quantity: 1_000, usd_each: "0.0000025", usd: "0.0025" },
            { unit: "output_tokens", quantity: 100, usd: "0.001" },
          ],
        },
        conflicts: [{ times_received: 2, event: { output_tokens: 7 } }],
      },
    ]);
    expect(await json(get("/api/v1/conflicts"))).toMatchObject({ total: 1, conflicts: [{ id }], next: null });
    expect((await get(`/api/v1/events/${encodeURIComponent(id)}`, keys.otherTenant)).status).toBe(404);
  });
});

describe("GET /api/v1/customers", () => {
  it("sums up each customer, nobody first, in pages", async () => {
    const { post, get } = await start();
    await post([
      call("a", { timestamp: "2025-01-01T00:20:00Z" }),
      call("b"),
      call("c", { customer_id: null }),
      call("d", { customer_id: "zoë" }),
    ]);
    interface Customers {
      readonly customers: readonly Record<string, unknown>[];
      readonly next: string | null;
    }
    const first = await json<Customers>(get("/api/v1/customers?limit=2"));
    expect(first.customers).toMatchObject([
      { customer_id: null, calls: 1, erased: false },
      {
        customer_id: "acme",
        calls: 2,
        cost_usd: "0.007",
        first_seen: "2025-01-01T00:15:00.000Z",
        last_seen: "2026-11-23T10:00:00.000Z",
      },
    ]);
    const second = await json<Customers>(get(`/api/v1/customers?limit=1&after=${first.next}`));
    expect(second).toMatchObject({ customers: [{ customer_id: "zoë" }], next: null });
    expect((await json<Customers>(get("/api/v1/customers?from=2026-11-01"))).customers[1]).toMatchObject({ calls: 1 });
  });
});

describe("GET /api/v1/export", () => {
  const many = Array.from({ length: 2_300 }, (_, index) =>
    call(`e${index}`, { customer_id: index % 3 === 0 ? null : `=c${index % 7}`, timestamp: 1_795_400_000 + index }),
  );

  it("streams every event once, as CSV, NDJSON and Parquet, of a page or of many", async () => {
    const { post, get } = await start();
    for (let first = 0; first < many.length; first += 1_000) await post(many.slice(first, first + 1_000));
    const csv = (await (await get("/api/v1/export")).text()).trimEnd().split("\n");
    expect(csv).toHaveLength(2_301);
    expect(csv[0]).toBe("id,timestamp,received_at,customer_id,model,operation,provider,service_tier,error_type,input_tokens,cached_input_tokens,output_tokens,reasoning_tokens,total_tokens,duration_ms,cost_usd,unpriced_reason,flags"); // prettier-ignore
    expect(csv[1]).toMatch(/^e2299,2026-11-23T02:51:39.000Z,2026-11-23T10:07:00.000Z,'=c3,gpt-4o,/);
    const lines = (await (await get("/api/v1/export?format=ndjson&customer_id=")).text()).trimEnd().split("\n");
    expect(lines).toHaveLength(767);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ id: "e2298", customer_id: null, cost_usd: "0.0035" });
    const answer = await get("/api/v1/export?format=parquet");
    expect(answer.headers.get("content-type")).toBe("application/vnd.apache.parquet");
    const rows = await parquetReadObjects({ file: await answer.arrayBuffer() });
    expect(new Set(rows.map(({ id }) => id as string)).size).toBe(2_300);
    expect(rows[0]).toMatchObject({ id: "e2299", customer_id: "=c3", input_tokens: 1_000n, cost_usd: "0.0035" });
    expect(rows[0]?.["timestamp"]).toEqual(new Date("2026-11-23T02:51:39.000Z"));
  });

  it("writes sums by day, and a file without rows", async () => {
    const { post, get } = await start();
    await post([call("a"), call("b", { timestamp: "2026-10-25T10:00:00Z" })]);
    const usage = "/api/v1/export?what=usage&group_by=customer_id&interval=day&tz=Asia/Kathmandu";
    expect((await (await get(`${usage}&format=csv`)).text()).split("\n").slice(0, 3).join("\n")).toBe(
      "customer_id,start,calls,errors,unattributed,input_tokens,cached_input_tokens,output_tokens,reasoning_tokens,total_tokens,cost_usd,unpriced_calls,duration_ms_avg\nacme,2026-10-25T00:00:00+05:45,1,0,0,1000,0,100,0,1100,0.0035,0,\nacme,2026-11-23T00:00:00+05:45,1,0,0,1000,0,100,0,1100,0.0035,0,",
    );
    const file = await (await get(`${usage}&format=parquet`)).arrayBuffer();
    expect(await parquetReadObjects({ file })).toMatchObject([{ calls: 1n }, { calls: 1n, duration_ms_avg: null }]);
    const empty = await (await get("/api/v1/export?format=parquet&model=none")).arrayBuffer();
    expect(await parquetReadObjects({ file: empty })).toEqual([]);
    expect(await (await get("/api/v1/export?format=ndjson&model=none")).text()).toBe("");
  });

  it("refuses what it cannot write, and a parameter it would ignore", async () => {
    const { get } = await start();
    for (const query of ["format=xml", "what=prices", "interval=day", "what=usage&flag=CMDR_EVENT_LATE"]) {
      expect((await get(`/api/v1/export?${query}`)).status, query).toBe(400);
    }
  });
});
