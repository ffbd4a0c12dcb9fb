/**
 * `cmdrdata keys` and `cmdrdata tenants`: what the admin API of a running collector does, from the command line.
 *
 * Promise: a new key is written to standard output, alone, so that it can be piped to where it belongs; all else about it
 * is said on standard error. It cannot be shown again.
 */
import type { ShownKey } from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";

import { askForJson, type AskDeps, type CollectorFlags } from "./ask-collector.ts";
import { listing } from "./listing.ts";

export interface KeyFlags extends CollectorFlags {
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

export async function createKey(flags: KeyFlags, deps: AskDeps): Promise<Printed> {
  const body = {
    scopes: (flags.scopes ?? "ingest").split(",").map((scope) => scope.trim()),
    name: flags.name,
    tenant: flags.tenant,
    requests_per_minute: wholeNumber("--requests-per-minute", flags.requestsPerMinute),
    events_per_minute: wholeNumber("--events-per-minute", flags.eventsPerMinute),
  };
  return printNew(await askForJson<ShownKey>({ method: "post", path: "/api/v1/keys", body }, flags, deps));
}

export async function rotateKey(id: string, flags: KeyFlags, deps: AskDeps): Promise<Printed> {
  const body = { keep_old_seconds: wholeNumber("--keep-old", flags.keepOld) };
  const path = `/api/v1/keys/${encodeURIComponent(id)}/rotate`;
  const made = await askForJson<ShownKey & { readonly replaces: ShownKey }>(
    { method: "post", path, query: { tenant: flags.tenant }, body },
    flags,
    deps,
  );
  const { out, err = "" } = printNew(made);
  return { out, err: `${err}The old key ${made.replaces.id} ends at ${made.replaces.ends_at}.\n` };
}

export async function revokeKey(id: string, flags: KeyFlags, deps: AskDeps): Promise<Printed> {
  const path = `/api/v1/keys/${encodeURIComponent(id)}`;
  const ended = await askForJson<ShownKey>({ method: "delete", path, query: { tenant: flags.tenant } }, flags, deps);
  return { out: `${ended.id} of ${ended.tenant} ended at ${ended.ends_at}\n` };
}

export async function listKeys(flags: KeyFlags, deps: AskDeps): Promise<Printed> {
  const request = { path: "/api/v1/keys", query: { tenant: flags.tenant } };
  const { keys } = await askForJson<{ readonly keys: readonly ShownKey[] }>(request, flags, deps);
  return { out: listing(keys, columns, flags.format) };
}

export async function createTenant(tenant: string, flags: KeyFlags, deps: AskDeps): Promise<Printed> {
  const request = { method: "post", path: "/api/v1/tenants", body: { tenant } } as const;
  const { outcome } = await askForJson<{ readonly outcome: string }>(request, flags, deps);
  return { out: `${tenant}: ${outcome}\n` };
}

export async function listTenants(flags: KeyFlags, deps: AskDeps): Promise<Printed> {
  const { tenants } = await askForJson<{ readonly tenants: readonly Readonly<Record<string, string>>[] }>(
    { path: "/api/v1/tenants" },
    flags,
    deps,
  );
  return { out: listing(tenants, ["tenant", "created_at"], flags.format) };
}

function printNew({ key = "", id, tenant, scopes }: ShownKey): Printed {
  return {
    out: `${key}\n`,
    err: `Key ${id} of ${tenant}, for ${scopes.join(", ")}. It is shown this once; keep it where it is needed.\n`,
  };
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new CmdrdataError("CMDR_OPTIONS_INVALID", `${flag}: expected a whole number, got ${JSON.stringify(text)}`);
}
