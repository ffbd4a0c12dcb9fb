/** Chooses the way out of this runtime: Node's own connections where it has them, else `fetch`. */
import { systemClock } from "../clock.ts";
import { nodeSockets, type RuntimeGlobals } from "../node-builtin.ts";
import { createFetchTransport } from "./fetch-transport.ts";
import { createNodeTransport } from "./node-transport.ts";
import type { Transport } from "./transport.ts";

/** @param ca - the authorities to trust, in PEM: only where there are connections of Node's */
export function createTransport(ca: readonly string[] | undefined, globals: RuntimeGlobals = globalThis): Transport {
  const sockets = nodeSockets(globals);
  if (sockets !== undefined) return createNodeTransport(sockets, ca);
  const { CompressionStream } = globalThis as Partial<typeof globalThis>;
  // Looked up at each call: whoever replaces it means all requests.
  return createFetchTransport({
    fetch: (url, init) => globalThis.fetch(url, init),
    CompressionStream,
    clock: systemClock,
  });
}
