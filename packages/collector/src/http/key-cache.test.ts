import type { ApiKey } from "@cmdrdata/storage";
import { describe, expect, it } from "vitest";

import { keyMemoryMs, rememberKeys } from "./key-cache.ts";

const record: ApiKey = {
  tenant: "acme",
  hash: "h",
  scopes: ["read"],
  createdAtMs: 0,
  name: "",
  requestsPerMinute: null,
  eventsPerMinute: null,
  endsAtMs: null,
  lastUsedAtMs: null,
};

function makeCache(answer: (hash: string) => Promise<ApiKey | undefined> = async () => record) {
  let nowMs = 0;
  const asked: string[] = [];
  const store = { findKey: (hash: string) => (asked.push(hash), answer(hash)) };
  const keys = rememberKeys(store, { monotonicNow: () => nowMs });
  return { keys, asked, wait: (ms: number) => void (nowMs += ms) };
}

describe("rememberKeys", () => {
  it("asks once for requests that come together or soon after, and again when its time is over", async () => {
    const { keys, asked, wait } = makeCache();
    expect(await Promise.all([keys.findKey("h"), keys.findKey("h")])).toEqual([record, record]);
    wait(keyMemoryMs - 1);
    await keys.findKey("h");
    expect(asked).toEqual(["h"]);
    wait(1);
    await keys.findKey("h");
    expect(asked).toEqual(["h", "h"]);
  });

  it("refuses a revoked key within the time it states", async () => {
    let revoked = false;
    const { keys, wait } = makeCache(async () => (revoked ? undefined : record));
    await keys.findKey("h");
    revoked = true;
    wait(keyMemoryMs);
    expect(await keys.findKey("h")).toBeUndefined();
  });

  it("remembers neither that a key is unknown nor that it could not be looked up", async () => {
    const answers = [Promise.reject(new Error("away")), Promise.resolve(undefined), Promise.resolve(record)];
    const { keys, asked } = makeCache(async () => answers.shift());
    await expect(keys.findKey("h")).rejects.toThrow("away");
    expect(await keys.findKey("h")).toBeUndefined();
    expect(await keys.findKey("h")).toEqual(record);
    expect(asked).toHaveLength(3);
  });

  it("is bounded in what it remembers", async () => {
    const { keys, asked } = makeCache();
    for (let index = 0; index <= 10_000; index += 1) await keys.findKey(`${index}`);
    await keys.findKey("10000");
    expect(asked).toHaveLength(10_001);
    await keys.findKey("0");
    expect(asked).toHaveLength(10_002);
  });
});
