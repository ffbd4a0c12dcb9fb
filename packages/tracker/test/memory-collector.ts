/** A collector in memory, as the transport of a tracker: takes each id once, and misbehaves as told. */
import type { Transport, TransportRequest, TransportResponse } from "../src/index.ts";

/** How one request is treated; `take-then-break` takes the events, but the answer is lost. */
export type Behaviour = "take" | "break" | "take-then-break" | "hang" | Partial<TransportResponse>;

interface MemoryRequest extends TransportRequest {
  readonly ids: readonly string[];
  /** One event, without a body around it. */
  readonly bare: boolean;
  /** When it came, on the tracker's own clock. */
  readonly atMs: number;
}

export interface MemoryCollector extends Transport {
  readonly requests: readonly MemoryRequest[];
  /** How often each id was taken as new: 1, if everything is right. */
  readonly taken: ReadonlyMap<string, number>;
  /** What the next requests meet, one each; then `otherwise`. */
  readonly script: Behaviour[];
  otherwise: Behaviour | ((ids: readonly string[], bare: boolean) => Behaviour);
  mostAtOnce(): number;
  readonly closed: boolean;
  /** Answers the requests that hang. */
  release(): void;
}

export const answer = (status: number, headers: Record<string, string> = {}): Behaviour => ({ status, headers });

export function memoryCollector(monotonicNow: () => number): MemoryCollector {
  const requests: MemoryRequest[] = [];
  const taken = new Map<string, number>();
  const script: Behaviour[] = [];
  const hanging: (() => void)[] = [];
  const counts = { atOnce: 0, most: 0, closed: false };
  const exchange = async (ids: readonly string[], behaviour: Behaviour): Promise<TransportResponse> => {
    if (behaviour === "hang") await new Promise<void>((resolve) => hanging.push(resolve));
    // As over a network: never within the call.
    await Promise.resolve();
    if (behaviour === "break") throw new Error("connection lost");
    if (typeof behaviour === "object") return { status: 500, headers: {}, text: "", sentBytes: 1, ...behaviour };
    const known = ids.filter((id) => taken.has(id)).length;
    for (const id of ids) if (!taken.has(id)) taken.set(id, 1);
    if (behaviour === "take-then-break") throw new Error("connection lost");
    const reply = { accepted: ids.length - known, duplicates: known };
    return { status: 200, headers: {}, text: JSON.stringify(reply), sentBytes: 1 };
  };
  const collector: MemoryCollector = {
    requests,
    taken,
    script,
    otherwise: "take",
    mostAtOnce: () => counts.most,
    get closed() {
      return counts.closed;
    },
    release: () => hanging.splice(0).forEach((resolve) => resolve()),
    send: async (request) => {
      const { ids, bare } = readBody(request.body);
      requests.push({ ...request, ids, bare, atMs: monotonicNow() });
      counts.atOnce += 1;
      counts.most = Math.max(counts.most, counts.atOnce);
      const { otherwise } = collector;
      const behaviour = script.shift() ?? (typeof otherwise === "function" ? otherwise(ids, bare) : otherwise);
      return exchange(ids, behaviour).finally(() => (counts.atOnce -= 1));
    },
    close: () => void (counts.closed = true),
  };
  return collector;
}

function readBody(body: Uint8Array): { readonly ids: readonly string[]; readonly bare: boolean } {
  const value = JSON.parse(textOf(body)) as SentEvent & { readonly events?: readonly SentEvent[] };
  return { ids: (value.events ?? [value]).map(({ id }) => id), bare: value.events === undefined };
}

interface SentEvent {
  readonly id: string;
}

/** The JSON of a body. */
export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
