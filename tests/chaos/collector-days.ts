/**
 * The collector's bad days: it is killed with `kill -9`, and so is PostgreSQL, its disk fills up, its clock jumps, connections
 * storm in, all among the batches of many senders.
 *
 * Held against the ledger itself: every event that was answered is there once, nothing else is, and the roll-ups are what the
 * events add up to. Nothing is repaired in between.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type PostgresServer, seededRandom, startPostgres } from "@cmdrdata/testkit";

import { type CollectorProcess, startCollector } from "../e2e/collector-process.ts";
import { type Counted, type Ledger, readPostgresLedger, readSqliteLedger } from "./ledger.ts";
import { fillDisk, moveClock, type Scene, stormIn } from "./misfortunes.ts";
import { type Senders, startSenders } from "./senders.ts";
import { mountSmallDisk } from "./small-disk.ts";

export type Engine = "sqlite" | "postgres";

export interface Day {
  readonly engine: Engine;
  /** How often something happens. */
  readonly cycles: number;
  readonly seed: number;
}

/** What happened, and what is wrong with it. */
export interface DayReport {
  readonly problems: readonly string[];
  readonly summary: string;
}

/** What happens, and is over when it resolves. @returns what was wrong meanwhile */
type Misfortune = (scene: Scene) => Promise<readonly string[] | void>;

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
    const wrong: string[] = [];
    for (const name of namesInOrder(Object.keys(site.misfortunes), cycles, random)) {
      await senders.taken(1 + Math.floor(random() * 15));
      happened[name] = (happened[name] ?? 0) + 1;
      const found = await site.misfortunes[name]?.({ random, senders });
      wrong.push(...(found ?? []).map((problem) => `${name}: ${problem}`));
    }
    await senders.taken(5);
    const { problems, ...sent } = await senders.end();
    const found = compareLedger(sent, await site.ledger());
    const summary = `${sent.events} events; ${JSON.stringify(happened)}`;
    return { problems: [...problems, ...wrong, ...found], summary };
  } finally {
    await site.end();
  }
}

/** Each as often as the others, give or take one; every round in an order of its own. */
function namesInOrder(names: readonly string[], count: number, random: () => number): readonly string[] {
  const rounds = Array.from({ length: Math.ceil(count / names.length) }, () =>
    names
      .map((name) => ({ name, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ name }) => name),
  );
  return rounds.flat().slice(0, count);
}

/** One collector on a file; its disk can be made full where this process may mount one. */
async function openFileSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-day-"));
  const clockFolder = mkdtempSync(join(tmpdir(), "cmdrdata-clock-"));
  const clockFile = join(clockFolder, "offset");
  writeFileSync(clockFile, "0");
  const disk = mountSmallDisk(folder);
  const start = (): Promise<CollectorProcess> =>
    startCollector(folder, {
      preload: new URL("./moved-clock.mjs", import.meta.url),
      env: { CMDRDATA_CHAOS_CLOCK: clockFile },
    });
  let collector = await start();
  const restart = async (): Promise<void> => {
    await collector.stop("SIGKILL");
    collector = await start();
  };
  return {
    urls: () => [collector.url],
    misfortunes: {
      "the collector is killed": restart,
      "the clock jumps": (scene) => moveClock(clockFile, scene),
      "connections storm in": (scene) => stormIn(collector.url, scene),
      ...(disk === undefined ? {} : { "the disk fills up": (scene: Scene) => fillDisk(disk, collector.url, scene) }),
    },
    ledger: async () => {
      await collector.stop("SIGTERM");
      return readSqliteLedger(join(folder, "data", "cmdrdata.db"));
    },
    end: async () => {
      await collector.stop("SIGKILL");
      disk?.remove();
      for (const each of [folder, clockFolder]) rmSync(each, { recursive: true, force: true });
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
  const killReplica = async ({ random }: Scene): Promise<void> => {
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
      "connections storm in": (scene) => stormIn(replicas[0]?.url as string, scene),
      "PostgreSQL and a replica are killed": async ({ random }) => {
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

type Expected = Pick<Awaited<ReturnType<Senders["end"]>>, "sent" | "heldBack">;

/** @returns what is wrong, as texts; none if all is well */
function compareLedger({ sent, heldBack }: Expected, ledger: Ledger): readonly string[] {
  const inOrder = sent.toSorted((a, b) => (a.customer < b.customer ? -1 : 1));
  const problems = [
    ...differences("the events", inOrder, ledger.events),
    ...differences("the roll-up", ledger.events, ledger.rollUp),
  ];
  if (ledger.eventsPicoUsd !== ledger.rollUpPicoUsd) {
    problems.push(`the events cost ${ledger.eventsPicoUsd}, the roll-up says ${ledger.rollUpPicoUsd}`);
  }
  if (ledger.wrongDays > 0) problems.push(`${ledger.wrongDays} days are summed up to something else than the roll-up`);
  if (ledger.heldBack !== heldBack) problems.push(`${heldBack} events are to be held back, ${ledger.heldBack} are`);
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
