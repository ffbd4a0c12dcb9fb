/** What is used of a connection of the SDK, and of the socket below it: what can be listened to without being noticed. */

/** Any connection whose `event` brings every event of the server. */
export interface RealtimeConnection {
  on(event: "event", listener: (event: never) => void): unknown;
}

/** What connections of the SDK also have. */
export interface OpenConnection extends RealtimeConnection {
  readonly url?: unknown;
  /** Another one after a reconnect. */
  readonly socket?: unknown;
}

/** The URL as the connection has it at the moment; `undefined` where it has none. */
export function urlOf({ url }: OpenConnection): URL | undefined {
  return url instanceof URL ? url : undefined;
}

/** The model that was asked for: Azure calls it a deployment. */
export function modelIn(url: URL | undefined): string | null {
  return url?.searchParams.get("model") ?? url?.searchParams.get("deployment") ?? null;
}

/** A name of its own, since a gateway before Azure has a host nobody knows. */
export function isAzureUrl(url: URL | undefined): boolean {
  return url?.searchParams.has("deployment") === true;
}

/**
 * Listens for the end of the socket below a connection: one of `ws`, the runtime's own, or the SDK's adapter of either.
 * Never for its errors: an `error` listener would change what an error does that nobody listens for.
 */
export function whenClosed(socket: unknown, listener: (code: number | null) => void): void {
  const { platformSocket = socket } = (socket ?? {}) as { readonly platformSocket?: unknown };
  const { addEventListener } = (platformSocket ?? {}) as { readonly addEventListener?: unknown };
  if (typeof addEventListener !== "function") return;
  const onClose = ({ code }: { readonly code?: unknown }): void => listener(typeof code === "number" ? code : null);
  Reflect.apply(addEventListener, platformSocket, ["close", onClose]);
}
