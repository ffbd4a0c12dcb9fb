/** Keeps the keys, by their hash: a key belongs to the tenant it was first added for. */
import type { ApiKeyRecord, Scope } from "../store.ts";
import type { Sql } from "./sql.ts";

const insertKey = `INSERT INTO api_keys (hash, tenant, scopes, created_at_ms) VALUES ($1, $2, $3, $4)
  ON CONFLICT (hash) DO NOTHING`;

const selectKey = "SELECT hash, tenant, scopes, created_at_ms FROM api_keys WHERE hash = $1";

const countAll = "SELECT count(*) AS keys FROM api_keys";

export async function addKey(sql: Sql, key: ApiKeyRecord): Promise<"added" | "present"> {
  const values = [key.hash, key.tenant, JSON.stringify(key.scopes), key.createdAtMs];
  return (await sql.run(insertKey, values)) === 1 ? "added" : "present";
}

export async function findKey(sql: Sql, hash: string): Promise<ApiKeyRecord | undefined> {
  const [row] = await sql.all(selectKey, [hash]);
  if (row === undefined) return undefined;
  return {
    tenant: String(row["tenant"]),
    hash: String(row["hash"]),
    scopes: JSON.parse(String(row["scopes"])) as readonly Scope[],
    createdAtMs: Number(row["created_at_ms"]),
  };
}

export async function countKeys(sql: Sql): Promise<number> {
  const [row] = await sql.all(countAll, []);
  return Number(row?.["keys"]);
}
