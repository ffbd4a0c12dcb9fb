/**
 * Adds events to the roll-ups.
 *
 * Promise: what the events of a batch add to one row is added up first and written once, exactly. Each declared metadata
 * key has the roll-up once more. A day that was summed up is no longer valid once an event of it comes.
 */
import { metadataValueOf } from "../dimensions.ts";
import { dimensionColumns, storedDimension, type StoredDimension } from "../sql/metadata-dimension.ts";
import type { PricedEvent } from "../store.ts";
import * as row from "../event-row.ts";
import { placesFor } from "./places.ts";
import type { Prepare } from "./prepared.ts";

const addUp = row.rollUpSums.map((column) => `${column} = ${column} + excluded.${column}`).join(", ");

const insertInto = (table: string, keys: readonly string[]): string =>
  `INSERT INTO ${table} (${[...keys, ...row.rollUpSums].join(", ")}) VALUES (${placesFor([...keys, ...row.rollUpSums])})
    ON CONFLICT (${keys.join(", ")}) DO UPDATE SET ${addUp}`;

const addToRollUp = insertInto("usage_15m", row.rollUpKeys);
const addToMetadata = insertInto("usage_15m_metadata", ["dimension_id", "metadata_value", ...row.rollUpKeys]);

const selectDimensions = `SELECT ${dimensionColumns} FROM metadata_dimensions WHERE removed = 0`;
const lastBuiltDay = "SELECT day_end_ms FROM usage_day_built WHERE tenant = ? ORDER BY day_start_ms DESC LIMIT 1";
const unbuildDay = "DELETE FROM usage_day_built WHERE tenant = ? AND day_start_ms <= ? AND day_end_ms > ?";

export interface RollUps {
  add(facts: row.EventFacts): void;
  /** Writes what was added. */
  flush(): void;
}

type Value = string | number | bigint | null;

/** What is added to one row. */
interface Delta {
  readonly key: readonly Value[];
  readonly sums: (number | bigint)[];
}

/** For one transaction. */
export function createRollUps(prepare: Prepare): RollUps {
  const dimensions = prepare(selectDimensions)
    .all()
    .map((each) => storedDimension(each as never));
  const base = new Map<string, Delta>();
  const byMetadata = new Map<string, Delta>();
  const builtUntil = new Map<string, number>();
  const unbuild = new Map<string, readonly [tenant: string, bucketMs: number]>();
  return {
    add: (facts) => {
      const { priced } = facts;
      const key = row.rollUpKey(facts);
      const sums = row.rollUpAdditions(facts);
      addDelta(base, key, sums);
      for (const dimension of dimensions) {
        if (dimension.tenant === priced.tenant) addDelta(byMetadata, [...keyOf(dimension, priced), ...key], sums);
      }
      const bucketMs = key[0] as number;
      const { tenant } = priced;
      if (bucketMs < lastBuiltMs(prepare, builtUntil, tenant)) unbuild.set(`${bucketMs} ${tenant}`, [tenant, bucketMs]);
    },
    flush: () => {
      for (const { key, sums } of base.values()) prepare(addToRollUp).run(...key, ...sums);
      for (const { key, sums } of byMetadata.values()) prepare(addToMetadata).run(...key, ...sums);
      for (const [tenant, bucketMs] of unbuild.values()) prepare(unbuildDay).run(tenant, bucketMs, bucketMs);
    },
  };
}

function keyOf(dimension: StoredDimension, { event }: PricedEvent): readonly Value[] {
  return [dimension.id, metadataValueOf(event, dimension.key) ?? ""];
}

function addDelta(deltas: Map<string, Delta>, key: readonly Value[], sums: readonly (number | bigint)[]): void {
  // No text in a key has a control character.
  const name = key.join("\u0001");
  const known = deltas.get(name);
  if (known === undefined) {
    // A list of its own, as it is added to.
    deltas.set(name, { key, sums: [...sums] });
    return;
  }
  for (const [index, sum] of sums.entries()) known.sums[index] = plus(known.sums[index] as number | bigint, sum);
}

/** A sum of a few thousand counts of up to 1e12 is exact in a double; large amounts of money are bigints. */
function plus(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === "number" && typeof b === "number" ? a + b : BigInt(a) + BigInt(b);
}

function lastBuiltMs(prepare: Prepare, known: Map<string, number>, tenant: string): number {
  let until = known.get(tenant);
  if (until === undefined) {
    until = Number(prepare(lastBuiltDay).get(tenant)?.["day_end_ms"] ?? 0);
    known.set(tenant, until);
  }
  return until;
}
