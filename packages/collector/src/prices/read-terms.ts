/** Reads prices that people give: a tenant's terms, and rows of a book. */
import type { PriceBook, PriceUnit, TenantTerm } from "@cmdrdata/pricing";
import { CmdrdataError } from "@cmdrdata/protocol";
import type { TUnsafe } from "typebox";

import { Type } from "../json-schema.ts";

const strict = { additionalProperties: false };
const unit = Type.Union(
  (
    [
      "input_tokens",
      "cached_input_tokens",
      "cache_write_tokens",
      "input_audio_tokens",
      "input_image_tokens",
      "output_tokens",
      "output_audio_tokens",
      "output_image_tokens",
      "images",
      "audio_seconds",
      "characters",
      "video_seconds",
      "web_search_calls",
      "file_search_calls",
      "container_sessions",
      "trained_tokens",
    ] as const
  ).map((name) => Type.Literal(name)),
);
/** An exact decimal number of US dollars. */
const usd = Type.String({ pattern: "^\\d{1,9}(\\.\\d{1,12})?$" });
const time = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?Z)?$" });
const text = Type.String({ minLength: 1, maxLength: 256 });
/** How many units a price is for: one by default. */
const per = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 }));
const dates = { effective_from: Type.Optional(time), effective_to: Type.Optional(time) };

interface Dates {
  /** `YYYY-MM-DD` or RFC 3339 in UTC. */
  readonly effective_from?: string;
  readonly effective_to?: string;
}

interface GivenPrice extends Dates {
  readonly unit: PriceUnit;
  readonly service_tier?: string;
  /** An exact decimal number of US dollars, for `per` units, by default one. */
  readonly usd: string;
  readonly per?: number;
}

/** A price for a unit, or a factor, `11/10`, for the whole of a call's cost. */
export type GivenTerm = { readonly model: string; readonly provider?: string } & (
  | GivenPrice
  | ({ readonly factor: string } & Dates)
);

export interface GivenBook {
  readonly source: { readonly url: string; readonly note?: string };
  readonly models: readonly {
    readonly model: string;
    readonly provider?: string;
    readonly prices: readonly (GivenPrice & { readonly above_input_tokens?: number })[];
  }[];
}

export const termSchema: TUnsafe<GivenTerm> = Type.Unsafe<GivenTerm>(
  Type.Union([
    Type.Object(
      { model: text, provider: Type.Optional(text), unit, service_tier: Type.Optional(text), usd, per, ...dates },
      strict,
    ),
    Type.Object(
      { model: text, provider: Type.Optional(text), factor: Type.String({ pattern: "^\\d{1,9}/\\d{1,9}$" }), ...dates },
      strict,
    ),
  ]),
);

export const bookSchema: TUnsafe<GivenBook> = Type.Unsafe<GivenBook>(
  Type.Object(
    {
      source: Type.Object({ url: Type.String({ pattern: "^https?://" }), note: Type.Optional(text) }, strict),
      models: Type.Array(
        Type.Object(
          {
            model: text,
            provider: Type.Optional(text),
            prices: Type.Array(
              Type.Object(
                {
                  unit,
                  service_tier: Type.Optional(text),
                  above_input_tokens: Type.Optional(Type.Integer({ minimum: 1 })),
                  usd,
                  per,
                  ...dates,
                },
                strict,
              ),
              { minItems: 1, maxItems: 200 },
            ),
          },
          strict,
        ),
        { minItems: 1, maxItems: 500 },
      ),
    },
    strict,
  ),
);

/** @throws CmdrdataError `CMDR_QUERY_INVALID` */
export function readTerm(given: GivenTerm): TenantTerm {
  const scope = { provider: given.provider ?? "openai", model: given.model, ...readDates(given) };
  if ("unit" in given) {
    const picoUsdPerUnit = picoUsdPer(given.usd, given.per ?? 1);
    return { kind: "price", ...scope, unit: given.unit, serviceTier: given.service_tier ?? "default", picoUsdPerUnit };
  }
  const [numerator = 0, denominator = 0] = given.factor.split("/").map(Number);
  if (denominator === 0) throw invalid("factor: expected a fraction, got one without a denominator");
  return { kind: "adjustment", ...scope, numerator, denominator };
}

/**
 * @param source - the name that the rows' source gets
 * @throws CmdrdataError `CMDR_QUERY_INVALID`
 */
export function readBook(given: GivenBook, source: string, checkedAt: string): PriceBook {
  return {
    version: source,
    sources: { [source]: { url: given.source.url, checkedAt, note: given.source.note ?? "imported" } },
    models: given.models.map(({ model, provider = "openai", prices }) => ({
      provider,
      id: model,
      match: [{ equals: model.toLowerCase() }],
      rows: prices.map((row) => ({
        unit: row.unit,
        serviceTier: row.service_tier ?? "default",
        aboveInputTokens: row.above_input_tokens ?? null,
        atMostInputTokens: null,
        ...readDates(row),
        picoUsdPerUnit: picoUsdPer(row.usd, row.per ?? 1),
        source,
      })),
    })),
  };
}

function readDates({
  effective_from: from,
  effective_to: to,
}: Dates): Pick<TenantTerm, "effectiveFrom" | "effectiveTo"> {
  for (const given of [from, to]) {
    if (given !== undefined && Number.isNaN(Date.parse(given)))
      throw invalid(`expected a time that exists, got ${given}`);
  }
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
    throw invalid(`effective_to: expected a time after ${from}, got ${to}`);
  }
  return { effectiveFrom: from ?? null, effectiveTo: to ?? null };
}

/** Exact, on the digits of the price. */
function picoUsdPer(usdText: string, units: number): number {
  const [whole = "", fraction = ""] = usdText.split(".");
  const pico = BigInt(whole + fraction.padEnd(12, "0"));
  const each = pico / BigInt(units);
  if (each * BigInt(units) !== pico || each > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalid(`usd: expected a whole number of pico-dollars for one unit, got ${usdText} for ${units}`);
  }
  return Number(each);
}

function invalid(message: string): CmdrdataError {
  return new CmdrdataError("CMDR_QUERY_INVALID", message);
}
