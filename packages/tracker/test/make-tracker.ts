/** A tracker on a clock that stands still, with a collector in memory and everything it logs. */
import { anEvent, type FakeClock, fakeClock, seededRandom } from "@cmdrdata/testkit";

import {
  createTracker,
  type ExitHooks,
  type Logger,
  resolveTrackerOptions,
  type Tracker,
  type TrackerOptions,
} from "../src/index.ts";
import { type MemoryCollector, memoryCollector } from "./memory-collector.ts";

export const key = "tk-0123456789abcdefghij";

export interface RecordingLogger extends Logger {
  /** `level: text`, in order. */
  readonly lines: string[];
  /** Of each line. */
  readonly contexts: Readonly<Record<string, unknown>>[];
}

export function recordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const contexts: Readonly<Record<string, unknown>>[] = [];
  const write =
    (level: string) =>
    (...[message, context]: readonly unknown[]): void => {
      lines.push(`${level}: ${String(message)}`);
      contexts.push(context as Readonly<Record<string, unknown>>);
    };
  return { lines, contexts, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

export interface Bench {
  readonly tracker: Tracker;
  readonly clock: FakeClock;
  readonly collector: MemoryCollector;
  readonly lines: readonly string[];
  readonly contexts: RecordingLogger["contexts"];
  /** Captures an event for each id. */
  capture(...ids: readonly string[]): void;
  /** Captured minus everything the counts account for: 0 at any moment (D3). */
  unaccounted(): number;
}

/** A tracker in a test's process does not take part in that process's end. */
const noExitHooks: ExitHooks = { add: () => {}, remove: () => {} };

/** @param overrides - options of the tracker; `apiKey: undefined` leaves it without a key, a `spoolDir` gives it a spool */
export function makeTracker(overrides: TrackerOptions = {}): Bench {
  const clock = fakeClock();
  const collector = memoryCollector(clock.monotonicNow);
  const logger = recordingLogger();
  const config = resolveTrackerOptions({ apiKey: key, logger, ...overrides }, {});
  const tracker = createTracker(config, {
    clock,
    random: seededRandom(1),
    transport: collector,
    exitHooks: noExitHooks,
    ...(overrides.spoolDir === undefined ? { openSpool: () => undefined } : {}),
  });
  return {
    tracker,
    clock,
    collector,
    lines: logger.lines,
    contexts: logger.contexts,
    capture: (...ids) => ids.forEach((id) => tracker.capture(anEvent({ id }))),
    unaccounted: () => {
      const { captured, delivered, duplicates, rejected, spooled, dropped, held } = tracker.metrics();
      const droppedInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      return captured - delivered - duplicates - rejected - spooled - droppedInAll - held;
    },
  };
}

/** Ids `a-1`, `a-2`, … */
export const manyIds = (count: number, prefix = "a"): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

/** The state a promise is in, without waiting for it. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}
