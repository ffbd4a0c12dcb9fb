/**
 * The providers' APIs as the program's calls last saw them. Read off the events that the tracker is given anyway: nothing
 * asks a provider anything, and a stream costs nothing more per chunk.
 */
import { errorTypes, type ErrorType, type UsageEvent } from "@cmdrdata/protocol";

/** One provider's API, as seen by the program's calls since the tracker was made. */
export interface ProviderHealth {
  /** `unknown` until a call has an outcome; `degraded` after a failure of the provider's, `failing` after five in a row. */
  readonly status: "unknown" | "ok" | "degraded" | "failing";
  readonly calls: number;
  /** Calls that failed, whoever was at fault. */
  readonly errors: number;
  /** The same by type, for the types that came up. */
  readonly errorsByType: Readonly<Partial<Record<ErrorType, number>>>;
  /** Failures of the provider's since its last answer. */
  readonly failuresInARow: number;
  /** Epoch milliseconds. */
  readonly lastSuccessAtMs: number | null;
  readonly lastError: { readonly atMs: number; readonly type: ErrorType } | null;
}

export interface Providers {
  /** @param atMs - wall clock */
  see(event: UsageEvent, atMs: number): void;
  /** By the events' `provider`. */
  read(): Readonly<Record<string, ProviderHealth>>;
}

/** Without a name of the provider's, or one too many. */
const otherProviders = "other";
const mostProviders = 16;
const failingAfter = 5;

/** Errors by which the provider did not serve a good call. With the others it answered, or the program ended the call. */
const ofProvider: ReadonlySet<ErrorType> = new Set<ErrorType>([
  "authentication",
  "rate_limit",
  "insufficient_quota",
  "server_error",
  "timeout",
  "connection",
  "stream_broken",
  "response_unreadable",
]);

type Seen = { -readonly [Name in keyof Omit<ProviderHealth, "status" | "errorsByType">]: ProviderHealth[Name] } & {
  readonly errorsByType: Partial<Record<ErrorType, number>>;
};

export function createProviders(): Providers {
  const seen = new Map<string, Seen>();
  return {
    see(event, atMs) {
      const name = event.provider;
      const known = seen.get(name) ?? (seen.size < mostProviders ? undefined : seen.get(otherProviders));
      count(known ?? add(seen, seen.size < mostProviders - 1 ? name : otherProviders), event, atMs);
    },
    read: () => Object.fromEntries([...seen].map(([name, each]) => [name, read(each)])),
  };
}

function add(seen: Map<string, Seen>, name: string): Seen {
  const added: Seen = {
    calls: 0,
    errors: 0,
    errorsByType: {},
    failuresInARow: 0,
    lastSuccessAtMs: null,
    lastError: null,
  };
  seen.set(name, added);
  return added;
}

function count(seen: Seen, { error, request }: UsageEvent, atMs: number): void {
  seen.calls += 1;
  if (!error.occurred) {
    if (request.success !== true) return;
    seen.failuresInARow = 0;
    seen.lastSuccessAtMs = atMs;
    return;
  }
  const type = errorTypeOf(error.type);
  seen.errors += 1;
  seen.errorsByType[type] = (seen.errorsByType[type] ?? 0) + 1;
  seen.lastError = { atMs, type };
  if (ofProvider.has(type)) seen.failuresInARow += 1;
  else if (errorTypes[type].refused) seen.failuresInARow = 0;
}

function errorTypeOf(type: string | null): ErrorType {
  return type !== null && Object.hasOwn(errorTypes, type) ? (type as ErrorType) : "unknown";
}

function read(seen: Seen): ProviderHealth {
  const { errorsByType, lastError, ...numbers } = seen;
  return {
    status: statusOf(seen),
    ...numbers,
    errorsByType: { ...errorsByType },
    lastError: lastError === null ? null : { ...lastError },
  };
}

function statusOf({ failuresInARow, lastSuccessAtMs, lastError }: Seen): ProviderHealth["status"] {
  if (failuresInARow >= failingAfter) return "failing";
  if (failuresInARow > 0) return "degraded";
  return lastSuccessAtMs === null && lastError === null ? "unknown" : "ok";
}
