import { gzipSync } from "node:zlib";

import { createPricer } from "@cmdrdata/pricing";
import { CmdrdataError, emptyEvent } from "@cmdrdata/protocol";
import type { PricedEvent } from "@cmdrdata/storage";
import { describe, expect, it } from "vitest";

import { createCommitter, type IngestAnswer } from "./commit.ts";
import { identifyEvent } from "./identify.ts";
import { prepareRequest } from "./prepare.ts";
import { createWriter } from "./writer.ts";

const request = (text: string, tenant = "t") => ({
  tenant,
  body: new TextEncoder().encode(text),
  encoding: "identity" as const,
  receivedAtMs: 1_795_428_000_000,
});

function makeCommitter(append: (batch: readonly PricedEvent[]) => Promise<[]> = async () => []) {
  const batches: (readonly PricedEvent[])[] = [];
  const store = {
    append: async (batch: readonly PricedEvent[]) => {
      batches.push(batch);
      await append(batch);
      return batch.map(() => ({ kind: "inserted" as const }));
    },
  };
  return { batches, committer: createCommitter({ store, pricer: createPricer() }) };
}

describe("createCommitter", () => {
  it("stores many requests in one append and answers each for itself, an unreadable one too", async () => {
    const { batches, committer } = makeCommitter();
    const answers = await committer.commit([
      request('[{"id":"a"},{"id":"b"}]'),
      request("{"),
      request('{"id":"c"}', "u"),
    ]);
    expect(batches.map((batch) => batch.map(({ tenant, id }) => tenant + id))).toEqual([["ta", "tb", "uc"]]);
    expect(answers).toMatchObject([
      { kind: "stored", reply: { accepted: 2 } },
      { kind: "unreadable", code: "CMDR_BODY_NOT_JSON" },
      { kind: "stored", reply: { accepted: 1 } },
    ]);
  });

  it("fails a request whose events the engine refuses by itself, and stores its neighbours", async () => {
    const { committer } = makeCommitter(async (batch) => {
      if (batch.some(({ id }) => id === "bad")) throw new Error("CHECK constraint failed");
      return [];
    });
    const answers = await committer.commit([request('{"id":"a"}'), request('{"id":"bad"}'), request("5")]);
    expect(answers).toMatchObject([
      { kind: "stored", reply: { accepted: 1 } },
      { kind: "failed", message: "Error: CHECK constraint failed" },
      { kind: "unreadable" },
    ]);
  });

  it("tries nobody again while the ledger cannot be used, and says so to each that could be read", async () => {
    let attempts = 0;
    const { committer } = makeCommitter(async () => {
      attempts += 1;
      throw new CmdrdataError("CMDR_DATABASE_UNREACHABLE", "away", { retryable: true });
    });
    const answers = await committer.commit([request('{"id":"a"}'), request("{"), request('{"id":"b"}')]);
    expect(answers.map(({ kind }) => kind)).toEqual(["unavailable", "unreadable", "unavailable"]);
    expect(attempts).toBe(1);
  });

  it("says unavailable also to one that is tried alone when the ledger goes away", async () => {
    const errors = [new Error("CHECK"), new CmdrdataError("CMDR_DATABASE_UNREACHABLE", "away", { retryable: true })];
    const { committer } = makeCommitter(async () => Promise.reject(errors.shift()));
    expect(await committer.commit([request('{"id":"a"}')])).toMatchObject([{ kind: "unavailable" }]);
  });

  it("rejects by itself an event that is too old to be counted", async () => {
    const kinds = ["inserted", "expired", "duplicate"] as const;
    const store = { append: async () => kinds.map((kind) => ({ kind, conflict: false })) };
    const committer = createCommitter({ store, pricer: createPricer() });
    const [answer] = await committer.commit([request('[{"id":"a"},5,{"id":"b"},{"id":"c"}]')]);
    expect(answer).toMatchObject({
      reply: {
        accepted: 1,
        duplicates: 1,
        rejected: [
          { index: 1, id: null, code: "CMDR_EVENT_NOT_OBJECT" },
          { index: 2, id: "b", code: "CMDR_EVENT_EXPIRED" },
        ],
        flagged: [{ index: 0 }, { index: 3 }],
      },
    });
  });

  it("appends nothing for a request without an event that can be stored", async () => {
    const { batches, committer } = makeCommitter();
    expect(await committer.commit([request("[5]")])).toMatchObject([
      { kind: "stored", reply: { accepted: 0, rejected: [{ index: 0 }] } },
    ]);
    expect(batches).toEqual([]);
  });

  it("fails a request by itself when pricing fails", async () => {
    const pricer = { price: () => { throw new RangeError("bug"); } }; // prettier-ignore
    const committer = createCommitter({ store: { append: async () => [] }, pricer });
    expect(await committer.commit([request('{"id":"a"}')])).toEqual([{ kind: "failed", message: "RangeError: bug" }]);
  });

  it("dates an event without a time by its receipt, and says so", async () => {
    const { batches, committer } = makeCommitter();
    const [answer] = await committer.commit([request('{"id":"a"}')]);
    expect(batches[0]?.[0]).toMatchObject({ eventTimeMs: 1_795_428_000_000, identityTimeMs: 0 });
    expect(answer).toMatchObject({
      reply: { flagged: [{ index: 0, id: "a", code: "CMDR_FIELD_MISSING", field: "timestamp" }] },
    });
  });
});

