/**
 * Changes what events of another cost add to the sums, in the transaction in which the events are changed.
 *
 * Promise: every sum that has money in it is changed: the roll-up, that of each declared metadata key, and the days that were
 * summed up, which count no more until they are made anew.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import { bucketStartMs, metadataValueOf } from "../dimensions.ts";
import { rollUpKeys } from "../event-row.ts";
import { splitMoney } from "../money.ts";
import type { EventCost } from "../store.ts";
import { dimensionColumns, storedDimension, type StoredDimension } from "./metadata-dimension.ts";
import type { Row, Sql, SqlValue } from "./sql.ts";

/** An event whose cost is another now. */
export interface Changed {
  readonly row: Row;
  readonly timeMs: number;
  readonly before: bigint | null;
  readonly cost: EventCost;
}

const add = `SET cost_milli_usd = cost_milli_usd + $1, cost_rest_pico_usd = cost_rest_pico_usd + $2,
    unpriced_calls = unpriced_calls + $3`;
const places = (from: number): string =>
  rollUpKeys.map((column, index) => `${column} = $${index + from}`).join(" AND ");
const updateRollUp = `UPDATE usage_15m ${add} WHERE ${places(4)}`;
const updateMetadata = `UPDATE usage_15m_metadata ${add} WHERE dimension_id = $4 AND metadata_value = $5 AND ${places(6)}`;
const unbuildDay = "DELETE FROM usage_day_built WHERE tenant = $1 AND day_start_ms <= $2 AND day_end_ms > $2";

/** Locks the rows: nobody adds older events to their sums until the transaction ends. */
const lock = "UPDATE metadata_dimensions SET removed = removed WHERE tenant = $1 AND removed = 0";
const selectDimensions = `SELECT ${dimensionColumns} FROM metadata_dimensions WHERE tenant = $1 AND removed = 0
  ORDER BY dimension_id`;

export async function lockDimensions(sql: Sql, tenant: string): Promise<readonly StoredDimension[]> {
  await sql.run(lock, [tenant]);
  return (await sql.all(selectDimensions, [tenant])).map(storedDimension);
}

export async function changeRollUps(
  sql: Sql,
  { tenant, dimensions }: { readonly tenant: string; readonly dimensions: readonly StoredDimension[] },
  changed: readonly Changed[],
): Promise<void> {
  const base = createDeltas();
  const byMetadata = createDeltas();
  for (const each of changed) {
    const key = [bucketStartMs(each.timeMs), tenant, ...rollUpKeys.slice(2).map((column) => each.row[column] ?? "")];
    base.add(key, each);
    for (const { id, key: name } of dimensions) byMetadata.add([id, valueOf(each.row, name), ...key], each);
  }
  for (const values of base.inOrder()) expectOne(await sql.run(updateRollUp, values), "row of the roll-up");
  for (const values of byMetadata.inOrder()) expectOne(await sql.run(updateMetadata, values), "row of metadata");
  const buckets = new Set(changed.map(({ timeMs }) => bucketStartMs(timeMs)));
  for (const bucket of buckets) await sql.run(unbuildDay, [tenant, bucket]);
}

/** The transaction is rolled back: sums that are not those of the events are worse than a job that stops. */
export function expectOne(changed: number, what: string): void {
  if (changed === 1) return;
  throw new CmdrdataError("CMDR_INTERNAL", `expected to change one ${what}, changed ${changed}`);
}

interface Deltas {
  add(key: readonly SqlValue[], changed: Changed): void;
  /** What is added to each row, then its key; in the order of the keys, in which ingest locks them. */
  inOrder(): readonly (readonly SqlValue[])[];
}

function createDeltas(): Deltas {
  const deltas = new Map<
    string,
    { readonly key: readonly SqlValue[]; milli: bigint; rest: bigint; unpriced: number }
  >();
  return {
    add: (key, { before, cost }) => {
      const name = JSON.stringify(key);
      const delta = deltas.get(name) ?? { key, milli: 0n, rest: 0n, unpriced: 0 };
      const [was, is] = [splitMoney(before ?? 0n), splitMoney(cost.kind === "priced" ? cost.picoUsd : 0n)];
      delta.milli += is.milliUsd - was.milliUsd;
      delta.rest += is.restPicoUsd - was.restPicoUsd;
      delta.unpriced += (cost.kind === "unpriced" ? 1 : 0) - (before === null ? 1 : 0);
      deltas.set(name, delta);
    },
    inOrder: () =>
      [...deltas]
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { key, milli, rest, unpriced }]) => [milli, rest, unpriced, ...key]),
  };
}

function valueOf(row: Row, key: string): string {
  const { metadata = {} } = JSON.parse(String(row["event"])) as {
    readonly metadata?: Parameters<typeof metadataValueOf>[0]["metadata"];
  };
  return metadataValueOf({ metadata }, key) ?? "";
}
