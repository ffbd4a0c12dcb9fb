/** A wall clock of a collector's own, that can be set while it runs: moved-clock.mjs with its file. */
import { join } from "node:path";

import { settable } from "./settable.ts";

export interface MovableClock {
  /** For whoever is to have this clock. */
  readonly preload: URL;
  readonly env: Readonly<Record<string, string>>;
  /** Off from the real one by so much, from now on. */
  set(offsetMs: number): void;
}

export function makeClock(folder: string, name: string): MovableClock {
  const file = join(folder, name);
  const set = settable(file);
  set(0);
  return { preload: new URL("./moved-clock.mjs", import.meta.url), env: { CMDRDATA_CHAOS_CLOCK: file }, set };
}
