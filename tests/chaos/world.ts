/** What a scenario of the chaos suite happens in: the fake OpenAI, a link with weather, the real collector, real programs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { TrackerMetrics } from "@cmdrdata/tracker";

import { type CollectorProcess, key, startCollector } from "../e2e/collector-process.ts";
import { customerOf, kindOf, tokensOf } from "./calls.mjs";
import { startOpenAI } from "./fake-openai.ts";
import { type Link, startLink } from "./link.ts";

const app = fileURLToPath(new URL("app.mjs", import.meta.url));

/** Short waits, so that a scenario takes seconds; all else as a user has it, whatever the tests' environment says. */
const patience = {
  durability: "exit",
  flushAfterMs: 50,
  retryBaseMs: 20,
  retryCapMs: 300,
  timeoutMs: 700,
};

interface RunOptions {
  readonly first?: number;
  readonly calls: number;
  readonly atOnce?: number;
  readonly pauseMs?: number;
  readonly bare?: boolean;
  readonly ending?: "shutdown" | "flush" | "end";
  /** Instead of the link. */
  readonly endpoint?: string;
  readonly tracker?: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program as it ran. */
export interface Ran {
  /** Calls it said it has the result of. */
  readonly calls: readonly number[];
  /** What it got and should not have got. */
  readonly wrong: readonly unknown[];
  /** `undefined` where it was killed. */
  readonly metrics: TrackerMetrics | undefined;
  readonly bareMs: readonly number[];
  readonly trackedMs: readonly number[];
  readonly code: number | null;
}

export interface Program {
  /** It has the result of its first call, or has ended. */
  readonly begun: Promise<void>;
  readonly ran: Promise<Ran>;
  kill(): void;
}

export interface World {
  readonly link: Link;
  /** Kills the collector as `kill -9` does, and starts it again on the same data. */
  crashCollector(downMs: number): Promise<void>;
  start(options: RunOptions): Program;
  run(options: RunOptions): Promise<Ran>;
  /** Lets more programs deliver what is left in the spool, until one finds nothing there. */
  settle(env?: RunOptions["env"]): Promise<readonly Ran[]>;
  /** What the ledger has of each call. */
  ledger(): Promise<ReadonlyMap<number, LedgerRow>>;
  end(): Promise<void>;
}

export interface LedgerRow {
  readonly calls: number;
  readonly errors: number;
  readonly tokens: number;
}

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-chaos-"));
  const [openAI, first] = await Promise.all([startOpenAI(), startCollector(folder)]);
  let collector: CollectorProcess = first;
  let crashing = Promise.resolve();
  const link = await startLink(collector.url);
  const spoolDir = join(folder, "spool");
  const start = ({ tracker = {}, env = {}, endpoint = link.endpoint, ...options }: RunOptions): Program => {
    const plan = {
      baseURL: openAI.baseURL,
      endpoint,
      key,
      first: 0,
      atOnce: 4,
      pauseMs: 0,
      bare: false,
      ending: "shutdown",
      ...options,
      tracker: { ...patience, spoolDir, ...tracker },
    };
    const child = spawn(process.execPath, [app, JSON.stringify(plan)], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const begun = Promise.withResolvers<void>();
    const ran = follow(child, begun.resolve).finally(begun.resolve);
    return { begun: begun.promise, ran, kill: () => void child.kill("SIGKILL") };
  };
  const crash = async (before: Promise<void>, downMs: number): Promise<void> => {
    await before;
    await collector.stop("SIGKILL");
    await setTimeout(downMs);
    collector = await startCollector(folder);
    link.target = collector.url;
  };
  const world: World = {
    link,
    start,
    run: (options) => start(options).ran,
    settle: async (env = {}) => {
      link.weather = () => "fine";
      const settled: Ran[] = [];
      // A large backlog is taken over in parts.
      while (settled.length < 50 && settled.at(-1)?.metrics?.adopted !== 0) {
        settled.push(await start({ calls: 0, ending: "flush", env }).ran);
      }
      return settled;
    },
    // One after another, whoever asks.
    crashCollector: (downMs) => (crashing = crash(crashing, downMs)),
    ledger: async () => {
      const { rows } = await collector.usage("group_by=customer_id");
      return new Map(
        rows.map(({ customer_id, calls, errors, total_tokens }) => [
          Number(customer_id?.replace("call-", "")),
          { calls, errors, tokens: total_tokens },
        ]),
      );
    },
    end: async () => {
      await link.close();
      await openAI.close();
      await collector.stop("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

async function follow(child: ChildProcess, onCall: () => void): Promise<Ran> {
  if (child.stdout === null || child.stderr === null) throw new Error("expected pipes");
  const exit = once(child, "exit") as Promise<[number | null]>;
  // Warnings are expected; they are not looked at, and must not fill the pipe.
  child.stderr.resume();
  const calls: number[] = [];
  const wrong: unknown[] = [];
  let end: Pick<Ran, "metrics" | "bareMs" | "trackedMs"> = { metrics: undefined, bareMs: [], trackedMs: [] };
  for await (const line of createInterface({ input: child.stdout })) {
    const said = readLine(line);
    if (said?.call !== undefined) {
      onCall();
      calls.push(said.call);
    }
    if (said?.wrong !== undefined) wrong.push(said.wrong);
    if (said?.metrics !== undefined) end = said as typeof end;
  }
  return { calls, wrong, ...end, code: (await exit)[0] };
}

type Said = Partial<Ran> & { readonly call?: number };

/** A program that is killed may leave half a line. */
function readLine(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}

/**
 * Holds the ledger against what the programs said. Each call they have the result of must be there exactly once, with its
 * own tokens, or be counted as dropped; none may be there twice.
 *
 * @returns what is wrong, as texts; none if all is well
 */
export function compare(ran: readonly Ran[], ledger: ReadonlyMap<number, LedgerRow>): readonly string[] {
  const problems = ran.flatMap(({ wrong }) => wrong.map((each) => `the program got ${JSON.stringify(each)}`));
  const said = ran.flatMap(({ calls }) => calls);
  const missing = said.filter((call) => !ledger.has(call));
  const dropped = ran.reduce((all, { metrics }) => all + sum(metrics?.dropped) + (metrics?.rejected ?? 0), 0);
  if (missing.length !== dropped) {
    problems.push(
      `${missing.length} calls are not in the ledger (${missing.slice(0, 5).join()}), ${dropped} are counted`,
    );
  }
  for (const [call, { calls, errors, tokens }] of ledger) {
    if (calls !== 1) problems.push(`call ${call} is in the ledger ${calls} times`);
    const { input, output } = tokensOf(call);
    const refused = kindOf(call) === "refused";
    const expected = refused ? { errors: 1, tokens: 0 } : { errors: 0, tokens: input + output };
    if (calls === 1 && (errors !== expected.errors || tokens !== expected.tokens)) {
      problems.push(
        `${customerOf(call)}: expected ${JSON.stringify(expected)}, got ${JSON.stringify({ errors, tokens })}`,
      );
    }
  }
  for (const { metrics } of ran) {
    if (metrics !== undefined) problems.push(...unequalSums(metrics));
  }
  return problems;
}

/** D3: every captured event has one outcome. */
function unequalSums(metrics: TrackerMetrics): readonly string[] {
  const { captured, delivered, duplicates, rejected, spooled, dropped, held } = metrics;
  const outcomes = delivered + duplicates + rejected + spooled + sum(dropped) + held;
  return outcomes === captured ? [] : [`the sums do not agree: ${captured} events, ${outcomes} outcomes`];
}

function sum(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}
