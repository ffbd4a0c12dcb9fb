/**
 * The spool of a tracker: in a folder of its group, so that only those who send to the same collector with the same key
 * find its events. The key is in no name and no file: a digest of it and the endpoint is.
 */
import type { Clock } from "../clock.ts";
import { openDisk } from "./disk.ts";
import { openDiskSpool } from "./disk-spool.ts";
import { thisProcess } from "./liveness.ts";
import type { Spool } from "./spool.ts";

export interface SpoolConfig {
  readonly endpoint: string;
  readonly apiKey: string | undefined;
  /** Where groups have their folders; `undefined` where none is known. */
  readonly spoolDir: string | undefined;
  /** A name for all who share a spool, whatever their endpoint and key; for the time in which keys change. */
  readonly spoolGroup: string | undefined;
  readonly spoolBytes: number;
  /** `memory`: there is none. */
  readonly durability: string;
}

/**
 * @returns `undefined` where there is no disk, no folder, or no key, and where none is wanted; also where the runtime does not
 *   let the program look, as Deno without its permissions, which is said
 */
export function openSpool(
  config: SpoolConfig,
  clock: Pick<Clock, "monotonicNow">,
  onChange: (problem: string | undefined) => void,
): Spool | undefined {
  try {
    return openWanted(config, clock, onChange);
  } catch (error) {
    onChange(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function openWanted(
  config: SpoolConfig,
  clock: Pick<Clock, "monotonicNow">,
  onChange: (problem: string | undefined) => void,
): Spool | undefined {
  const { endpoint, apiKey, spoolDir, spoolGroup, spoolBytes } = config;
  if (config.durability === "memory" || spoolDir === undefined || apiKey === undefined) return undefined;
  const disk = openDisk();
  if (disk === undefined) return undefined;
  const group = spoolGroup === undefined ? `key\n${endpoint}\n${apiKey}` : `group\n${spoolGroup}`;
  const folder = disk.join(disk.resolve(spoolDir), `v1-${disk.sha256(group).slice(0, 32)}`);
  const liver = thisProcess(disk, process.pid, disk.thread);
  return openDiskSpool(folder, spoolBytes, { disk, liver, clock, onChange });
}
