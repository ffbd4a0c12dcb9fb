/**
 * The first key, so that a new collector can be used at once and is never open to all.
 *
 * With `CMDRDATA_BOOTSTRAP_KEY` that key is made known at every start. Without it, a collector that has no key at all
 * makes one, writes it to `DIR/first-key` (0600) and says where; the key itself is shown on a terminal only. Of several
 * replicas that start at once, one does.
 */
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { hashApiKey } from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";
import type { NewApiKey, UsageStore } from "@cmdrdata/storage";

import { makeDataFolder } from "./data-folder.ts";

/** The tenant of a collector that serves one. */
const defaultTenant = "default";

export interface FirstKeyDeps {
  readonly store: Pick<UsageStore, "addKey" | "addFirstKey">;
  readonly firstKeyPath: string;
  readonly nowMs: number;
}

/** `made`: a new key was written to the file; its text is for a terminal only. */
export type FirstKey =
  | { readonly kind: "bootstrap"; readonly added: boolean }
  | { readonly kind: "made"; readonly key: string }
  | { readonly kind: "present" };

/** @throws CmdrdataError `CMDR_DATA_FOLDER_UNWRITABLE` */
export async function ensureFirstKey(bootstrapKey: string | undefined, deps: FirstKeyDeps): Promise<FirstKey> {
  if (bootstrapKey !== undefined) {
    const added = (await deps.store.addKey(record(bootstrapKey, deps.nowMs))) === "added";
    return { kind: "bootstrap", added };
  }
  const key = `tk-${randomBytes(32).toString("base64url")}`;
  const outcome = await deps.store.addFirstKey(() => {
    // The file first: a key that is known but written nowhere would lock everybody out.
    writeKey(deps.firstKeyPath, key);
    return record(key, deps.nowMs);
  });
  return outcome === "added" ? { kind: "made", key } : { kind: "present" };
}

/** Anew: a file that is there already, or where a link leads, may be readable by others. */
function writeKey(path: string, key: string): void {
  // On PostgreSQL nobody else has made the folder.
  makeDataFolder(dirname(path));
  try {
    rmSync(path, { force: true });
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const message = `cannot write the first key to ${path} (${String(cause)}): remove what is there, or choose another --data`;
    throw new CmdrdataError("CMDR_DATA_FOLDER_UNWRITABLE", message, { cause });
  }
}

function record(key: string, nowMs: number): NewApiKey {
  return { tenant: defaultTenant, hash: hashApiKey(key), scopes: ["ingest", "read", "admin"], createdAtMs: nowMs };
}
