/** Counts usage anew from stored events, in the plainest way there is: what every engine's sums are compared with. */
import { totalTokens } from "@cmdrdata/protocol";

import { dimensionsOf, durationUsOf, metadataValueOf } from "../dimensions.ts";
import { metadataKeyOf } from "../sql/metadata-dimension.ts";
import type { Dimension, GroupKey, UsageQuery, UsageRow, UsageSums } from "../store.ts";
import type { StoredEvent } from "./harness.ts";

/** @returns the rows the store should give, in no particular order within a range */
export function recount(events: readonly StoredEvent[], query: UsageQuery): readonly UsageRow[] {
  const mine = events.filter(
    (stored) =>
      stored.tenant === query.tenant &&
      (query.filters ?? []).every(({ key, values }) => values.includes(valueFor(stored, key))),
  );
  return query.ranges.flatMap(({ startMs, endMs }) => {
    const inRange = mine.filter(({ eventTimeMs }) => eventTimeMs >= startMs && eventTimeMs < endMs);
    return [...membersByGroup(inRange, query)].map(([group, members]) => ({
      rangeStartMs: startMs,
      group: JSON.parse(group) as UsageRow["group"],
      sums: sumOf(members),
    }));
  });
}

function membersByGroup(events: readonly StoredEvent[], query: UsageQuery): ReadonlyMap<string, StoredEvent[]> {
  const groups = new Map<string, StoredEvent[]>();
  for (const stored of events) {
    const group = JSON.stringify(groupOf(stored, query));
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [stored]);
    else members.push(stored);
  }
  return groups;
}

/** Adds up rows, to compare a cut with the whole. */
export function addRows(rows: readonly UsageRow[]): Readonly<Record<string, bigint>> {
  const total: Record<string, bigint> = {};
  for (const { sums } of rows) {
    for (const [name, value] of Object.entries(sums)) total[name] = (total[name] ?? 0n) + BigInt(value as number);
  }
  return total;
}

function groupOf(stored: StoredEvent, { groupBy }: UsageQuery): UsageRow["group"] {
  return Object.fromEntries(groupBy.map((key) => [key, valueFor(stored, key)]));
}

function valueFor({ event }: StoredEvent, key: GroupKey): string | null {
  const name = metadataKeyOf(key);
  return name === undefined ? dimensionsOf(event)[key as Dimension] : metadataValueOf(event, name);
}

function sumOf(events: readonly StoredEvent[]): UsageSums {
  const sum = (pick: (stored: StoredEvent) => number | null | undefined): number =>
    events.reduce((total, stored) => total + (pick(stored) ?? 0), 0);
  return {
    calls: events.length,
    errors: sum(({ event }) => (event.error.occurred ? 1 : 0)),
    unattributed: sum(({ event }) => (event.customer_id === null ? 1 : 0)),
    inputTokens: sum(({ event }) => event.input_tokens),
    cachedInputTokens: sum(({ event }) => event.usage.input.cached),
    outputTokens: sum(({ event }) => event.output_tokens),
    reasoningTokens: sum(({ event }) => event.usage.output.reasoning),
    totalTokens: sum(({ event }) => totalTokens(event)),
    costPicoUsd: events.reduce((total, { picoUsd }) => total + (picoUsd ?? 0n), 0n),
    unpricedCalls: sum(({ picoUsd }) => (picoUsd === null ? 1 : 0)),
    durationUs: sum(({ event }) => durationUsOf(event)),
    timedCalls: sum(({ event }) => (durationUsOf(event) === null ? 0 : 1)),
  };
}

/** In one order, whichever they came in. */
export function sortedRows(rows: readonly UsageRow[]): readonly UsageRow[] {
  const keyOf = ({ rangeStartMs, group }: UsageRow): string => JSON.stringify([rangeStartMs, group]);
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
