import type { ApiKey } from "@cmdrdata/storage";
import { expect, it } from "vitest";

import { createKeyDesk } from "./key-desk.ts";

const keyOf = (hash: string, endsAtMs: number | null): ApiKey => ({
  tenant: "acme",
  hash,
  scopes: ["read"],
  createdAtMs: 0,
  name: "",
  requestsPerMinute: null,
  eventsPerMinute: null,
  endsAtMs,
  lastUsedAtMs: null,
});

function makeDesk(noteKeyUse: (uses: ReadonlyMap<string, number>) => Promise<void>) {
  let nowMs = 1_000;
  const warned: unknown[] = [];
  const findKey = async (hash: string) => (hash === "none" ? undefined : keyOf(hash, hash === "old" ? 1_000 : null));
  const desk = createKeyDesk({
    keys: { findKey },
    admin: { noteKeyUse },
    clock: { now: () => nowMs, monotonicNow: () => nowMs },
    logger: { warn: (...line: unknown[]) => void warned.push(line) },
  });
  return { desk, warned, wait: (ms: number) => void (nowMs += ms) };
}

it("finds valid keys only, and writes their uses once a minute at most", async () => {
  const written: (readonly [string, number])[][] = [];
  const { desk, wait } = makeDesk(async (uses) => void written.push([...uses]));
  expect(await desk.findKey("none")).toBeUndefined();
  expect(await desk.findKey("old")).toBeUndefined();
  expect(await desk.findKey("a")).toMatchObject({ hash: "a" });
  expect(desk.recent("a")).toMatchObject({ hash: "a" });
  expect(written).toEqual([]);
  wait(60_000);
  await desk.findKey("a");
  expect(written).toEqual([[["a", 61_000]]]);
  await desk.flush();
  expect(written).toHaveLength(1);
});

it("fails no request because a use could not be written, and says so", async () => {
  const { desk, warned } = makeDesk(() => Promise.reject(new Error("disk full")));
  await desk.findKey("a");
  await desk.flush();
  expect(warned).toEqual([[expect.objectContaining({ err: expect.any(Error) }), "could not note the use of keys"]]);
});
