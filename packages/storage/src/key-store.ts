/**
 * Tenants and keys, as a part of the store's port.
 *
 * K1 a key is known by the hash of it only, and belongs for ever to the tenant it was first added for. K2 a key that has
 * ended stays known as ended, and its end never moves to a later time. K3 what is asked for a tenant is answered from that
 * tenant's keys only (S4).
 */

/** What a key may do. */
export type Scope = "ingest" | "read" | "admin";

/** A key to add. */
export interface NewApiKey {
  readonly tenant: string;
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  /** For people; may be the same for several keys. */
  readonly name?: string;
  /** Quotas; none unless set. */
  readonly requestsPerMinute?: number | null;
  readonly eventsPerMinute?: number | null;
}

/** A key as stored. */
export interface ApiKey extends Required<NewApiKey> {
  /** From then on it is valid no more; `null` is for ever. */
  readonly endsAtMs: number | null;
  /** Roughly: the collector notes it now and then. */
  readonly lastUsedAtMs: number | null;
}

export interface TenantRecord {
  readonly tenant: string;
  readonly createdAtMs: number;
}

/** Holds K1 to K3. */
export interface KeyStore {
  addTenant(tenant: TenantRecord): Promise<"added" | "present">;
  /** By name. */
  listTenants(): Promise<readonly TenantRecord[]>;
  /** Adds a key, and its tenant where it is new; a key that is there already stays as it is. */
  addKey(key: NewApiKey): Promise<"added" | "present">;
  /** Finds a key also when it has ended. */
  findKey(hash: string): Promise<ApiKey | undefined>;
  /** A tenant's keys, oldest first. */
  listKeys(tenant: string): Promise<readonly ApiKey[]>;
  /**
   * Ends a key at a time, or leaves the earlier end that it has.
   *
   * @param id - see {@link keyId}
   * @returns the key as it is then; `undefined` when the tenant has no such key
   */
  endKey(tenant: string, id: string, endsAtMs: number): Promise<ApiKey | undefined>;
  /** Notes when keys were used; an earlier use than the one that is noted changes nothing. */
  noteKeyUse(uses: ReadonlyMap<string, number>): Promise<void>;
  /**
   * Adds a key where there is none at all, of any tenant. `make` is called then only, and before anybody else can add a first
   * key: whoever starts at the same time gets "present".
   */
  addFirstKey(make: () => NewApiKey): Promise<"added" | "present">;
}

/** By what a key is called where the key itself must not be shown: the first 16 digits of its hash. */
export function keyId({ hash }: Pick<ApiKey, "hash">): string {
  return hash.slice(0, 16);
}
