import { emptyEvent } from "@cmdrdata/protocol";
import { expect, it } from "vitest";

import {
  costLines,
  eventColumns,
  eventValues,
  factsOf,
  rollUpAdditions,
  rollUpKey,
  rollUpKeys,
  rollUpSums,
} from "./event-row.ts";
import type { EventCost, PricedEvent } from "./store.ts";

const line = {
  unit: "input_tokens",
  quantity: 0.25,
  picoUsdEach: 5n,
  picoUsd: 10n ** 24n,
  source: 'a "quoted" source',
};

function priced(cost: EventCost): PricedEvent {
  const times = { identityTimeMs: 1_000, eventTimeMs: 1_000, receivedAtMs: 1_000 };
  return { tenant: "t", id: "a", ...times, event: { ...emptyEvent, model: "m" }, contentHash: "h", problems: [], cost };
}

it("has a value for each column, in their order", () => {
  const facts = factsOf(priced({ kind: "unpriced", reason: "model_unknown", bookVersion: "1" }));
  const row = Object.fromEntries(eventColumns.map((column, at) => [column, eventValues(facts, 7, 8)[at]]));
  expect(eventValues(facts, 7, 8)).toHaveLength(eventColumns.length);
  expect(row).toMatchObject({ sequence: 7, event_id: "a", model: "m", unpriced_reason: "model_unknown", body_id: 8 });
  expect(row).toMatchObject({ cost_lines: "[]", problems: "[]", cost_milli_usd: null, body_position: null });
  expect(rollUpKey(facts)).toHaveLength(rollUpKeys.length);
  expect(rollUpAdditions(facts)).toHaveLength(rollUpSums.length);
});

it("adds up money exactly: in numbers as long as the sum of any batch is one, else in bigints", () => {
  const additions = (picoUsd: bigint) => {
    const facts = factsOf(priced({ kind: "priced", picoUsd, bookVersion: "1", lines: [] }));
    return rollUpSums.flatMap((column, at) => (column.startsWith("cost") ? [rollUpAdditions(facts)[at]] : []));
  };
  expect(additions(3_000_000_007n)).toEqual([3, 7]);
  expect(additions(2n ** 32n * 1_000_000_000n)).toEqual([2 ** 32, 0]);
  expect(additions((2n ** 32n + 1n) * 1_000_000_000n + 7n)).toEqual([2n ** 32n + 1n, 7]);
});

it("writes the lines of a cost as JSON does, with amounts as texts", () => {
  const asText = { ...line, picoUsdEach: "5", picoUsd: String(10n ** 24n) };
  const cost = { kind: "priced", picoUsd: 1n, bookVersion: "1", lines: [line, { ...line, unit: "x\n" }] } as const;
  expect(costLines(cost)).toBe(JSON.stringify([asText, { ...asText, unit: "x\n" }]));
});
