/** One collector on a file, whose file can be bounded, on a disk that can be made full where this process may mount one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type CollectorProcess, startCollector } from "../e2e/collector-process.ts";
import { makeClock } from "./clock.ts";
import { readSqliteLedger } from "./ledger.ts";
import { fillDisk, moveClock, stormIn } from "./misfortunes.ts";
import type { Misfortune, Site } from "./site.ts";
import { mountSmallDisk, type SmallDisk, whyNotMounted } from "./small-disk.ts";
import { makeSmallFile } from "./small-file.ts";

export async function openFileSite(mayMount: boolean): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-day-"));
  const besides = mkdtempSync(join(tmpdir(), "cmdrdata-day-besides-"));
  const ledger = join(folder, "data", "cmdrdata.db");
  const clock = makeClock(besides, "clock");
  const file = makeSmallFile(ledger, join(besides, "pages"));
  const disk = mayMount ? mountSmallDisk(folder) : undefined;
  const start = (): Promise<CollectorProcess> =>
    startCollector(folder, { preload: [clock.preload, file.preload], env: { ...clock.env, ...file.env } });
  let collector = await start();
  const url = (): string => collector.url;
  const fill =
    (what: SmallDisk): Misfortune =>
    (scene) =>
      fillDisk({ disk: what, url: url(), refusals: ["CMDR_DISK_FULL"], reports: [200] }, scene);
  return {
    urls: () => [url()],
    misfortunes: {
      "the collector is killed": async () => {
        await collector.stop("SIGKILL");
        collector = await start();
      },
      "the clock jumps": (scene) => moveClock(clock, url, scene),
      "connections storm in": (scene) => stormIn(url(), scene),
      "the file may not grow": fill(file),
      ...(disk && { "the disk fills up": fill(disk) }),
    },
    skipped: disk === undefined ? { "the disk fills up": whyNotMounted } : {},
    ledger: async () => {
      await collector.stop("SIGTERM");
      return readSqliteLedger(ledger);
    },
    end: async () => {
      await collector.stop("SIGKILL");
      disk?.remove();
      for (const each of [folder, besides]) rmSync(each, { recursive: true, force: true });
    },
  };
}