describe("prepareRequest", () => {
  const gzipped = (body: Uint8Array) => ({ ...request(""), body, encoding: "gzip" as const });
  const pricer = createPricer();

  it("decompresses, up to the limit of a body", () => {
    expect(prepareRequest(gzipped(gzipSync('{"id":"a"}')), pricer)).toMatchObject([
      { kind: "event", priced: { id: "a" } },
    ]);
    const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
    expect(bomb.byteLength).toBeLessThan(60_000);
    expect(() => prepareRequest(gzipped(bomb), pricer)).toThrow(
      expect.objectContaining({ code: "CMDR_BODY_TOO_LARGE" }) as Error,
    );
  });

  it("keeps two events apart that differ in ids it cannot use, and counts each once when sent again", () => {
    const ids = ["7", "8", `"${"x".repeat(257)}1"`, `"${"x".repeat(257)}2"`, '"\\ud800"', '"\\ud801"'];
    const prepare = () => prepareRequest(request(`[${ids.map((id) => `{"id":${id}}`).join(",")}]`), pricer);
    const identities = prepare().map((item) => (item.kind === "event" ? item.priced.id : item.kind));
    expect(new Set(identities).size).toBe(ids.length);
    expect(prepare()).toMatchObject(identities.map((id) => ({ priced: { id } })));
  });

  it("refuses bytes that are no UTF-8, which would turn two ids into one, and reads a byte order mark", () => {
    const withId = (...bytes: number[]) => ({
      ...request(""),
      body: Buffer.concat([Buffer.from('{"id":"'), Buffer.from(bytes), Buffer.from('"}')]),
    });
    expect(() => prepareRequest(withId(0xff), pricer)).toThrow(
      expect.objectContaining({ code: "CMDR_BODY_NOT_JSON" }) as Error,
    );
    expect(prepareRequest(request('\u{feff}{"id":"a"}'), pricer)).toMatchObject([{ priced: { id: "a" } }]);
  });

  it("refuses what does not decompress", () => {
    const refused = expect.objectContaining({ code: "CMDR_ENCODING_UNSUPPORTED" }) as Error;
    expect(() => prepareRequest(gzipped(new Uint8Array([1, 2, 3])), pricer)).toThrow(refused);
  });
});

