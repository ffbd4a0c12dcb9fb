/**
 * `cmdrdata keys` and `cmdrdata tenants`: what the admin API does, from the command line, of a running collector or, with
 * `--data-dir`, of a ledger that none has open.
 *
 * Promise: a new key is written to standard output, alone, so that it can be piped to where it belongs; all else about it
 * is said on standard error. It cannot be shown again.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { Scope } from "@cmdrdata/storage";

import {
  answered,
  type ClientDeps,
  type ClientFlags,
  createCollectorClient,
  given,
} from "./client/collector-client.ts";
import { listing } from "./listing.ts";

export interface KeyFlags extends ClientFlags {
  /** Of the ledger to open, where no collector is to be asked. */
  readonly dataDir?: string;
  readonly tenant?: string;
  readonly scopes?: string;
  readonly name?: string;
  readonly requestsPerMinute?: string;
  readonly eventsPerMinute?: string;
  readonly keepOld?: string;
  readonly format?: string;
}

/** What a command prints on standard output and standard error. */
export interface Printed {
  readonly out: string;
  readonly err?: string;
}

const columns = ["id", "tenant", "name", "scopes", "created_at", "last_used_at", "ends_at"] as const;

export async function createKey(flags: KeyFlags, deps: ClientDeps): Promise<Printed> {
  const optional = given({
    name: flags.name,
    tenant: flags.tenant,
    requests_per_minute: wholeNumber("--requests-per-minute", flags.requestsPerMinute),
    events_per_minute: wholeNumber("--events-per-minute", flags.eventsPerMinute),
  });
  // The collector says which scopes there are.
  const scopes = (flags.scopes ?? "ingest").split(",").map((scope) => scope.trim() as Scope);
  const client = createCollectorClient(flags, deps);
  return printNew(await answered(client.POST("/api/v1/keys", { body: { scopes, ...optional } })));
}

export async function rotateKey(id: string, flags: KeyFlags, deps: ClientDeps): Promise<Printed> {
  const body = given({ keep_old_seconds: wholeNumber("--keep-old", flags.keepOld) });
  const params = { path: { id }, query: given({ tenant: flags.tenant }) };
  const client = createCollectorClient(flags, deps);
  const made = await answered(client.POST("/api/v1/keys/{id}/rotate", { params, body }));
  const { out, err = "" } = printNew(made);
  return { out, err: `${err}The old key ${made.replaces.id} ends at ${made.replaces.ends_at}.\n` };
}

export async function revokeKey(id: string, flags: KeyFlags, deps: ClientDeps): Promise<Printed> {
  const params = { path: { id }, query: given({ tenant: flags.tenant }) };
  const ended = await answered(createCollectorClient(flags, deps).DELETE("/api/v1/keys/{id}", { params }));
  return { out: `${ended.id} of ${ended.tenant} ended at ${ended.ends_at}\n` };
}

export async function listKeys(flags: KeyFlags, deps: ClientDeps): Promise<Printed> {
  const params = { query: given({ tenant: flags.tenant }) };
  const { keys } = await answered(createCollectorClient(flags, deps).GET("/api/v1/keys", { params }));
  return { out: listing(keys, columns, flags.format) };
}

export async function createTenant(tenant: string, flags: KeyFlags, deps: ClientDeps): Promise<Printed> {
  const client = createCollectorClient(flags, deps);
  const { outcome } = await answered(client.POST("/api/v1/tenants", { body: { tenant } }));
  return { out: `${tenant}: ${outcome}\n` };
}

export async function listTenants(flags: KeyFlags, deps: ClientDeps): Promise<Printed> {
  const { tenants } = await answered(createCollectorClient(flags, deps).GET("/api/v1/tenants"));
  return { out: listing(tenants, ["tenant", "created_at"], flags.format) };
}

interface MadeKey {
  readonly key: string;
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
}

function printNew({ key, id, tenant, scopes }: MadeKey): Printed {
  return {
    out: `${key}\n`,
    err: `Key ${id} of ${tenant}, for ${scopes.join(", ")}. It is shown this once; keep it where it is needed.\n`,
  };
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new CmdrdataError("CMDR_OPTIONS_INVALID", `${flag}: expected a whole number, got ${JSON.stringify(text)}`);
}
