/**
 * A ledger's file that may not grow, where no disk can be mounted: `PRAGMA max_page_count` of SQLite, which small-file.mjs
 * sets in the collector.
 */
import { DatabaseSync } from "node:sqlite";

import { settable } from "./settable.ts";
import type { SmallDisk } from "./small-disk.ts";

const pageBytes = 4_096;

/** The most that SQLite knows. */
const mostPages = 4_294_967_294;

export interface SmallFile extends SmallDisk {
  /** For the collector whose ledger it is. */
  readonly preload: URL;
  readonly env: Readonly<Record<string, string>>;
}

/** @param file - where the bound is kept */
export function makeSmallFile(ledger: string, file: string): SmallFile {
  const bound = settable(file);
  bound(mostPages);
  return {
    preload: new URL("./small-file.mjs", import.meta.url),
    env: { CMDRDATA_CHAOS_PAGES: file },
    leave: (bytes) => bound(pagesOf(ledger) + Math.ceil(bytes / pageBytes)),
    widen: () => bound(mostPages),
    remove: () => undefined,
  };
}

function pagesOf(ledger: string): number {
  const database = new DatabaseSync(ledger, { readOnly: true });
  try {
    return Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  } finally {
    database.close();
  }
}
