/**
 * What SQLite says of a file that cannot grow, as something that can be done.
 *
 * Promise: a full disk, or a quota on it, is a retryable `CMDR_DISK_FULL`: the transaction left nothing, and the same one
 * may go well once there is room. Any other error stays as it is.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

/**
 * Result codes of SQLite: FULL is the disk's, or `max_page_count`'s; a quota's is IOERR_WRITE, as only ENOSPC is FULL to it;
 * IOERR_FSYNC where the disk gives out room at the last moment, IOERR_SHMSIZE for the index of the log.
 */
const cannotGrow = new Set([13, 778, 1_034, 4_874]);

/** @returns the error to throw instead; the same one where there is nothing to add */
export function translateError(error: unknown): unknown {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown };
  if (typeof errcode !== "number" || !cannotGrow.has(errcode)) return error;
  const message = `the ledger's disk takes no more (${(error as Error).message})`;
  return new CmdrdataError("CMDR_DISK_FULL", message, { retryable: true, cause: error });
}
