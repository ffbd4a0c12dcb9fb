import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:net";

import { selfSigned } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { keys, startCollector } from "./running-collector.ts";

type Running = Awaited<ReturnType<typeof startCollector>>;
let running: Running | undefined;
afterEach(async () => running?.close());

async function start(...args: Parameters<typeof startCollector>): Promise<Running> {
  return (running = await startCollector(...args));
}

const codeOf = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { readonly error: { readonly code: string } };
  return `${response.status} ${error.code}`;
};
const guess = (index: number): string => `tk-${"guess".repeat(5)}${index}`;

async function keyWith(collector: Running, quotas: object): Promise<string> {
  const made = await collector.ask("POST", "/api/v1/keys", { body: { scopes: ["ingest", "read"], ...quotas } });
  return ((await made.json()) as { readonly key: string }).key;
}

describe("failed authentications", () => {
  it("are refused from an address after 30 in a minute, until it is over, valid keys let by (L1)", async () => {
    const collector = await start();
    expect((await collector.usage()).status).toBe(200);
    for (let index = 0; index < 30; index += 1) {
      expect(await codeOf(await collector.usage("", guess(index)))).toBe("401 CMDR_KEY_INVALID");
    }
    const refused = await collector.usage("", guess(31));
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(await codeOf(refused)).toBe("429 CMDR_RATE_LIMITED");
    // Not looked up any more: a valid key that nobody has used yet is refused too.
    expect((await collector.usage("", keys.otherTenant)).status).toBe(429);
    expect((await collector.usage()).status).toBe(200);
    expect((await fetch(`${collector.url}/livez`)).status).toBe(200);
    collector.pass(60_000);
    expect((await collector.usage("", keys.otherTenant)).status).toBe(200);
  });

  it("count for the address of the connection, whatever X-Forwarded-For says", async () => {
    const collector = await start({ authFailuresPerMinute: 1 });
    const failing = (address: string): Promise<Response> =>
      collector.post("{}", { authorization: `Bearer ${guess(1)}`, "x-forwarded-for": address });
    expect([(await failing("192.0.2.1")).status, (await failing("192.0.2.2")).status]).toEqual([401, 429]);
  });

  it("count for the address that a trusted proxy names", async () => {
    const collector = await start({ authFailuresPerMinute: 1, trustProxy: ["127.0.0.1"] });
    const failing = async (address: string): Promise<number> =>
      (await collector.post("{}", { authorization: `Bearer ${guess(1)}`, "x-forwarded-for": address })).status;
    const statuses = [await failing("192.0.2.1"), await failing("192.0.2.2"), await failing("192.0.2.1")];
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe("a key's quotas", () => {
  it("are off until set", async () => {
    const collector = await start();
    expect((await collector.usage()).headers.get("ratelimit-policy")).toBeNull();
  });

  it("limit requests, say what is left, and let another key alone (L2)", async () => {
    const collector = await start();
    const key = await keyWith(collector, { requests_per_minute: 2 });
    const first = await collector.usage("", key);
    expect(first.headers.get("ratelimit-policy")).toBe('"requests";q=2;w=60');
    expect(first.headers.get("ratelimit")).toBe('"requests";r=1;t=60');
    expect((await collector.usage("", key)).headers.get("ratelimit")).toBe('"requests";r=0;t=60');
    collector.pass(15_500);
    const over = await collector.usage("", key);
    expect([over.headers.get("retry-after"), over.headers.get("ratelimit")]).toEqual(["45", '"requests";r=0;t=45']);
    expect(await codeOf(over)).toBe("429 CMDR_RATE_LIMITED");
    expect((await collector.usage()).status).toBe(200);
    collector.pass(45_000);
    expect((await collector.usage("", key)).status).toBe(200);
  });

  it("limit events, and never a report about them (L3)", async () => {
    const collector = await start();
    const key = await keyWith(collector, { events_per_minute: 3 });
    const post = (...ids: string[]): Promise<Response> =>
      collector.post(ids.map((id) => ({ id })), { authorization: `Bearer ${key}` }); // prettier-ignore
    expect((await post("a", "b")).headers.get("ratelimit")).toBe('"events";r=3;t=60');
    // What was taken counts once it is answered.
    await expect.poll(async () => (await collector.usage("", key)).headers.get("ratelimit")).toBe('"events";r=1;t=60');
    expect((await post("b", "c")).status).toBe(200);
    await expect.poll(async () => (await collector.usage("", key)).headers.get("ratelimit")).toBe('"events";r=0;t=60');
    expect(await codeOf(await post("d"))).toBe("429 CMDR_RATE_LIMITED");
    expect(await (await collector.usage("", key)).json()).toMatchObject({ total: { calls: 3 } });
  });

  it("stop nothing when they cannot be counted (L4)", async () => {
    const counter = { add: () => Promise.reject(new Error("no database")) };
    const collector = await start({ counter });
    const key = await keyWith(collector, { requests_per_minute: 1, events_per_minute: 1 });
    expect((await collector.post({ id: "a" }, { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await collector.usage("", key)).status).toBe(200);
    expect((await collector.usage("", guess(1))).status).toBe(401);
    expect(collector.log.join("")).toContain("could not count for a limit");
  });
});

describe("slow clients", () => {
  const patience = { headersMs: 40, requestMs: 80, checkEveryMs: 10 };

  it.each([
    ["headers", "GET /livez HTTP/1.1\r\nHost: x\r\n"],
    ["a body", `POST /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.all}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`], // prettier-ignore
  ])("are cut off when they never finish %s", async (_what, text) => {
    const collector = await start({ patience });
    const socket = connect(Number(new URL(collector.url).port), "127.0.0.1");
    socket.on("error", () => {});
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    socket.write(text);
    await once(socket, "close");
    expect(received).toContain("408");
    expect((await collector.usage()).status).toBe(200);
  });
});

describe("every answer", () => {
  it("has the headers that keep browsers from misusing it", async () => {
    const answer = await (await start()).usage();
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(answer.headers.get("x-frame-options")).toBe("SAMEORIGIN");
  });
});

describe("TLS", () => {
  const answerOver = async (url: string, ca: string): Promise<number | undefined> => {
    const asked = request(`${url}/livez`, { ca, agent: false });
    asked.end();
    const [answer] = (await once(asked, "response")) as [{ statusCode?: number; resume(): void }];
    answer.resume();
    return answer.statusCode;
  };

  it("is spoken with the certificate given, and with a renewed one from then on", async () => {
    const [first, second] = [selfSigned(), selfSigned()];
    const collector = await start({ tls: first });
    expect(collector.url).toMatch(/^https:/);
    expect(await answerOver(collector.url, first.cert)).toBe(200);
    await expect(answerOver(collector.url, second.cert)).rejects.toThrow();
    collector.renewCertificate(second);
    expect(await answerOver(collector.url, second.cert)).toBe(200);
  });

  it("is not there to be renewed on a server that speaks plain HTTP", async () => {
    const collector = await start();
    collector.renewCertificate(selfSigned());
    expect((await collector.usage()).status).toBe(200);
  });
});
