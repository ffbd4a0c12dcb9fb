/** The tracker with a spool: real files, a clock that stands still, a collector in memory. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { anEvent, fakeClock, seededRandom } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import {
  createTracker,
  type ExitHooks,
  type Leaving,
  resolveTrackerOptions,
  type Tracker,
  type TrackerOptions,
} from "../src/index.ts";
import { isSettled, key, manyIds, recordingLogger } from "./make-tracker.ts";
import { answer, type Behaviour, memoryCollector } from "./memory-collector.ts";

/** A service that takes single bare events only. */
const onlySingle = (_ids: readonly string[], bare: boolean): Behaviour => (bare ? "take" : answer(422));

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).toReversed()) close();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-tracker-"));
  open.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface World {
  readonly tracker: Tracker;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly collector: ReturnType<typeof memoryCollector>;
  readonly lines: readonly string[];
  readonly members: Set<Leaving>;
  capture(...ids: readonly string[]): void;
  /** As the process's hooks do at its end. */
  exit(): void;
  leave(): Promise<void> | undefined;
  unaccounted(): number;
}

function start(spoolDir: string, overrides: TrackerOptions = {}): World {
  const clock = fakeClock();
  const collector = memoryCollector(clock.monotonicNow);
  const logger = recordingLogger();
  const members = new Set<Leaving>();
  const exitHooks: ExitHooks = { add: (member) => members.add(member), remove: (member) => members.delete(member) };
  const config = resolveTrackerOptions({ apiKey: key, logger, spoolDir, ...overrides }, {});
  const tracker = createTracker(config, { clock, random: seededRandom(1), transport: collector, exitHooks });
  return {
    tracker,
    clock,
    collector,
    lines: logger.lines,
    members,
    capture: (...ids) => ids.forEach((id) => tracker.capture(anEvent({ id }))),
    exit: () => members.forEach((member) => member.end()),
    leave: () => [...members].map((member) => member.leave(true))[0],
    unaccounted: () => {
      const { captured, delivered, duplicates, rejected, spooled, dropped, held } = tracker.metrics();
      const droppedInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      return captured - delivered - duplicates - rejected - spooled - droppedInAll - held;
    },
  };
}

/** Names of all files of the one group. */
function files(spoolDir: string): string[] {
  const [group] = readdirSync(spoolDir);
  return group === undefined ? [] : readdirSync(join(spoolDir, group));
}

const contents = (spoolDir: string): string =>
  files(spoolDir)
    .map((name) => readFileSync(join(spoolDir, readdirSync(spoolDir)[0] ?? "", name), "utf8"))
    .join("");

/** The ids that another process would find. */
async function left(spoolDir: string, overrides: TrackerOptions = {}): Promise<string[]> {
  const { tracker, clock, collector } = start(spoolDir, overrides);
  await clock.advance(2_000);
  expect(tracker.metrics().delivered).toBe(tracker.metrics().adopted);
  await tracker.shutdown();
  return [...collector.taken.keys()];
}

