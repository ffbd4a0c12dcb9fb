/** Makes bare and tracked clients of one scripted server, and keeps what the tracked ones captured. */
import type { UsageEvent } from "@cmdrdata/protocol";
import type { Tracker, TrackerHealth, TrackerMetrics } from "@cmdrdata/tracker";
import BareOpenAI from "openai";
import { afterAll, beforeAll } from "vitest";

import { OpenAI, type TrackedClientOptions } from "../src/index.ts";
import { type ScriptedOpenAI, startScriptedOpenAI } from "./scripted-openai.ts";

/** An event whose content is made later is there as its fallback until then; `flush()` waits for it. */
export interface RecordingTracker extends Tracker {
  readonly events: UsageEvent[];
}

export function recordingTracker(): RecordingTracker {
  const events: UsageEvent[] = [];
  const pending = new Set<Promise<unknown>>();
  return {
    events,
    capture: (event) => void events.push(event),
    captureChecked: (event) => void events.push(event),
    captureLater: (fallback, complete) => {
      const index = events.push(fallback) - 1;
      const made = new Promise(setImmediate).then(async () => (events[index] = await complete()));
      pending.add(made);
      void made.finally(() => pending.delete(made));
    },
    flush: async () => void (await Promise.all(pending)),
    shutdown: async () => undefined,
    metrics: () => ({ state: "running" }) as TrackerMetrics,
    health: () => ({ status: "ok" }) as TrackerHealth,
    observe: () => () => {},
    beforeEnd: () => {},
  };
}

/** Logs nothing. */
export const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

export interface Bench {
  readonly server: ScriptedOpenAI;
  readonly tracker: RecordingTracker;
  readonly tracked: OpenAI;
  readonly bare: BareOpenAI;
}

/** One server for the tests of a file; every call of the function it returns makes fresh clients. */
export function useBench(): (options?: TrackedClientOptions) => Bench {
  let server: ScriptedOpenAI;
  beforeAll(async () => {
    server = await startScriptedOpenAI();
  });
  afterAll(() => server.close());
  return (options = {}) => {
    server.requests.length = 0;
    server.next.length = 0;
    const tracker = recordingTracker();
    const { baseURL } = server;
    const base = { apiKey: "sk-test-0123456789", baseURL, logger: silent, maxRetries: 0 };
    const tracked = new OpenAI({ ...base, tracker, customerId: "acme", includeUsage: "always", ...options });
    return { server, tracker, tracked, bare: new BareOpenAI(base) };
  };
}

/** The only event captured. */
export function onlyEvent({ events }: RecordingTracker): UsageEvent {
  const [event] = events;
  if (event === undefined || events.length > 1) throw new Error(`expected one event, got ${events.length}`);
  return event;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const question = { model: "gpt-4o", messages: [{ role: "user" as const, content: "What is a canary?" }] };
