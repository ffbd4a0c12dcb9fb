/** Keeps tenants and keys: K1 to K3 as in ../key-store.ts. */
import type { ApiKey, KeyStore, NewApiKey, Scope, TenantRecord } from "../key-store.ts";
import type { Row, Sql } from "./sql.ts";

const insertTenant = "INSERT INTO tenants (tenant, created_at_ms) VALUES ($1, $2) ON CONFLICT (tenant) DO NOTHING";
const selectTenants = "SELECT tenant, created_at_ms FROM tenants ORDER BY tenant";

const columns = `hash, tenant, scopes, created_at_ms, name, ends_at_ms, last_used_at_ms, requests_per_minute,
  events_per_minute`;

const insertKey = `INSERT INTO api_keys
    (hash, tenant, scopes, created_at_ms, name, requests_per_minute, events_per_minute)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING`;
const selectKey = `SELECT ${columns} FROM api_keys WHERE hash = $1`;
const selectKeys = `SELECT ${columns} FROM api_keys WHERE tenant = $1 ORDER BY created_at_ms, hash`;
const selectById = `SELECT ${columns} FROM api_keys WHERE tenant = $1 AND substr(hash, 1, 16) = $2`;
const updateEnd = `UPDATE api_keys SET ends_at_ms = $3
  WHERE tenant = $1 AND substr(hash, 1, 16) = $2 AND (ends_at_ms IS NULL OR ends_at_ms > $3)`;
const updateUse = `UPDATE api_keys SET last_used_at_ms = $2
  WHERE hash = $1 AND (last_used_at_ms IS NULL OR last_used_at_ms < $2)`;
const anyKey = "SELECT 1 AS found FROM api_keys LIMIT 1";

/** What the engines do differently. */
export interface KeyWays {
  /** Waits for others who add a first key, and keeps them waiting until the transaction ends. */
  readonly lockFirstKey: (transaction: Sql) => Promise<void>;
}

export function createKeyStore(sql: Sql, ways: KeyWays): KeyStore {
  return {
    addTenant: (tenant) => addTenant(sql, tenant),
    listTenants: async () => (await sql.all(selectTenants, [])).map(readTenant),
    addKey: (key) => sql.transaction((now) => addKey(now, key)),
    findKey: async (hash) => (await sql.all(selectKey, [hash])).map(readKey)[0],
    listKeys: async (tenant) => (await sql.all(selectKeys, [tenant])).map(readKey),
    endKey: (tenant, id, endsAtMs) =>
      sql.transaction(async (now) => {
        await now.run(updateEnd, [tenant, id, endsAtMs]);
        return (await now.all(selectById, [tenant, id])).map(readKey)[0];
      }),
    noteKeyUse: (uses) =>
      sql.transaction(async (now) => {
        // In the order of the keys: two replicas never wait for one another.
        for (const hash of [...uses.keys()].toSorted()) await now.run(updateUse, [hash, uses.get(hash) ?? 0]);
      }),
    addFirstKey: (make) =>
      sql.transaction(async (now) => {
        await ways.lockFirstKey(now);
        return (await now.all(anyKey, [])).length > 0 ? "present" : addKey(now, make());
      }),
  };
}

async function addTenant(sql: Sql, { tenant, createdAtMs }: TenantRecord): Promise<"added" | "present"> {
  return (await sql.run(insertTenant, [tenant, createdAtMs])) === 1 ? "added" : "present";
}

async function addKey(sql: Sql, key: NewApiKey): Promise<"added" | "present"> {
  const quotas = [key.requestsPerMinute ?? null, key.eventsPerMinute ?? null];
  const values = [key.hash, key.tenant, JSON.stringify(key.scopes), key.createdAtMs, key.name ?? "", ...quotas];
  if ((await sql.run(insertKey, values)) !== 1) return "present";
  await addTenant(sql, key);
  return "added";
}

function readTenant(row: Row): TenantRecord {
  return { tenant: String(row["tenant"]), createdAtMs: Number(row["created_at_ms"]) };
}

function readKey(row: Row): ApiKey {
  const numberOrNull = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  return {
    tenant: String(row["tenant"]),
    hash: String(row["hash"]),
    scopes: JSON.parse(String(row["scopes"])) as readonly Scope[],
    createdAtMs: Number(row["created_at_ms"]),
    name: String(row["name"]),
    endsAtMs: numberOrNull("ends_at_ms"),
    lastUsedAtMs: numberOrNull("last_used_at_ms"),
    requestsPerMinute: numberOrNull("requests_per_minute"),
    eventsPerMinute: numberOrNull("events_per_minute"),
  };
}
