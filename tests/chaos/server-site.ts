/** Two replicas with a clock each on one PostgreSQL, whose disk can be made full where this process may mount one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { type PostgresServer, startPostgres } from "@cmdrdata/testkit";

import { type CollectorProcess, startCollector } from "../e2e/collector-process.ts";
import { makeClock, type MovableClock } from "./clock.ts";
import { readPostgresLedger } from "./ledger.ts";
import { fillDisk, moveClock, type Scene, stormIn } from "./misfortunes.ts";
import type { Misfortune, Site } from "./site.ts";
import { mountSmallDisk, type SmallDisk, whyNotMounted } from "./small-disk.ts";

export async function openServerSite(mayMount: boolean): Promise<Site> {
  const [folder, diskFolder] = [mkdtempSync(join(tmpdir(), "cmdrdata-day-")), mkdtempSync(join(tmpdir(), "cmdrdata-disk-"))]; // prettier-ignore
  const disk = mayMount ? mountSmallDisk(diskFolder) : undefined;
  const server = await startPostgres(disk === undefined ? {} : { ...growingLog, disk: diskFolder });
  const databaseUrl = await server.createDatabase();
  const openReplica = (name: string): Promise<Replica> => startReplica(folder, databaseUrl, makeClock(folder, name));
  const replicas = await Promise.all(["clock-a", "clock-b"].map(openReplica));
  const oneOf = ({ random }: Scene): Replica => replicas[Math.floor(random() * replicas.length)] as Replica;
  const fill =
    (what: SmallDisk): Misfortune =>
    (scene) =>
      keepRunning(server, (recovered) => fillDisk({ disk: what, url: oneOf(scene).url(), recovered, ...full }, scene));
  return {
    urls: () => replicas.map(({ url }) => url()),
    misfortunes: { ...misfortunesOf(server, oneOf), ...(disk && { "PostgreSQL's disk fills up": fill(disk) }) },
    skipped: disk === undefined ? { "PostgreSQL's disk fills up": whyNotMounted } : {},
    remarks: () => `PostgreSQL panicked ${server.log().match(/ PANIC: /g)?.length ?? 0} times`,
    ledger: async () => {
      await Promise.all(replicas.map(({ end }) => end("SIGTERM")));
      return readPostgresLedger(databaseUrl);
    },
    end: async () => {
      await Promise.all(replicas.map(({ end }) => end("SIGKILL")));
      await server.remove();
      disk?.remove();
      for (const each of [folder, diskFolder]) rmSync(each, { recursive: true, force: true });
    },
  };
}

/** Its log takes a new file for every MiB, so that a full disk meets it as often as it meets the data; then PostgreSQL panics. */
const growingLog = {
  walSegmentMiB: 1,
  settings: { wal_recycle: "off", min_wal_size: "2MB", max_wal_size: "64MB" },
};

/** Where the log finds no room the server is away, and so are reports. */
const full = { refusals: ["CMDR_DISK_FULL", "CMDR_DATABASE_UNREACHABLE"], reports: [200, 503] };

interface Replica {
  readonly clock: MovableClock;
  url(): string;
  /** Kills it, and starts another in its place. */
  replace(): Promise<void>;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<unknown>;
}

async function startReplica(folder: string, databaseUrl: string, clock: MovableClock): Promise<Replica> {
  const start = (): Promise<CollectorProcess> =>
    startCollector(folder, { databaseUrl, preload: [clock.preload], env: clock.env });
  let collector = await start();
  return {
    clock,
    url: () => collector.url,
    replace: async () => {
      await collector.stop("SIGKILL");
      collector = await start();
    },
    end: (signal) => collector.stop(signal),
  };
}

function misfortunesOf(server: PostgresServer, oneOf: (scene: Scene) => Replica): Site["misfortunes"] {
  const restart =
    (how: Parameters<PostgresServer["stop"]>[0]): Misfortune =>
    async () => {
      await server.stop(how);
      await server.start();
    };
  return {
    "a replica is killed": (scene) => oneOf(scene).replace(),
    "a replica's clock jumps": (scene) => {
      const { clock, url } = oneOf(scene);
      return moveClock(clock, url, scene);
    },
    "PostgreSQL is restarted": restart("fast"),
    "PostgreSQL crashes": restart("immediate"),
    "PostgreSQL is killed": restart("kill"),
    "connections storm in": (scene) => stormIn(oneOf(scene).url(), scene),
    "PostgreSQL and a replica are killed": async (scene) => {
      await server.stop("kill");
      const replica = oneOf(scene);
      await replica.end("SIGKILL");
      await server.start();
      await replica.replace();
    },
  };
}

/**
 * Starts the server again where it has ended, as its operator's supervisor does, from when the work says that it may until it
 * is done.
 */
async function keepRunning<T>(server: PostgresServer, work: (recovered: () => void) => Promise<T>): Promise<T> {
  const mayStart = Promise.withResolvers<void>();
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    await mayStart.promise;
    while (!done.signal.aborted) {
      // What keeps it from starting shows in that nothing is taken.
      if (!server.running()) await server.start().catch(() => undefined);
      await setTimeout(100);
    }
  };
  const watching = watch();
  try {
    return await work(mayStart.resolve);
  } finally {
    done.abort();
    mayStart.resolve();
    await watching;
  }
}
