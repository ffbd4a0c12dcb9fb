/** `cmdrdata events` and `cmdrdata customers`: single events and customers of a running collector, as tables or JSON. */
import { CmdrdataError } from "@cmdrdata/protocol";
import Table from "cli-table3";

import { answered, type ClientDeps, type ClientFlags, createCollectorClient } from "./client/collector-client.ts";

/** Flags of the lists. */
export interface ListFlags extends ClientFlags {
  readonly from?: string;
  readonly to?: string;
  readonly customer?: readonly string[];
  readonly model?: readonly string[];
  readonly flag?: string;
  readonly limit?: string;
  readonly after?: string;
  readonly json?: boolean;
}

export async function listEvents(flags: ListFlags, deps: ClientDeps): Promise<string> {
  const query = {
    ...pageOf(flags),
    ...(flags.customer === undefined ? {} : { customer_id: [...flags.customer] }),
    ...(flags.model === undefined ? {} : { model: [...flags.model] }),
    ...(flags.flag === undefined ? {} : { flag: flags.flag }),
  };
  const page = await answered(createCollectorClient(flags, deps).GET("/api/v1/events", { params: { query } }));
  const columns = ["timestamp", "id", "customer_id", "model", "total_tokens", "cost_usd", "unpriced_reason", "flags"];
  return flags.json ? asJson(page) : tableOf(columns, page.events) + moreOf(page.next);
}

export async function showEvent(id: string, flags: ClientFlags, deps: ClientDeps): Promise<string> {
  const params = { path: { id } };
  return asJson(await answered(createCollectorClient(flags, deps).GET("/api/v1/events/{id}", { params })));
}

export async function listCustomers(flags: ListFlags, deps: ClientDeps): Promise<string> {
  const params = { query: pageOf(flags) };
  const page = await answered(createCollectorClient(flags, deps).GET("/api/v1/customers", { params }));
  const columns = ["customer_id", "first_seen", "last_seen", "calls", "total_tokens", "cost_usd", "unpriced_calls"];
  return flags.json ? asJson(page) : tableOf(columns, page.customers) + moreOf(page.next);
}

export async function eraseCustomer(
  id: string,
  flags: ClientFlags & { readonly yes?: boolean },
  deps: ClientDeps,
): Promise<string> {
  if (flags.yes !== true) {
    const message = `expected --yes: all but the totals of customer ${JSON.stringify(id)} will be gone, and cannot be had back`;
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", message);
  }
  const params = { path: { id } };
  return asJson(await answered(createCollectorClient(flags, deps).DELETE("/api/v1/customers/{id}", { params })));
}

function pageOf({ from, to, limit, after }: ListFlags): { from?: string; to?: string; limit?: string; after?: string } {
  const given = { from, to, limit, after };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function tableOf(columns: readonly string[], rows: readonly object[]): string {
  const table = new Table({ head: [...columns], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(columns.map((name) => cellOf((row as Record<string, unknown>)[name])));
  return table.toString();
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return Array.isArray(value) ? value.join(" ") : JSON.stringify(value).replace(/^"|"$/g, "");
}

function moreOf(next: string | null): string {
  return next === null ? "" : `\nMore: --after ${next}`;
}