describe("identifyEvent", () => {
  const identify = (fields: object) => identifyEvent({ ...emptyEvent, ...fields });

  it("takes the id, else the request id, else the hash of the content", () => {
    const request = { ...emptyEvent.request, id: "req_1" };
    expect(identify({ id: "a", request }).id).toBe("a");
    expect(identify({ request }).id).toBe("req_1");
    expect(identify({}).id).toBe(`sha256:${identify({}).contentHash}`);
    expect(identify({ model: "x" }).id).not.toBe(identify({ model: "y" }).id);
  });

  it("takes the identity time from a UUIDv7, else from the event's own time, else 0", () => {
    const timestamp = "2026-11-23T10:00:00.000Z";
    expect(identify({ id: "019ab0f2-7c1e-7d53-9f0e-0d1f2a3b4c5d", timestamp }).identityTimeMs).toBe(0x019ab0f27c1e);
    expect(identify({ id: "019ab0f2-7c1e-4d53-9f0e-0d1f2a3b4c5d", timestamp }).identityTimeMs).toBe(
      Date.parse(timestamp),
    );
    expect(identify({ id: "a" }).identityTimeMs).toBe(0);
  });
});

describe("createWriter", () => {
  it("lets go of a request's bytes when it fails, and says why", async () => {
    const channel = { call: () => Promise.reject(new Error("thread is gone")), close: async () => {} };
    const writer = createWriter(channel, { maxBytesInFlight: 10, alive: () => true, monotonicNow: () => 0 });
    const answer = { kind: "failed", message: "Error: thread is gone" };
    expect(await writer.submit(request("{}"))).toEqual(answer);
    expect(await writer.submit(request("{}"))).toEqual(answer);
    expect(writer.alive()).toBe(true);
  });

  it("knows what waits for its answer, and since when", async () => {
    let nowMs = 1_000;
    const answers: (() => void)[] = [];
    const stored = { kind: "failed", message: "" } as const;
    const channel = {
      call: () => new Promise<typeof stored>((resolve) => answers.push(() => resolve(stored))),
      close: async () => {},
    };
    const writer = createWriter(channel, { maxBytesInFlight: 100, alive: () => true, monotonicNow: () => nowMs });
    const idle = {
      bytesInFlight: 0,
      maxBytesInFlight: 100,
      requestsInFlight: 0,
      oldestWaitMs: 0,
      fullSinceMs: undefined,
    };
    expect(writer.load()).toEqual(idle);
    const submitted = [writer.submit(request("{}"))];
    nowMs = 1_500;
    submitted.push(writer.submit(request("[]")));
    nowMs = 2_000;
    expect(writer.load()).toEqual({ ...idle, bytesInFlight: 4, requestsInFlight: 2, oldestWaitMs: 1_000 });
    answers[0]?.();
    await submitted[0];
    expect(writer.load()).toEqual({ ...idle, bytesInFlight: 2, requestsInFlight: 1, oldestWaitMs: 500 });
    answers[1]?.();
    await submitted[1];
    expect(writer.load()).toEqual(idle);
  });

  it("remembers that the disk was full until something is stored", async () => {
    let nowMs = 1_000;
    const answers: IngestAnswer[] = [
      { kind: "unavailable", code: "CMDR_DISK_FULL", message: "full" },
      { kind: "unavailable", code: "CMDR_DATABASE_UNREACHABLE", message: "away" },
      { kind: "stored", reply: { accepted: 1, duplicates: 0, conflicts: 0, rejected: [], flagged: [] }, unpriced: {} },
    ];
    const channel = { call: async () => answers.shift() as IngestAnswer, close: async () => {} };
    const writer = createWriter(channel, { maxBytesInFlight: 100, alive: () => true, monotonicNow: () => nowMs });
    await writer.submit(request("{}"));
    nowMs = 4_000;
    await writer.submit(request("{}"));
    expect(writer.load().fullSinceMs).toBe(3_000);
    await writer.submit(request("{}"));
    expect(writer.load().fullSinceMs).toBeUndefined();
  });
});
