import { inspect } from "node:util";

import { anEvent } from "@cmdrdata/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { resolveTrackerOptions, type TrackerConfig, type TrackerOptions } from "./options.ts";
import { processState } from "./process-state.ts";
import { sharedTracker } from "./shared-tracker.ts";
import type { Tracker } from "./tracker.ts";

const made = new Set<Tracker>();
afterEach(async () => {
  for (const tracker of made) await tracker.shutdown(0);
  made.clear();
});

const quiet = (): void => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const configOf = (overrides: TrackerOptions = {}): TrackerConfig =>
  resolveTrackerOptions({ apiKey: "tk-0123456789abcdefghij", logger, ...overrides }, {});

function share(overrides: TrackerOptions = {}): Tracker {
  const tracker = sharedTracker(configOf(overrides));
  made.add(tracker);
  return tracker;
}

describe("sharedTracker", () => {
  it("gives one tracker for equal configurations, whoever logs", () => {
    expect(share()).toBe(share());
    expect(share({ logger: { ...logger } })).toBe(share());
  });

  it("gives one for the same hooks, another for others, though they do the same", () => {
    const onDrop = (): void => {};
    expect(share({ onDrop })).toBe(share({ onDrop }));
    expect(share({ onDrop })).not.toBe(share({ onDrop: () => {} }));
    expect(share({ onDrop })).not.toBe(share({ onError: onDrop }));
  });

  it.each<TrackerOptions>([
    { apiKey: "tk-another-key-0123456789" },
    { endpoint: "https://other.example.com/api/events" },
    { batchEvents: 7 },
    { onDrop: quiet },
  ])("gives another for %j", (overrides) => {
    expect(share(overrides)).not.toBe(share());
  });

  it("gives another after a shutdown, from its beginning on", async () => {
    const first = share();
    const ended = first.shutdown();
    const second = share();
    expect(second).not.toBe(first);
    await ended;
    expect(share()).toBe(second);
    first.capture(anEvent());
    expect(first.metrics().dropped.shutdown).toBe(1);
    expect(second.metrics().captured).toBe(0);
  });
});

describe("the registry of shared trackers", () => {
  it("shows nobody in the process a key", () => {
    share();
    const { trackers } = processState() as { trackers: Map<string, Tracker> };
    expect([...trackers.keys()].join()).not.toContain("tk-");
    expect(inspect(trackers, { depth: null, showHidden: true })).not.toContain("tk-");
  });
});

describe("processState", () => {
  it("is one for the whole process, under a registered symbol", () => {
    expect(processState()).toBe(processState());
    expect((globalThis as Record<symbol, unknown>)[Symbol.for("cmdrdata.process/1")]).toBe(processState());
  });
});