describe("what is held at the end of a process", () => {
  it("is left on the disk, counted as spooled, and delivered by the next process, which counts it as adopted (D3, D5)", async () => {
    const spoolDir = newFolder();
    const first = start(spoolDir);
    first.capture("a", "b", "c");
    first.exit();
    expect(first.tracker.metrics()).toMatchObject({ captured: 3, spooled: 3, held: 0 });
    const second = start(spoolDir);
    await second.clock.advance(2_000);
    expect(second.tracker.metrics()).toMatchObject({ captured: 3, adopted: 3, delivered: 3, spooled: 0, held: 0 });
    expect([...second.collector.taken.keys()]).toEqual(["a", "b", "c"]);
    expect([first.unaccounted(), second.unaccounted()]).toEqual([0, 0]);
    await second.tracker.shutdown();
    expect(files(spoolDir)).toEqual([]);
  });

  it("includes what is in a request and what waits to be made", async () => {
    const spoolDir = newFolder();
    const { tracker, collector, clock, capture, exit } = start(spoolDir, { batchEvents: 1 });
    collector.otherwise = "hang";
    capture("a", "b", "c");
    await clock.advance(0);
    tracker.captureLater(anEvent({ id: "d" }), () => new Promise(() => {}));
    exit();
    collector.release();
    await clock.advance(0);
    expect(tracker.metrics()).toMatchObject({ captured: 4, spooled: 4, delivered: 0, held: 0 });
    expect(await left(spoolDir)).toEqual(["a", "b", "c", "d"]);
  });

  it("includes what is captured by other listeners after ours", async () => {
    const spoolDir = newFolder();
    const { tracker, capture, exit } = start(spoolDir);
    capture("a");
    exit();
    capture("b");
    expect(tracker.metrics()).toMatchObject({ captured: 2, spooled: 2 });
    expect((await left(spoolDir)).toSorted()).toEqual(["a", "b"]);
  });

  it("is found by those with the same endpoint and key, or the same group, and nobody else", async () => {
    const spoolDir = newFolder();
    const other = `${key}-2`;
    const first = start(spoolDir);
    first.capture("a");
    first.exit();
    const grouped = start(spoolDir, { spoolGroup: "ours" });
    grouped.capture("b");
    grouped.exit();
    expect(await left(spoolDir, { apiKey: other })).toEqual([]);
    expect(await left(spoolDir, { endpoint: "https://other.example/api/events" })).toEqual([]);
    expect(await left(spoolDir, { apiKey: other, spoolGroup: "ours" })).toEqual(["b"]);
    expect(await left(spoolDir)).toEqual(["a"]);
  });

  it("is written without the key, in any name or file", () => {
    const spoolDir = newFolder();
    const { capture, exit } = start(spoolDir, { durability: "crash" });
    capture("a");
    exit();
    const all = [...readdirSync(spoolDir), ...files(spoolDir), contents(spoolDir)].join();
    expect(all).toContain('"a"');
    expect(all).not.toContain(key.slice(3));
  });

  it("is dropped by name when the spool is full, or the disk does not take it", () => {
    const full = start(newFolder(), { spoolBytes: 65_536 });
    full.capture(...manyIds(200));
    full.exit();
    const { spooled, dropped, held } = full.tracker.metrics();
    expect([spooled > 20, spooled + dropped.spool_full, held, full.unaccounted()]).toEqual([true, 200, 0, 0]);
    const file = join(newFolder(), "file");
    writeFileSync(file, "in the way");
    const failing = start(file);
    failing.capture("a", "b");
    failing.exit();
    expect(failing.tracker.metrics()).toMatchObject({ spooled: 0, held: 0, dropped: { spool_failed: 2 } });
    expect(failing.lines[0]).toMatch(/^warn: cmdrdata: the spool takes no events \(E\w+ at /);
  });

  it("is dropped, as ever, in memory", () => {
    const spoolDir = newFolder();
    const { tracker, capture, exit } = start(spoolDir, { durability: "memory" });
    capture("a");
    exit();
    expect(tracker.metrics()).toMatchObject({ spooled: 0, dropped: { shutdown: 1 } });
    expect(readdirSync(spoolDir)).toEqual([]);
  });
});

describe("shutdown()", () => {
  it("leaves on the disk what is left at its deadline, and what is captured later", async () => {
    const spoolDir = newFolder();
    const { tracker, collector, clock, capture, members, unaccounted } = start(spoolDir);
    collector.otherwise = "hang";
    capture("a", "b");
    const ended = tracker.shutdown(700);
    await clock.advance(700);
    await ended;
    capture("c");
    expect(tracker.metrics()).toMatchObject({ captured: 3, spooled: 3, held: 0 });
    expect([unaccounted(), members.size, clock.pending()]).toEqual([0, 0, 0]);
    expect((await left(spoolDir)).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("leaves nothing when all is delivered, not even a folder in use", async () => {
    const spoolDir = newFolder();
    const { tracker, clock, capture } = start(spoolDir);
    capture("a");
    const ended = tracker.shutdown();
    await clock.advance(0);
    await ended;
    expect(readdirSync(spoolDir)).toEqual([]);
  });
});

describe("a process that leaves", () => {
  it("delivers, within its time, and then has nothing more to do (D6)", async () => {
    const { tracker, clock, capture, leave } = start(newFolder());
    capture("a");
    const leaving = leave() as Promise<void>;
    expect([leave(), clock.keepingAlive()]).toEqual([leaving, 1]);
    await clock.advance(0);
    expect(await isSettled(leaving)).toBe(true);
    expect([tracker.metrics().delivered, leave(), clock.keepingAlive()]).toEqual([1, undefined, 0]);
    capture("b");
    void leave();
    await clock.advance(0);
    expect(tracker.metrics().delivered).toBe(2);
  });

  it("keeps what it holds on the disk after the first refused attempt", async () => {
    const spoolDir = newFolder();
    const { tracker, collector, clock, capture, leave, exit } = start(spoolDir);
    collector.otherwise = answer(503);
    capture("a", "b");
    const leaving = leave() as Promise<void>;
    await clock.advance(0);
    expect([await isSettled(leaving), collector.requests.length, clock.keepingAlive()]).toEqual([true, 1, 0]);
    expect(tracker.health().spool.events).toBe(2);
    expect(leave()).toBeUndefined();
    exit();
    expect(tracker.metrics()).toMatchObject({ spooled: 2, held: 0 });
    expect(await left(spoolDir)).toEqual(["a", "b"]);
  });

  it("does not even ask while the collector wants it to wait", async () => {
    const { collector, clock, capture, leave } = start(newFolder());
    collector.otherwise = answer(429, { "retry-after": "60" });
    capture("a");
    await clock.advance(1_000);
    const leaving = leave() as Promise<void>;
    expect([await isSettled(leaving), collector.requests.length]).toEqual([true, 1]);
  });

  it("waits for an answer no longer than exitFlushMs, in all its attempts", async () => {
    const { collector, clock, capture, leave } = start(newFolder(), { exitFlushMs: 800, batchEvents: 1 });
    collector.otherwise = "hang";
    capture("a");
    const leaving = leave() as Promise<void>;
    await clock.advance(799);
    expect(await isSettled(leaving)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(leaving)).toBe(true);
    capture("b");
    expect([leave(), clock.keepingAlive()]).toEqual([undefined, 0]);
  });

  it("goes on trying to the end of its time where there is no disk", async () => {
    const { tracker, collector, clock, capture, leave } = start(newFolder(), { durability: "memory" });
    collector.script.push(answer(503), answer(503));
    capture("a");
    const leaving = leave() as Promise<void>;
    await clock.advance(4_900);
    expect([await isSettled(leaving), tracker.metrics().delivered]).toEqual([true, 1]);
  });

  it("lives on, if it does not end after all, and delivers what it kept", async () => {
    const spoolDir = newFolder();
    const { tracker, collector, clock, capture, members, unaccounted } = start(spoolDir);
    collector.script.push(answer(503));
    capture("a");
    await clock.advance(1_000);
    for (const member of members) member.keep();
    await clock.advance(60_000);
    expect(tracker.metrics().held).toBe(0);
    expect([[...collector.taken.keys()], unaccounted()]).toEqual([["a"], 0]);
  });
});

describe("flush()", () => {
  it("delivers what others left, too", async () => {
    const spoolDir = newFolder();
    const first = start(spoolDir);
    first.capture("a");
    first.exit();
    const { tracker, collector, clock } = start(spoolDir);
    const flushed = tracker.flush();
    await clock.advance(0);
    expect(await isSettled(flushed)).toBe(true);
    expect([...collector.taken.keys()]).toEqual(["a"]);
  });
});

describe("what others left", () => {
  it("comes in as much as there is room for, and only while the collector takes events", async () => {
    const spoolDir = newFolder();
    const first = start(spoolDir, { queueEvents: 5_000 });
    first.capture(...manyIds(3_000));
    first.exit();
    const { tracker, collector, clock, capture, unaccounted } = start(spoolDir, {
      queueEvents: 1_000,
      batchEvents: 100,
    });
    collector.otherwise = answer(503, { "retry-after": "5" });
    capture("own");
    await clock.advance(60_000);
    const { held, adopted } = tracker.metrics();
    expect([adopted > 100 && adopted < 1_500, held]).toEqual([true, adopted + 1]);
    collector.otherwise = "take";
    await clock.advance(120_000);
    expect([collector.taken.size, tracker.metrics().delivered, unaccounted()]).toEqual([3_001, 3_001, 0]);
  });
});

describe("an outage longer than memory lasts", () => {
  it("puts the oldest on the disk instead of dropping, and has them back afterwards", async () => {
    const { tracker, collector, clock, capture, unaccounted } = start(newFolder(), {
      queueEvents: 100,
      batchEvents: 20,
    });
    collector.otherwise = answer(503);
    for (let second = 0; second < 40; second += 1) {
      capture(...manyIds(25, `s${second}`));
      await clock.advance(1_000);
    }
    const { held, spooled, dropped } = tracker.metrics();
    expect([held <= 100, held + spooled, dropped.queue_full, unaccounted()]).toEqual([true, 1_000, 0, 0]);
    collector.otherwise = "take";
    await clock.advance(120_000);
    const after = tracker.metrics();
    expect([collector.taken.size, after.delivered, after.adopted]).toEqual([1_000, 1_000, spooled]);
    expect([after.held, unaccounted(), tracker.health().spool.events]).toEqual([0, 0, 0]);
  });

  it("does so in whole batches also for a service that takes single events only", async () => {
    const spoolDir = newFolder();
    const { tracker, collector, clock, capture, unaccounted } = start(spoolDir, { queueEvents: 100, batchEvents: 20 });
    collector.otherwise = onlySingle;
    capture("first");
    await clock.advance(2_000);
    collector.otherwise = answer(503);
    capture(...manyIds(500));
    await clock.advance(2_000);
    expect([tracker.metrics().dropped.queue_full, files(spoolDir).length < 50]).toEqual([0, true]);
    collector.otherwise = onlySingle;
    await clock.advance(300_000);
    expect([collector.taken.size, tracker.metrics().held, unaccounted()]).toEqual([501, 0, 0]);
  });

  it("is the same for events whose time to be retried is over", async () => {
    const { tracker, collector, clock, capture, unaccounted } = start(newFolder(), { retryForMs: 60_000 });
    collector.otherwise = answer(503);
    capture("a", "b");
    await clock.advance(300_000);
    expect(tracker.metrics()).toMatchObject({ spooled: 2, held: 0, dropped: { retry_exhausted: 0 } });
    collector.otherwise = "take";
    capture("c");
    await clock.advance(60_000);
    expect([[...collector.taken.keys()].toSorted(), unaccounted()]).toEqual([["a", "b", "c"], 0]);
  });

  it("drops and counts when the spool is full too, and tries the disk once a second", async () => {
    const overrides = { queueEvents: 10, batchEvents: 5, spoolBytes: 65_536 };
    const { tracker, collector, clock, capture, unaccounted, lines } = start(newFolder(), overrides);
    collector.otherwise = answer(503);
    capture("first");
    await clock.advance(2_000);
    capture(...manyIds(2_000));
    const { spooled, dropped, held } = tracker.metrics();
    expect([spooled > 50, held, dropped.queue_full > 1_000, unaccounted()]).toEqual([true, 10, true, 0]);
    expect(lines.filter((line) => line.includes("spool"))).toHaveLength(1);
  });
});

describe("durability: crash", () => {
  it("has each event on the disk when capture returns, and nothing of it once it has its outcome", async () => {
    const spoolDir = newFolder();
    const { tracker, collector, clock, capture } = start(spoolDir, { durability: "crash" });
    capture("a", "b");
    expect(contents(spoolDir)).toMatch(/"a".*\n.*"b"/);
    expect(tracker.health().spool).toMatchObject({ status: "ok", events: 2 });
    await clock.advance(1_000);
    expect([collector.taken.size, tracker.health().spool.events]).toEqual([2, 0]);
    await tracker.shutdown();
    expect(files(spoolDir)).toEqual([]);
  });

  it("writes an event's fallback at once, and its content when that is made", async () => {
    const spoolDir = newFolder();
    const { tracker, clock, collector } = start(spoolDir, { durability: "crash" });
    collector.otherwise = "hang";
    const made = anEvent({ id: "a", model: "made" });
    tracker.captureLater(anEvent({ id: "a", model: "fallback" }), () => made);
    expect(contents(spoolDir)).toContain("fallback");
    await clock.advance(0);
    expect(contents(spoolDir)).toContain("made");
    expect(tracker.health().spool.events).toBe(1);
  });

  it("goes on in memory when the disk fails, says so once, and catches up", async () => {
    const spoolDir = join(newFolder(), "spool");
    writeFileSync(spoolDir, "in the way");
    const { tracker, collector, clock, capture, lines } = start(spoolDir, { durability: "crash" });
    collector.otherwise = answer(503);
    capture("a");
    await clock.advance(2_000);
    capture("b");
    expect(tracker.health()).toMatchObject({ spool: { status: "failed", events: 0 }, queue: { events: 2 } });
    rmSync(spoolDir);
    await clock.advance(10_000);
    expect(tracker.health().spool).toMatchObject({ status: "ok", events: 2 });
    expect(lines.filter((line) => line.includes("spool"))).toEqual([
      expect.stringMatching(/^warn: .*takes no events/),
      "info: cmdrdata: the spool takes events again",
    ]);
  });

  it("drops what cannot be encoded, as ever", async () => {
    const { tracker, clock } = start(newFolder(), { durability: "crash" });
    tracker.captureChecked(anEvent({ metadata: { big: 1n as unknown as number } }));
    await clock.advance(1_000);
    expect(tracker.metrics().dropped.unreadable).toBe(1);
  });
});
