/**
 * The collector's bad days: it is killed with `kill -9`, and so is PostgreSQL, among the batches of many senders.
 *
 * Held against the ledger itself: every event that was answered is there once, nothing else is, and the roll-ups are what the
 * events add up to. Nothing is repaired in between.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type PostgresServer, seededRandom, startPostgres } from "@cmdrdata/testkit";

import { type CollectorProcess, startCollector } from "../e2e/collector-process.ts";
import { type Counted, type Ledger, readPostgresLedger, readSqliteLedger } from "./ledger.ts";
import { startSenders } from "./senders.ts";

export type Engine = "sqlite" | "postgres";

export interface Day {
  readonly engine: Engine;
  /** How often something is killed. */
  readonly cycles: number;
  readonly seed: number;
}

/** What happened, and what is wrong with it. */
export interface DayReport {
  readonly problems: readonly string[];
  readonly summary: string;
}

/** What is killed, and comes back. */
type Misfortune = (random: () => number) => Promise<void>;

interface Site {
  readonly urls: () => readonly string[];
  readonly misfortunes: Readonly<Record<string, Misfortune>>;
  ledger(): Promise<Ledger>;
  end(): Promise<void>;
}

export async function playDay({ engine, cycles, seed }: Day): Promise<DayReport> {
  const random = seededRandom(seed);
  const site = engine === "sqlite" ? await openFileSite() : await openServerSite();
  const happened: Record<string, number> = {};
  try {
    const senders = startSenders({ urls: site.urls, random, atOnce: 6 });
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await senders.taken(1 + Math.floor(random() * 15));
      const names = Object.keys(site.misfortunes);
      const name = names[Math.floor(random() * names.length)] as string;
      happened[name] = (happened[name] ?? 0) + 1;
      await site.misfortunes[name]?.(random);
    }
    await senders.taken(5);
    const { problems, sent, events } = await senders.end();
    const found = compareLedger(sent, await site.ledger());
    return { problems: [...problems, ...found], summary: `${events} events; ${JSON.stringify(happened)}` };
  } finally {
    await site.end();
  }
}

/** One collector on a file. */
async function openFileSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-day-"));
  let collector = await startCollector(folder);
  const restart = async (): Promise<void> => {
    await collector.stop("SIGKILL");
    collector = await startCollector(folder);
  };
  return {
    urls: () => [collector.url],
    misfortunes: { "the collector is killed": restart },
    ledger: async () => {
      await collector.stop("SIGTERM");
      return readSqliteLedger(join(folder, "data", "cmdrdata.db"));
    },
    end: async () => {
      await collector.stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Two replicas on one PostgreSQL. */
async function openServerSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-day-"));
  const server = await startPostgres();
  const databaseUrl = await server.createDatabase();
  const start = (): Promise<CollectorProcess> => startCollector(folder, { databaseUrl });
  const replicas = await Promise.all([start(), start()]);
  const killReplica = async (random: () => number): Promise<void> => {
    const index = Math.floor(random() * replicas.length);
    await replicas[index]?.stop("SIGKILL");
    replicas[index] = await start();
  };
  const restart =
    (how: Parameters<PostgresServer["stop"]>[0]): Misfortune =>
    async () => {
      await server.stop(how);
      await server.start();
    };
  return {
    urls: () => replicas.map(({ url }) => url),
    misfortunes: {
      "a replica is killed": killReplica,
      "PostgreSQL is restarted": restart("fast"),
      "PostgreSQL crashes": restart("immediate"),
      "PostgreSQL is killed": restart("kill"),
      "PostgreSQL and a replica are killed": async (random) => {
        await server.stop("kill");
        const replica = replicas[Math.floor(random() * replicas.length)];
        await replica?.stop("SIGKILL");
        await server.start();
        replicas[replicas.indexOf(replica as CollectorProcess)] = await start();
      },
    },
    ledger: async () => {
      await Promise.all(replicas.map(({ stop }) => stop("SIGTERM")));
      return readPostgresLedger(databaseUrl);
    },
    end: async () => {
      await Promise.all(replicas.map(({ stop }) => stop("SIGKILL")));
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns what is wrong, as texts; none if all is well */
function compareLedger(sent: readonly Counted[], ledger: Ledger): readonly string[] {
  const inOrder = sent.toSorted((a, b) => (a.customer < b.customer ? -1 : 1));
  const problems = [
    ...differences("the events", inOrder, ledger.events),
    ...differences("the roll-up", ledger.events, ledger.rollUp),
  ];
  if (ledger.eventsPicoUsd !== ledger.rollUpPicoUsd) {
    problems.push(`the events cost ${ledger.eventsPicoUsd}, the roll-up says ${ledger.rollUpPicoUsd}`);
  }
  return problems;
}

function differences(what: string, expected: readonly Counted[], got: readonly Counted[]): string[] {
  const texts = (rows: readonly Counted[]): readonly string[] =>
    rows.map(({ customer, calls, tokens }) => JSON.stringify({ customer, calls, tokens }));
  const [wanted, found] = [texts(expected), texts(got)];
  const missing = wanted.filter((text) => !found.includes(text));
  const wrong = found.filter((text) => !wanted.includes(text));
  return missing.length + wrong.length === 0 ? [] : [`${what}: expected ${missing.join()}, got ${wrong.join()}`];
}
