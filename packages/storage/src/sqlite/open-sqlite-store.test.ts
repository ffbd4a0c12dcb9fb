import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, it } from "vitest";

import { baseMs, sampleEvent } from "../contract/sample-events.ts";
import { bucketMs, type UsageStore } from "../store.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";

const now = (): number => baseMs;

function withPath(test: (path: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "cmdrdata-open-"));
    try {
      await test(join(folder, "usage.db"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** Appends until the file may not grow any more. @returns how many events were stored, and what was said then */
async function fill(store: UsageStore, name: string): Promise<{ readonly stored: number; readonly error: unknown }> {
  for (let batch = 0; ; batch += 1) {
    const events = Array.from({ length: 50 }, (_, index) => sampleEvent({ id: `${name}-${batch}-${index}` }));
    try {
      await store.append(events);
    } catch (error) {
      return { stored: batch * 50, error };
    }
  }
}

async function withStore(path: string, test: (store: UsageStore) => Promise<void>): Promise<void> {
  const store = openSqliteStore({ path, now });
  try {
    await test(store);
  } finally {
    await store.close();
  }
}

function run(path: string, sql: string): unknown {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(sql).get();
  } finally {
    database.close();
  }
}

describe("a store whose file may not grow", () => {
  it(
    "says so, keeps what it said is stored, and goes on once there is room",
    withPath(async (path) => {
      const store = openSqliteStore({ path, now, mostPages: 200 });
      const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
      const calls = async (): Promise<unknown> =>
        (await store.usage({ tenant: "acme", ranges, groupBy: [] }))[0]?.sums.calls;
      const { stored, error } = await fill(store, "first");
      expect([error, stored > 0]).toMatchObject([{ code: "CMDR_DISK_FULL", retryable: true }, true]);
      expect(await calls()).toBe(stored);
      await store.keepFrom(Math.floor(baseMs / 86_400_000) + 1);
      while (await store.expireSome());
      await store.keepFrom(1);
      const later = sampleEvent({ id: "later", identityTimeMs: baseMs + 86_400_000 });
      expect(await store.append([later])).toMatchObject([{ kind: "inserted" }]);
      expect(await calls()).toBe(stored + 1);
      await store.close();
    }),
  );
});

describe("openSqliteStore", () => {
  it(
    "refuses at once a file that it may read only, as no event could be written",
    withPath(async (path) => {
      await withStore(path, async () => {});
      expect(() => openSqliteStore({ path: `file:${path}?mode=ro`, now })).toThrow("readonly");
    }),
  );

  it(
    "keeps a write-ahead log, which readers need",
    withPath(async (path) => {
      await withStore(path, async () =>
        expect(run(path, "PRAGMA journal_mode")).toMatchObject({ journal_mode: "wal" }),
      );
    }),
  );

  it(
    "may be closed twice",
    withPath(async (path) => {
      const store = openSqliteStore({ path, now });
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
    }),
  );

  it(
    "refuses a file that a newer release has written, and releases it",
    withPath(async (path) => {
      await withStore(path, async () => undefined);
      run(path, "INSERT INTO schema_migrations VALUES (99, 'future', 0)");
      const tooNew = expect.objectContaining({ code: "CMDR_SCHEMA_TOO_NEW" });
      expect(() => openSqliteStore({ path, now })).toThrow(tooNew);
      const reader = openSqliteStore({ path, now, readOnly: true });
      await expect(reader.check()).rejects.toEqual(tooNew);
      await reader.close();
    }),
  );

  it(
    "refuses a file that is no database, and leaves it as it is",
    withPath(async (path) => {
      writeFileSync(path, "not a database at all, but long enough to be looked at as one".repeat(20));
      expect(() => openSqliteStore({ path, now })).toThrow("not a database");
    }),
  );

  it(
    "stores the whole event, its cost lines and its problems",
    withPath(async (path) => {
      const problem = { code: "CMDR_FIELD_RANGE", field: "timestamp", message: "expected a time" } as const;
      await withStore(path, async (store) => void (await store.append([{ ...sampleEvent(), problems: [problem] }])));
      const row = run(path, "SELECT cost_lines, problems, book_version FROM events") as Record<string, unknown>;
      const line = { unit: "input_tokens", quantity: 1, picoUsdEach: "1000", picoUsd: "1000", source: "contract" };
      expect(JSON.parse(String(row["cost_lines"]))).toEqual([line]);
      expect(JSON.parse(String(row["problems"]))).toEqual([problem]);
      expect(row["book_version"]).toBe("contract");
    }),
  );
});

describe("retention", () => {
  it(
    "deletes older events a chunk at a time, keeps their sums, and never counts them again",
    withPath(async (path) => {
      await withStore(path, async (store) => {
        const day = Math.floor(baseMs / 86_400_000);
        const body = { encoding: "zstd" as const, bytes: new Uint8Array([1]) };
        const doubt = { code: "CMDR_EVENT_FUTURE", field: "timestamp", message: "" } as const;
        const old = Array.from({ length: 600 }, (_, index) =>
          sampleEvent({ id: `old-${index}`, origin: { body, position: index } }),
        );
        const timeless = sampleEvent({ id: "timeless", identityTimeMs: 0 });
        const kept = sampleEvent({ id: "kept", identityTimeMs: baseMs + 86_400_000 });
        await store.append([...old, timeless, kept]);
        await store.append([
          sampleEvent({ id: "old-0", contentHash: "hash-2" }),
          sampleEvent({ id: "held", doubts: [doubt] }),
        ]);
        expect(await store.expireSome()).toBe(false);
        await store.keepFrom(day + 1);
        await store.keepFrom(day - 5);
        let chunks = 0;
        while (await store.expireSome()) chunks += 1;
        expect(chunks).toBe(5);
        expect(run(path, "SELECT count(*) AS rows FROM events")).toMatchObject({ rows: 2 });
        for (const table of ["event_conflicts", "quarantined_events", "request_bodies"])
          expect(run(path, `SELECT count(*) AS rows FROM ${table}`)).toMatchObject({ rows: 0 });
        expect(await store.append([...old.slice(0, 2), timeless, kept])).toEqual([
          { kind: "expired" },
          { kind: "expired" },
          { kind: "duplicate", conflict: false },
          { kind: "duplicate", conflict: false },
        ]);
        const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
        expect(await store.usage({ tenant: "acme", ranges, groupBy: [] })).toMatchObject([{ sums: { calls: 602 } }]);
        await store.declareDimension({ tenant: "acme", key: "team", nowMs: baseMs });
        while (await store.backfillSome());
        expect(await store.usage({ tenant: "acme", ranges, groupBy: ["metadata.team"] })).toMatchObject([
          { group: { "metadata.team": null }, sums: { calls: 602 } },
        ]);
      });
    }),
  );
});

describe("openSqliteStore for reading only", () => {
  it(
    "makes no file",
    withPath(async (path) => {
      expect(() => openSqliteStore({ path, now, readOnly: true })).toThrow("unable to open");
    }),
  );

  it(
    "migrates nothing, says so, and works once the writer has",
    withPath(async (path) => {
      run(path, "PRAGMA journal_mode = WAL");
      const reader = openSqliteStore({ path, now, readOnly: true });
      await expect(reader.check()).rejects.toMatchObject({ code: "CMDR_NOT_READY" });
      await withStore(path, async (writer) => {
        await writer.append([sampleEvent()]);
        await expect(reader.check()).resolves.toBeUndefined();
        const ranges = [{ startMs: baseMs, endMs: baseMs + bucketMs }];
        expect(await reader.usage({ tenant: "acme", ranges, groupBy: [] })).toHaveLength(1);
      });
      await reader.close();
    }),
  );

  it(
    "refuses to append",
    withPath(async (path) => {
      await withStore(path, async () => {
        const reader = openSqliteStore({ path, now, readOnly: true });
        await expect(reader.append([sampleEvent()])).rejects.toThrow("readonly");
        await reader.close();
      });
    }),
  );
});
