import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

import type { KeyStore } from "@cmdrdata/storage";
import { afterEach, describe, expect, it } from "vitest";

import { idle, keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

async function start(...args: Parameters<typeof startCollector>): Promise<Running> {
  return (running = await startCollector(...args));
}

const call = (id: string, fields: object = {}) => ({
  id,
  customer_id: "acme",
  operation: "chat.completions",
  model: "gpt-4o",
  input_tokens: 1_000,
  output_tokens: 100,
  timestamp: "2026-11-23T10:00:00.000Z",
  latency: { duration_ms: 800.5 },
  ...fields,
});

const errorOf = async (response: Response) => {
  const body = (await response.json()) as { readonly error: { readonly code: string; readonly message: string } };
  return `${response.status} ${body.error.code}`;
};

describe("POST /api/events", () => {
  it("takes one event, an array, or an object with events, and answers 200 with what became of each", async () => {
    const { post } = await start();
    const none = { conflicts: 0, rejected: [], flagged: [] };
    const one = await post(call("a"));
    expect(one.status).toBe(200);
    expect(await one.json()).toEqual({ accepted: 1, duplicates: 0, ...none });
    expect(await (await post([call("b"), call("c")])).json()).toEqual({ accepted: 2, duplicates: 0, ...none });
    expect(await (await post({ events: [call("d"), call("a")] })).json()).toEqual({
      accepted: 1,
      duplicates: 1,
      ...none,
    });
  });

  it("reads gzip, and refuses what does not decompress or decompresses to too much", async () => {
    const { post } = await start();
    const gzip = { "content-encoding": "gzip" };
    expect((await post(gzipSync(JSON.stringify(call("a"))), gzip)).status).toBe(200);
    expect(await errorOf(await post(randomBytes(64), gzip))).toBe("415 CMDR_ENCODING_UNSUPPORTED");
    expect(await errorOf(await post(gzipSync(Buffer.alloc(6_000_000, " ")), gzip))).toBe("413 CMDR_BODY_TOO_LARGE");
    expect(await errorOf(await post(call("a"), { "content-encoding": "br" }))).toBe("415 CMDR_ENCODING_UNSUPPORTED");
  });

  it("rejects a bad event by itself, with code and field, and stores its neighbours", async () => {
    const { post, usage } = await start();
    const reply = await post([call("a"), "not an event", call("b", { input_tokens: -5 })]);
    expect(await reply.json()).toMatchObject({
      accepted: 2,
      rejected: [{ index: 1, code: "CMDR_EVENT_NOT_OBJECT", field: "event" }],
      flagged: [{ index: 2, id: "b", code: "CMDR_FIELD_RANGE", field: "input_tokens" }],
    });
    expect(await (await usage()).json()).toMatchObject({ total: { calls: 2, input_tokens: 1_000, unpriced_calls: 1 } });
  });

  it("keeps the first version of an id, and counts a second one with other content as a conflict", async () => {
    const { post, usage } = await start();
    await post(call("a"));
    expect(await (await post(call("a", { output_tokens: 9 }))).json()).toMatchObject({
      accepted: 0,
      duplicates: 1,
      conflicts: 1,
    });
    expect(await (await usage()).json()).toMatchObject({ total: { calls: 1, output_tokens: 100 } });
  });

  it("counts the original Python clients' single events, with integer seconds and request.id as the only id", async () => {
    const { post, usage } = await start();
    const event = { customer_id: "acme", model: "gpt-4o", input_tokens: 5, output_tokens: 6, total_tokens: 11, provider: "openai", timestamp: 1795428000, version: "0.1.0", request: { id: "0b8f", streaming: false, retry_count: 0, success: true } }; // prettier-ignore
    expect((await post(event)).status).toBe(200);
    expect(await (await post(event)).json()).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await (await usage()).json()).toMatchObject({ total: { calls: 1, total_tokens: 11 } });
  });

  it.each([
    ["no JSON", "{", {}, "400 CMDR_BODY_NOT_JSON"],
    ["neither object nor array", "5", {}, "400 CMDR_BODY_SHAPE"],
    ["too many events", `[${"{},".repeat(1_000)}{}]`, {}, "413 CMDR_BATCH_TOO_MANY_EVENTS"],
    ["too many bytes", " ".repeat(5_242_881), {}, "413 CMDR_BODY_TOO_LARGE"],
    ["another content type", "{}", { "content-type": "text/plain" }, "415 CMDR_ENCODING_UNSUPPORTED"],
    ["no key", "{}", { authorization: "" }, "401 CMDR_KEY_MISSING"],
    ["a malformed key", "{}", { authorization: "Bearer sk-x" }, "401 CMDR_KEY_INVALID"],
    ["an unknown key", "{}", { authorization: `Bearer tk-${"x".repeat(30)}` }, "401 CMDR_KEY_INVALID"],
  ])("refuses a body that is %s", async (_name, body, headers, expected) => {
    const { post } = await start();
    expect(await errorOf(await post(body, headers))).toBe(expected);
  });

  it("says that a body is missing", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/api/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys.all}` },
    });
    expect(await errorOf(response)).toMatch(/^4(00|15) CMDR_/);
    const sized = { authorization: `Bearer ${keys.all}`, "content-type": "application/json", "content-length": "0" };
    const empty = await fetch(`${url}/api/events`, { method: "POST", headers: sized, body: "" });
    expect(await errorOf(empty)).toBe("400 CMDR_BODY_NOT_JSON");
  });

  it("answers 503 with Retry-After beyond the bytes it may hold, and takes the event later", async () => {
    const { post, usage } = await start({ maxBytesInFlight: 1 });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => post(call(`e${index}`))));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(answers.find(({ status }) => status === 503)?.headers.get("retry-after")).toBe("1");
    const taken = statuses.filter((status) => status === 200).length;
    expect(await (await usage()).json()).toMatchObject({ total: { calls: taken } });
  });

  it("answers 503 while it drains, and 500 without inner detail when the commit fails", async () => {
    const failing = {
      load: () => idle,
      submit: async () => ({ kind: "failed" as const, message: "disk I/O error at /secret/path" }),
    };
    const { post, drain, log } = await start({ writer: failing });
    const failed = await post(call("a"));
    expect(failed.status).toBe(500);
    // The commit may have happened all the same: a thread that dies after it cannot say so.
    expect(await failed.json()).toEqual({
      error: { code: "CMDR_INTERNAL", message: "the collector failed; send the request again: each event counts once" },
    });
    expect(log.join("")).toContain("disk I/O error");
    drain();
    expect(await errorOf(await post(call("a")))).toBe("503 CMDR_NOT_READY");
  });

  it("answers 500 without inner detail when keys cannot be looked up", async () => {
    const findKey = () => Promise.reject(new Error("disk I/O error at /secret/path"));
    const { post, log } = await start({ keys: { findKey } as Partial<KeyStore> as KeyStore });
    const failed = await post(call("a"));
    expect([failed.status, (await failed.text()).includes("secret")]).toEqual([500, false]);
    expect(log.join("")).toContain("disk I/O error");
  });

  it("stores many concurrent requests exactly once each", async () => {
    const { post, usage } = await start();
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) => post([call(`x${index}`), call(`x${index % 30}`)])),
    );
    const sums = (await Promise.all(replies.map((reply) => reply.json()))) as {
      accepted: number;
      duplicates: number;
    }[];
    expect(sums.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(60);
    expect(sums.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(60);
    expect(await (await usage()).json()).toMatchObject({ total: { calls: 60 } });
  });
});

describe("GET /api/v1/usage", () => {
  it("reports per customer and model with exact cost, and the total that is their sum", async () => {
    const { post, usage } = await start();
    await post([call("a"), call("b", { customer_id: null }), call("c", { model: "gpt-4o-mini" })]);
    const report = await (await usage("?group_by=customer_id,model")).json();
    const sums = { errors: 0, cached_input_tokens: 0, reasoning_tokens: 0, unpriced_calls: 0, duration_ms_avg: 800.5 };
    const tokens = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 };
    // $2.50 and $10 a million tokens for gpt-4o, $0.15 and $0.60 for gpt-4o-mini.
    expect(report).toEqual({
      from: "2026-10-24T10:15:00.000Z",
      to: "2026-11-23T10:15:00.000Z",
      tz: "UTC",
      interval: null,
      group_by: ["customer_id", "model"],
      rows: [
        { customer_id: null, model: "gpt-4o", calls: 1, unattributed: 1, cost_usd: "0.0035", ...tokens, ...sums },
        { customer_id: "acme", model: "gpt-4o", calls: 1, unattributed: 0, cost_usd: "0.0035", ...tokens, ...sums },
        {
          customer_id: "acme",
          model: "gpt-4o-mini",
          calls: 1,
          unattributed: 0,
          cost_usd: "0.00021",
          ...tokens,
          ...sums,
        },
      ],
      total: {
        calls: 3,
        unattributed: 1,
        cost_usd: "0.00721",
        ...sums,
        input_tokens: 3_000,
        output_tokens: 300,
        total_tokens: 3_300,
      },
    });
  });

  it("cuts days in the zone asked for", async () => {
    const { post, usage } = await start();
    await post([call("a", { timestamp: "2026-11-22T18:29:59Z" }), call("b", { timestamp: "2026-11-22T18:30:00Z" })]);
    const report = (await (await usage("?interval=day&tz=Asia/Kolkata")).json()) as {
      rows: { start: string; calls: number }[];
    };
    expect(report.rows.map(({ start, calls }) => [start, calls])).toEqual([
      ["2026-11-22T00:00:00+05:30", 1],
      ["2026-11-23T00:00:00+05:30", 1],
    ]);
  });

  it("writes CSV that no spreadsheet runs as a formula", async () => {
    const { post, usage } = await start();
    await post(call("a", { customer_id: "=1+1" }));
    const response = await usage("?group_by=customer_id&format=csv");
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const [header, row] = (await response.text()).split("\n");
    expect(header).toBe("customer_id,calls,errors,unattributed,input_tokens,cached_input_tokens,output_tokens,reasoning_tokens,total_tokens,cost_usd,unpriced_calls,duration_ms_avg"); // prettier-ignore
    expect(row).toBe("'=1+1,1,0,0,1000,0,100,0,1100,0.0035,0,800.5");
    expect((await (await usage("?format=csv")).text()).split("\n")).toHaveLength(3);
  });

  it("shows a tenant its own usage only, and a key only what its scopes allow", async () => {
    const { post, usage } = await start();
    await post(call("a"));
    expect(await (await usage("", keys.otherTenant)).json()).toMatchObject({ total: { calls: 0 } });
    expect(await errorOf(await usage("", keys.ingestOnly))).toBe("403 CMDR_SCOPE_MISSING");
  });

  it("says all that is wrong with a query at once", async () => {
    const { usage } = await start();
    const response = await usage("?from=yesterday&group_by=city&tz=Mars/Base&interval=year&format=xml");
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string } };
    for (const name of ["from:", "group_by:", "tz:", "interval:", "format:"]) expect(error.message).toContain(name);
    expect(await errorOf(await usage("?colour=red"))).toBe("400 CMDR_QUERY_INVALID");
  });
});

describe("the other routes", () => {
  it("say that the process lives, and whether it can work", async () => {
    let broken = false;
    const check = { name: "disk", run: async () => { if (broken) throw new Error("gone"); } }; // prettier-ignore
    const { url, drain } = await start({ checks: [check] });
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ready", checks: { disk: "ok" } });
    broken = true;
    const failed = await fetch(`${url}/readyz`);
    expect([failed.status, await failed.json()]).toEqual([503, { status: "not ready", checks: { disk: "failed" } }]);
    broken = false;
    drain();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it("answer 404 with a request id where there is no route, and log no secret", async () => {
    const { url, log } = await start();
    const response = await fetch(`${url}/nowhere?key=tk-hidden`, { headers: { authorization: `Bearer ${keys.all}` } });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await errorOf(response)).toBe("404 CMDR_NOT_FOUND");
    expect(log.join("")).toContain('"status":404');
    expect(log.join("")).not.toMatch(/tk-/);
  });
});
