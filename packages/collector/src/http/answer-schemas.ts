/** Schemas of answers. They are written for whoever reads the document; answers are sent as they are, not cut to fit. */
import { limits } from "@cmdrdata/protocol";
import type { TObject, TProperties, TSchema, TUnion } from "typebox";

import { Type } from "../json-schema.ts";

export const nullable = <S extends TSchema>(schema: S): TUnion<[S, ReturnType<typeof Type.Null>]> =>
  Type.Union([schema, Type.Null()]);
export const text: TSchema = Type.String();
export const textOrNull: TSchema = nullable(Type.String());
export const count: TSchema = Type.Integer({ minimum: 0 });
const countOrNull: TSchema = nullable(Type.Integer({ minimum: 0 }));
const numberOrNull: TSchema = nullable(Type.Number());
export const time: TSchema = Type.String({ format: "date-time" });
export const timeOrNull: TSchema = nullable(time);
export const usd: TSchema = Type.String({
  description: "US dollars, an exact decimal number without exponent or trailing zeros.",
});
const usdOrNull: TSchema = nullable(usd);

export const errorAnswer: TSchema = Type.Object(
  { error: Type.Object({ code: Type.String(), message: Type.String() }) },
  { description: "What went wrong; docs/errors.md lists the codes." },
);

const sums: TProperties = {
  calls: count,
  errors: count,
  unattributed: count,
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  total_tokens: count,
  cost_usd: usd,
  unpriced_calls: count,
  duration_ms_avg: numberOrNull,
};

const usageSums: TObject = Type.Object(sums);

const dimensionValues: TProperties = {
  customer_id: textOrNull,
  model: textOrNull,
  operation: textOrNull,
  provider: textOrNull,
  service_tier: textOrNull,
  error_type: textOrNull,
};

export const usageReport: TSchema = Type.Object({
  from: time,
  to: time,
  tz: text,
  interval: textOrNull,
  group_by: Type.Array(Type.String()),
  rows: Type.Array(
    Type.Object(
      {
        ...sums,
        ...Type.Partial(Type.Object(dimensionValues)).properties,
        start: Type.Optional(Type.String({ description: "Start of the row's interval, in the zone asked for." })),
        other: Type.Optional(Type.Boolean({ description: "With `top`: whether it is the sum of all other groups." })),
      },
      { additionalProperties: textOrNull, description: "A metadata key is in its own property, `metadata.KEY`." },
    ),
  ),
  total: usageSums,
});

const problem: TSchema = Type.Object({ code: text, field: text, message: text });

const bodyReference: TSchema = nullable(Type.Object({ id: Type.Integer(), position: count }));

const summaryProperties: TProperties = {
  id: text,
  timestamp: time,
  received_at: time,
  ...dimensionValues,
  input_tokens: countOrNull,
  cached_input_tokens: countOrNull,
  output_tokens: countOrNull,
  reasoning_tokens: countOrNull,
  total_tokens: countOrNull,
  duration_ms: numberOrNull,
  cost_usd: usdOrNull,
  unpriced_reason: textOrNull,
  flags: Type.Array(Type.String(), { description: "Codes of what was odd about the event." }),
};

export const eventSummary: TObject = Type.Object(summaryProperties);

const event: TSchema = Type.Object({}, { additionalProperties: true, description: "The event as on the wire." });

export const conflict: TSchema = Type.Object({
  id: text,
  customer_id: textOrNull,
  timestamp: time,
  content_hash: text,
  first_received_at: time,
  last_received_at: time,
  times_received: count,
  body: bodyReference,
  event,
});

export const quarantined: TSchema = Type.Object({
  id: text,
  number: Type.Integer(),
  customer_id: textOrNull,
  timestamp: time,
  received_at: time,
  content_hash: text,
  reasons: Type.Array(problem),
  problems: Type.Array(problem),
  body: bodyReference,
  event,
});

export const eventStory: TSchema = Type.Object({
  id: text,
  identity_day: Type.String({ description: "The UTC day that is part of the event's identity." }),
  content_hash: text,
  state: Type.Union([Type.Literal("counted"), Type.Literal("quarantined"), Type.Literal("removed")], {
    description: "In the sums; held back from them; in the sums, and no longer kept by itself (retention).",
  }),
  event: nullable(event),
  summary: nullable(eventSummary),
  problems: Type.Array(problem),
  cost: nullable(
    Type.Object({
      usd: usdOrNull,
      unpriced_reason: textOrNull,
      book_version: text,
      lines: Type.Array(Type.Object({ unit: text, quantity: Type.Number(), usd_each: usd, usd, source: text })),
    }),
  ),
  bucket: nullable(
    Type.Object({ start: time, end: time, ...dimensionValues }, { description: "The row of the roll-up it is in." }),
  ),
  body: bodyReference,
  received: Type.Unknown({ description: "The event as it was received; null when its body is not kept." }),
  quarantine: nullable(quarantined),
  conflicts: Type.Array(conflict),
});

const anyEvent: TSchema = Type.Object({}, { additionalProperties: true, description: "A usage event." });

export const ingestBody: TSchema = Type.Union([
  anyEvent,
  Type.Array(anyEvent, { maxItems: limits.batchEvents }),
  Type.Object({ events: Type.Array(anyEvent, { maxItems: limits.batchEvents }) }),
]);

const judged: TSchema = Type.Object({ index: count, id: textOrNull, code: text, field: text, message: text });

export const ingestReply: TSchema = Type.Object({
  accepted: count,
  duplicates: count,
  conflicts: count,
  rejected: Type.Array(judged),
  flagged: Type.Array(judged),
});

export const erasureReceipt: TSchema = Type.Object({
  receipt: text,
  customer_id: Type.String({ description: "The tombstone under which the totals are kept." }),
  requested_at: time,
  completed_at: timeOrNull,
  events: count,
  conflicts: count,
  quarantined: count,
  bodies: count,
});

export const reprocessAnswer: TSchema = Type.Object({ released: count, held: count, gone: count });

export const dimensionList: TSchema = Type.Object({
  dimensions: Type.Array(
    Type.Object({
      key: text,
      declared_at: time,
      ready: Type.Boolean(),
      progress: Type.Number({ minimum: 0, maximum: 1 }),
    }),
  ),
});

export const reportingZone: TSchema = Type.Object({ time_zone: text });

export const customer: TSchema = Type.Object({
  ...sums,
  customer_id: textOrNull,
  erased: Type.Boolean(),
  first_seen: time,
  last_seen: time,
});
