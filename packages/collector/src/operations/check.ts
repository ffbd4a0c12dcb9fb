/**
 * The parts the collector needs, each looked at when somebody asks.
 *
 * Promise: every part is asked at once, and one that does not answer within two seconds counts as failing: a probe always
 * has its answer in time.
 */
import { setTimeout } from "node:timers/promises";

/** Numbers and names that say how a part is: a field's unit is in its name. */
export type Readings = Readonly<Record<string, number | string | null>>;

export interface Check {
  readonly name: string;
  /**
   * Resolves when the part works, with how it is; `problem` says what is not as it should be though it works still. Rejects
   * with the reason when it does not.
   */
  readonly run: () => Promise<{ readonly readings?: Readings; readonly problem?: string } | void>;
}

export interface ComponentHealth {
  /** `degraded`: it works, and somebody should look at it. */
  readonly status: "ok" | "degraded" | "failing";
  /** What is wrong; without secrets. */
  readonly problem?: string;
  readonly latency_ms: number;
  readonly readings: Readings;
}

export type Components = Readonly<Record<string, ComponentHealth>>;

const withinMs = 2_000;

/** @param monotonicNow - milliseconds */
export async function runChecks(checks: readonly Check[], monotonicNow: () => number): Promise<Components> {
  const components = await Promise.all(
    checks.map(async (check) => [check.name, await runCheck(check, monotonicNow)] as const),
  );
  return Object.fromEntries(components);
}

/** The worst of all. */
export function overall(components: Components): ComponentHealth["status"] {
  const all = new Set(Object.values(components).map(({ status }) => status));
  if (all.has("failing")) return "failing";
  return all.has("degraded") ? "degraded" : "ok";
}

async function runCheck({ run }: Check, monotonicNow: () => number): Promise<ComponentHealth> {
  const startedMs = monotonicNow();
  const latency = (): number => Math.round((monotonicNow() - startedMs) * 1_000) / 1_000;
  const answered = new AbortController();
  try {
    const result = await Promise.race([run(), tooLate(answered.signal)]);
    const { readings = {}, problem } = result ?? {};
    const status = problem === undefined ? "ok" : "degraded";
    return { status, ...(problem === undefined ? {} : { problem }), latency_ms: latency(), readings };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { status: "failing", problem, latency_ms: latency(), readings: {} };
  } finally {
    answered.abort();
  }
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await setTimeout(withinMs, undefined, { signal, ref: false });
  throw new Error(`no answer within ${withinMs} ms`);
}
