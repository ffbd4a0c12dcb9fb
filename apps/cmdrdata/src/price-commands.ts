/**
 * `cmdrdata prices`: what things cost, what waits for a yes, and pricing the past anew, asked of a running collector.
 *
 * Promise: `rerate` changes nothing without `--yes`: it shows what would be other, by customer and month.
 */
import { readFileSync } from "node:fs";

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

export interface PriceFlags extends ClientFlags {
  readonly tenant?: string;
  readonly model?: string;
  readonly format?: string;
  readonly all?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly onlyUnpriced?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

const priceColumns = ["provider", "model", "unit", "service_tier", "above_input_tokens", "effective_from", "effective_to", "usd", "source"] as const; // prettier-ignore
const changeColumns = [
  "id",
  "model",
  "unit",
  "service_tier",
  "above_input_tokens",
  "before",
  "after",
  "from",
  "waits",
] as const;
const lineColumns = ["customer_id", "month", "events_changed", "unpriced_before", "unpriced_after", "cost_usd_before", "cost_usd_after"] as const; // prettier-ignore

export async function listPrices(flags: PriceFlags, deps: ClientDeps): Promise<Printed> {
  const params = { query: given({ model: flags.model, tenant: flags.tenant }) };
  const { version, prices } = await answered(createCollectorClient(flags, deps).GET("/api/v1/prices", { params }));
  const rows = prices.map((row) => ({ ...row, usd: perMillion(row.pico_usd) }));
  return { out: listing(rows, priceColumns, flags.format), err: `Book ${version}; US dollars for a million units.\n` };
}

export async function diffPrices(flags: PriceFlags, deps: ClientDeps): Promise<Printed> {
  const { changes } = await answered(createCollectorClient(flags, deps).GET("/api/v1/prices/diff"));
  const rows = changes.map((change) => ({
    ...change,
    before: perMillion(change.before_pico_usd),
    after: perMillion(change.after_pico_usd),
  }));
  return { out: listing(rows, changeColumns, flags.format) };
}

export async function approvePrices(ids: readonly string[], flags: PriceFlags, deps: ClientDeps): Promise<Printed> {
  if (flags.all !== true && ids.length === 0) {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", 'expected ids of changes, or --all: see "cmdrdata prices diff"');
  }
  const body = { changes: flags.all === true ? ("all" as const) : [...ids] };
  const client = createCollectorClient(flags, deps);
  const { version, approved, waiting } = await answered(client.POST("/api/v1/prices/approve", { body }));
  return { out: `book ${version}: ${approved.length} approved, ${waiting.length} waiting\n` };
}

/** @param file - JSON as in docs/prices.md */
export async function importPrices(file: string, flags: PriceFlags, deps: ClientDeps): Promise<Printed> {
  // The collector says what is wrong with it.
  const body = readJson(file) as Book;
  const client = createCollectorClient(flags, deps);
  const { version, prices } = await answered(client.POST("/api/v1/prices/import", { body }));
  return { out: `book ${version}: ${prices.length} prices imported\n` };
}

type Book = paths["/api/v1/prices/import"]["post"]["requestBody"]["content"]["application/json"];

export async function rerate(flags: PriceFlags, deps: ClientDeps): Promise<Printed> {
  const { from, to } = flags;
  if (from === undefined || to === undefined) {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", "expected --from and --to: which events to price anew");
  }
  const { onlyUnpriced: only_unpriced, reason, tenant } = flags;
  const body = { from, to, preview: flags.yes !== true, ...given({ only_unpriced, reason, tenant }) };
  const answer = await answered(createCollectorClient(flags, deps).POST("/api/v1/rerates", { body }));
  if ("id" in answer) return { out: `${answer.id}\n`, err: `Runs; see GET /api/v1/rerates/${answer.id}.\n` };
  const rows = [...answer.lines, { customer_id: "total", month: "", ...answer.total }];
  return {
    out: listing(rows, lineColumns, flags.format),
    err: "A preview: nothing was changed. Add --yes to do it.\n",
  };
}

/** Pico-dollars for one are millionths of a dollar for a million: exact, on the digits. */
function perMillion(picoUsd: string | null): string | null {
  if (picoUsd === null) return null;
  const digits = picoUsd.padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "");
  return `${digits.slice(0, -6)}${fraction === "" ? "" : `.${fraction}`}`;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", `expected JSON in ${file} (${String(cause)})`, { cause });
  }
}
