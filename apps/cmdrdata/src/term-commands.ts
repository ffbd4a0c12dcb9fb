/**
 * `cmdrdata prices terms` and `prices unpriced`: a tenant's own prices and mark-ups, and the calls without a price, asked of a
 * running collector.
 */
import { CmdrdataError } from "@cmdrdata/protocol";

import type { paths } from "./client/api.generated.ts";
import {
  answered,
  type ClientDeps,
  type ClientFlags,
  createCollectorClient,
  given,
} from "./client/collector-client.ts";
import type { Printed } from "./key-commands.ts";
import { listing } from "./listing.ts";

export interface TermFlags extends ClientFlags {
  readonly tenant?: string;
  readonly format?: string;
  readonly provider?: string;
  readonly unit?: string;
  readonly usd?: string;
  readonly per?: string;
  readonly tier?: string;
  readonly factor?: string;
  readonly effectiveFrom?: string;
  readonly effectiveTo?: string;
  readonly from?: string;
  readonly to?: string;
}

type NewTerm = paths["/api/v1/prices/terms"]["post"]["requestBody"]["content"]["application/json"];

const termColumns = ["id", "tenant", "provider", "model", "kind", "unit", "serviceTier", "price_or_factor", "effectiveFrom", "effectiveTo", "removed_at"]; // prettier-ignore
const unpricedColumns = ["provider", "model", "operation", "service_tier", "reason", "calls", "first_at", "last_at"] as const; // prettier-ignore

export async function listTerms(flags: TermFlags, deps: ClientDeps): Promise<Printed> {
  const params = { query: ofTenant(flags) };
  const { terms } = await answered(createCollectorClient(flags, deps).GET("/api/v1/prices/terms", { params }));
  return { out: listing(terms.map(describeTerm), termColumns, flags.format) };
}

export async function addTerm(model: string, flags: TermFlags, deps: ClientDeps): Promise<Printed> {
  const params = { query: ofTenant(flags) };
  const call = createCollectorClient(flags, deps).POST("/api/v1/prices/terms", { params, body: termOf(model, flags) });
  const { id, tenant } = await answered(call);
  return { out: `${id}\n`, err: `A term of ${tenant} for ${model}; it holds for the next events.\n` };
}

export async function removeTerm(id: string, flags: TermFlags, deps: ClientDeps): Promise<Printed> {
  const params = { path: { id }, query: ofTenant(flags) };
  const { tenant, outcome } = await answered(
    createCollectorClient(flags, deps).DELETE("/api/v1/prices/terms/{id}", { params }),
  );
  return { out: `${id} of ${tenant}: ${outcome}\n` };
}

export async function listUnpriced(flags: TermFlags, deps: ClientDeps): Promise<Printed> {
  const query = given({ from: flags.from, to: flags.to });
  const { rows, total } = await answered(
    createCollectorClient(flags, deps).GET("/api/v1/unpriced", { params: { query } }),
  );
  return { out: listing(rows, unpricedColumns, flags.format), err: `${total.calls} calls without a price.\n` };
}

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID` for what is neither a price nor a mark-up; the rest is the collector's to check */
function termOf(model: string, flags: TermFlags): NewTerm {
  const { factor, unit, usd, per, tier } = flags;
  const scope = { model, ...given({ provider: flags.provider, ...datesOf(flags) }) };
  const isPrice = unit !== undefined && usd !== undefined;
  if (isPrice === (factor !== undefined) || (per !== undefined && !/^[1-9]\d{0,8}$/.test(per))) {
    const message = "expected either --unit and --usd (with a whole --per, by default 1), or --factor as in 11/10";
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", message);
  }
  if (!isPrice) return { ...scope, ...given({ factor }) } as NewTerm;
  return { ...scope, ...given({ unit, usd, service_tier: tier }), ...(per && { per: Number(per) }) } as NewTerm;
}

function datesOf({ effectiveFrom, effectiveTo }: TermFlags): Readonly<Record<string, string | undefined>> {
  return { effective_from: effectiveFrom, effective_to: effectiveTo };
}

type Term = Readonly<Record<string, string | number | null>>;

function describeTerm(stored: object): Term {
  const term = stored as Term;
  const isPrice = term["kind"] === "price";
  return {
    ...term,
    price_or_factor: isPrice ? `${term["picoUsdPerUnit"]} pico-USD` : `${term["numerator"]}/${term["denominator"]}`,
  };
}

function ofTenant({ tenant }: TermFlags): { readonly tenant?: string } {
  return given({ tenant });
}
