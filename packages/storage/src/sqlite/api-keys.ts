/** Keeps the keys, by their hash: a key belongs to the tenant it was first added for. */
import type { ApiKeyRecord, Scope } from "../store.ts";
import type { Prepare } from "./prepared.ts";

const insertKey = `INSERT INTO api_keys (hash, tenant, scopes, created_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (hash) DO NOTHING`;
const selectKey = "SELECT hash, tenant, scopes, created_at_ms FROM api_keys WHERE hash = ?";
const countAll = "SELECT count(*) AS keys FROM api_keys";

export function addKey(prepare: Prepare, key: ApiKeyRecord): "added" | "present" {
  const { changes } = prepare(insertKey).run(key.hash, key.tenant, JSON.stringify(key.scopes), key.createdAtMs);
  return Number(changes) === 1 ? "added" : "present";
}

export function findKey(prepare: Prepare, hash: string): ApiKeyRecord | undefined {
  const row = prepare(selectKey).get(hash);
  if (row === undefined) return undefined;
  return {
    tenant: String(row["tenant"]),
    hash: String(row["hash"]),
    scopes: JSON.parse(String(row["scopes"])) as readonly Scope[],
    createdAtMs: Number(row["created_at_ms"]),
  };
}

export function countKeys(prepare: Prepare): number {
  return Number(prepare(countAll).get()?.["keys"]);
}
