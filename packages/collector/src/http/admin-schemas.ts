/** Schemas of what administration answers: tenants, keys, prices, and events priced anew. As in ./answer-schemas.ts. */
import type { TObject, TProperties, TSchema } from "typebox";

import { Type } from "../json-schema.ts";
import { count, nullable, text, textOrNull, time, timeOrNull, usd } from "./answer-schemas.ts";

const outcome: TSchema = Type.Union([Type.Literal("added"), Type.Literal("present")]);
export const tenantOutcome: TSchema = Type.Object({ tenant: text, outcome });
export const tenantList: TSchema = Type.Object({
  tenants: Type.Array(Type.Object({ tenant: text, created_at: time })),
});

const quotaOrNull: TSchema = nullable(Type.Integer({ minimum: 1 }));
const keyProperties: TProperties = {
  id: text,
  tenant: text,
  name: text,
  scopes: Type.Array(Type.Union([Type.Literal("ingest"), Type.Literal("read"), Type.Literal("admin")])),
  created_at: time,
  last_used_at: timeOrNull,
  ends_at: timeOrNull,
  requests_per_minute: quotaOrNull,
  events_per_minute: quotaOrNull,
};
export const shownKey: TObject = Type.Object(keyProperties);
export const keyList: TSchema = Type.Object({ keys: Type.Array(shownKey) });
const secret: TSchema = Type.String({ description: "The key itself, shown this once." });
export const madeKey: TSchema = Type.Object({ ...keyProperties, key: secret });
export const rotatedKey: TSchema = Type.Object({ ...keyProperties, key: secret, replaces: shownKey });

const picoUsd: TSchema = Type.String({
  pattern: "^\\d+$",
  description: "Millionths of a millionth of a US dollar for one unit, a whole number.",
});
const price: TSchema = Type.Object({
  provider: text,
  model: text,
  unit: text,
  service_tier: textOrNull,
  above_input_tokens: nullable(count),
  at_most_input_tokens: nullable(count),
  effective_from: textOrNull,
  effective_to: textOrNull,
  pico_usd: picoUsd,
  source: text,
});
const change: TSchema = Type.Object({
  id: text,
  model: text,
  unit: text,
  service_tier: textOrNull,
  above_input_tokens: nullable(count),
  before_pico_usd: nullable(picoUsd),
  after_pico_usd: nullable(picoUsd),
  from: textOrNull,
  waits: Type.Boolean({ description: "It is not taken over before an operator has approved it." }),
});
export const givenTerm: TSchema = Type.Object(
  { id: text, tenant: text, created_at: time, removed_at: timeOrNull, model: text },
  { additionalProperties: true, description: "With the price or the mark-up as it was given." },
);
export const priceList: TSchema = Type.Object({
  version: text,
  seed_version: text,
  sources: Type.Object({}, { additionalProperties: true, description: "What the prices' sources are, by name." }),
  prices: Type.Array(price),
  terms: Type.Array(givenTerm),
});
export const bookList: TSchema = Type.Object({
  books: Type.Array(Type.Object({ sequence: count, version: text, origin: text, created_at: time })),
});
export const priceChanges: TSchema = Type.Object({ seed_version: text, changes: Type.Array(change) });
export const approvedChanges: TSchema = Type.Object({
  version: text,
  approved: Type.Array(Type.String()),
  waiting: Type.Array(change),
});
export const importedPrices: TSchema = Type.Object({ version: text, prices: Type.Array(price) });
export const termList: TSchema = Type.Object({ terms: Type.Array(givenTerm) });
export const removedTerm: TSchema = Type.Object({ id: text, tenant: text, outcome: Type.Literal("removed") });

const changed: TProperties = {
  events_changed: count,
  unpriced_before: count,
  unpriced_after: count,
  cost_usd_before: usd,
  cost_usd_after: usd,
};
const lines: TProperties = {
  lines: Type.Array(Type.Object({ customer_id: textOrNull, month: text, ...changed })),
  total: Type.Object(changed),
};
export const reratePreview: TSchema = Type.Object({
  preview: Type.Literal(true),
  events_seen: count,
  events_changed: count,
  ...lines,
});
export const rerateStarted: TSchema = Type.Object({ id: text, state: Type.Literal("running") });
/** What had no price is filled in for all times: RFC 3339 has no year 10000. */
const anyTime: TSchema = Type.String({
  description: "A time, also one beyond the year 9999 with a sign: +010000-01-01T00:00:00.000Z",
});
const job: TProperties = {
  id: text,
  tenant: text,
  state: Type.Union([Type.Literal("running"), Type.Literal("done")]),
  from: anyTime,
  to: anyTime,
  only_unpriced: Type.Boolean(),
  asked_by: text,
  reason: text,
  created_at: time,
  done_at: timeOrNull,
  events_seen: count,
  events_changed: count,
};
export const rerateList: TSchema = Type.Object({ rerates: Type.Array(Type.Object(job)) });
export const rerateReport: TSchema = Type.Object({ ...job, ...lines });

export const unpricedList: TSchema = Type.Object({
  from: time,
  to: time,
  rows: Type.Array(
    Type.Object({
      provider: textOrNull,
      model: textOrNull,
      operation: textOrNull,
      service_tier: textOrNull,
      reason: text,
      calls: count,
      first_at: time,
      last_at: time,
    }),
  ),
  total: Type.Object({ calls: count }),
});
