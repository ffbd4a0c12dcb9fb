/** The metadata keys by which a tenant's usage can be grouped. */
import { CmdrdataError } from "@cmdrdata/protocol";

import type { GroupKey } from "../store.ts";
import type { Row, Sql } from "./sql.ts";

/** A declared key as stored. Events numbered in (`backfilledTo`, `backfillUntil`] are not in its roll-up yet. */
export interface StoredDimension {
  readonly id: number;
  readonly tenant: string;
  readonly key: string;
  readonly declaredAtMs: number;
  readonly backfilledTo: number;
  readonly backfillUntil: number;
}

const prefix = "metadata.";

/** The name of a metadata key in a grouping; `undefined` for one of the fixed dimensions. */
export function metadataKeyOf(key: GroupKey): string | undefined {
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}

export const dimensionColumns = "dimension_id, tenant, key, declared_at_ms, backfilled_to, backfill_until";

export function storedDimension(row: Row): StoredDimension {
  return {
    id: Number(row["dimension_id"]),
    tenant: String(row["tenant"]),
    key: String(row["key"]),
    declaredAtMs: Number(row["declared_at_ms"]),
    backfilledTo: Number(row["backfilled_to"]),
    backfillUntil: Number(row["backfill_until"]),
  };
}

/**
 * @returns the id of the roll-up for a key
 * @throws CmdrdataError `CMDR_QUERY_INVALID` for a key that is not declared, `CMDR_DIMENSION_NOT_READY` while older events
 *   are still being added: a part of the sums would be missing (S5)
 */
export async function requireDimension(sql: Sql, tenant: string, key: string): Promise<number> {
  const query = `SELECT ${dimensionColumns} FROM metadata_dimensions WHERE tenant = $1 AND key = $2 AND removed = 0`;
  const [row] = await sql.all(query, [tenant, key]);
  if (row === undefined) {
    const message = `expected a metadata key that is declared (POST /api/v1/dimensions), got ${JSON.stringify(key)}`;
    throw new CmdrdataError("CMDR_QUERY_INVALID", message);
  }
  const { id, backfilledTo, backfillUntil } = storedDimension(row);
  if (backfilledTo >= backfillUntil) return id;
  const message = `metadata.${key}: older events are being added, ${backfilledTo} of ${backfillUntil} so far`;
  throw new CmdrdataError("CMDR_DIMENSION_NOT_READY", message, { retryable: true });
}
