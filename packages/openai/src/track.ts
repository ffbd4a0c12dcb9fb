/**
 * A tracked twin of a client that somebody else made: one of a subclass nobody here knows, or one whose making is not
 * yours to change.
 *
 * The twin has resources of its own, and makes its calls through the client: with its credentials, its transport, its
 * overrides, as they are at that moment. The client itself stays as it was: what is called on it is not recorded.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";
import { AzureOpenAI, type OpenAI } from "openai";

import { stripOptions, stripRequest } from "./call-fields.ts";
import type { SdkRequest } from "./call.ts";
import { type ClientTracking, createClientTracking } from "./client-tracking.ts";
import { defineOwnMethods } from "./hook/own-methods.ts";
import { watchResources } from "./hook/watch-resources.ts";
import type { TrackingOptions } from "./options/client-options.ts";
import { trackingOptionNames } from "./options/option-names.ts";
import { passOn, resolveClientOptions } from "./options/resolve-client-options.ts";
import { partsOf, realSystem, type Untracked, untracked, untrackedOf } from "./with-tracking.ts";

/** A client of the same class, tracked. */
export type Tracked<Client extends OpenAI> = Client & { readonly tracker: Tracker };

/** What a twin was made of, so that a twin of it is one of the client: a client tracked twice counts once. */
const originals = new WeakMap<object, { readonly client: OpenAI; readonly given: TrackingOptions }>();
/** By the options object: whose call a request of the client is, if any twin's. */
const callers = new WeakMap<SdkRequest, ClientTracking>();
const hooked = new WeakSet<OpenAI>();

/**
 * @param client - any client of the SDK; a tracked one gives itself, or one like it where options are given
 * @param options - cmdrdata's own options only: the client has the SDK's already
 * @returns a twin: `instanceof` the same class, with the same properties
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every option that is wrong
 */
export function track<Client extends OpenAI>(client: Client, options: TrackingOptions = {}): Tracked<Client> {
  refuseOthers(options);
  const twin = originals.get(client);
  if (twin !== undefined) return makeTwin(twin.client as Client, passOn(twin.given, options));
  if (!isTracked(client)) return makeTwin(client, options);
  if (Object.keys(options).length === 0) return client;
  // A tracked class takes cmdrdata's options too.
  if (typeof client.withOptions === "function") return client.withOptions(options as object) as Tracked<Client>;
  return makeTwin<Client>(client, passOn(untrackedOf(client)?.given ?? {}, options));
}

function refuseOthers(options: TrackingOptions): void {
  const known: readonly string[] = trackingOptionNames;
  const others = Object.keys(options).filter((name) => !known.includes(name));
  if (others.length === 0) return;
  const message = `${others.join(", ")}: unknown option; known are ${known.join(", ")}`;
  throw new CmdrdataError("CMDR_OPTIONS_INVALID", message);
}

function isTracked<Client extends OpenAI>(client: Client): client is Tracked<Client> {
  return "tracker" in client;
}

function makeTwin<Client extends OpenAI>(client: Client, options: TrackingOptions): Tracked<Client> {
  const { logger } = client;
  const { tracking: config, given } = resolveClientOptions({ logger, ...options }, realSystem.environment());
  const system = { ...realSystem, unknownHost: client instanceof AzureOpenAI ? "azure" : "other" } as const;
  const tracking = createClientTracking(client, config, partsOf(system));
  hookClient(client);
  // Of a tracked client, those without its tracking: the twin's calls are the twin's alone.
  const methods = untrackedOf(client)?.methods ?? client;
  const own: Record<PropertyKey, unknown> = {
    tracker: config.tracker,
    [untracked]: { methods, given } satisfies Untracked,
    request(request: SdkRequest | Promise<SdkRequest>, retries?: number | null) {
      tellCaller(request, tracking);
      return tracking.request(request, () => methods.request.call(client, request, retries));
    },
    requestAPIList(Page: never, request: SdkRequest | Promise<SdkRequest>) {
      tellCaller(request, tracking);
      return tracking.request(request, () => methods.requestAPIList.call(client, Page, request));
    },
  };
  // openai 4 has none.
  if (typeof client.withOptions === "function")
    own["withOptions"] = (more: object) => twinWithOptions(client, given, more);
  const twin = new Proxy(client, twinHandler(own)) as Tracked<Client>;
  addResources(own, client, twin);
  originals.set(twin, { client, given });
  return twin;
}

/** What is cmdrdata's goes to the new twin, the rest to the client it is made of. */
function twinWithOptions<Client extends OpenAI>(client: Client, given: TrackingOptions, more: object): Tracked<Client> {
  const [ours, theirs]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  const known: readonly string[] = trackingOptionNames;
  for (const [name, value] of Object.entries(more)) (known.includes(name) ? ours : theirs)[name] = value;
  return makeTwin(client.withOptions(theirs), passOn(given, ours));
}

/** Methods that end in `this.request` or `this.requestAPIList`, and so must run on the twin. All others run on the client, as private members ask. */
const sending: ReadonlySet<PropertyKey> = new Set([
  "get",
  "post",
  "put",
  "patch",
  "delete",
  "methodRequest",
  "getAPIList",
]);

function twinHandler(own: Record<PropertyKey, unknown>): ProxyHandler<OpenAI> {
  const bound = new WeakMap<object, unknown>();
  return {
    has: (client, name) => Object.hasOwn(own, name) || Reflect.has(client, name),
    set: (client, name, value) => Reflect.set(client, name, value),
    get(client, name) {
      if (Object.hasOwn(own, name)) return own[name];
      const value: unknown = Reflect.get(client, name);
      if (typeof value !== "function" || name === "constructor" || sending.has(name)) return value;
      if (!bound.has(value)) bound.set(value, value.bind(client));
      return bound.get(value);
    },
  };
}

/** Resources of the same classes that call on the twin. */
function addResources(own: Record<PropertyKey, unknown>, client: OpenAI, twin: OpenAI): void {
  const resources: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(client) as [string, unknown][]) {
    if (typeof value !== "object" || value === null || Reflect.get(value, "_client") !== client) continue;
    const Resource = value.constructor as new (owner: OpenAI) => unknown;
    resources[name] = new Resource(twin);
  }
  watchResources(twin, resources);
  Object.assign(own, resources);
}

/** Once per client: its requests tell the twin that made them when they go out. For its own nothing changes. */
function hookClient(client: OpenAI): void {
  if (hooked.has(client)) return;
  hooked.add(client);
  type Hook = (...args: unknown[]) => Promise<void>;
  const { prepareOptions, prepareRequest } = client as unknown as Record<"prepareOptions" | "prepareRequest", Hook>;
  defineOwnMethods(client, {
    prepareOptions(options: SdkRequest) {
      if (callers.has(options)) stripOptions(options);
      return Reflect.apply(prepareOptions, client, [options]);
    },
    prepareRequest(request: RequestInit, context: { readonly url: string; readonly options: SdkRequest }) {
      const caller = callers.get(context.options);
      if (caller !== undefined) {
        stripRequest(request, context.options);
        caller.attempt(request, context.url, context.options);
      }
      return Reflect.apply(prepareRequest, client, [request, context]);
    },
  });
}

/** Before the client itself goes on with the options. */
function tellCaller(request: SdkRequest | Promise<SdkRequest>, tracking: ClientTracking): void {
  if (typeof (request as Partial<Promise<SdkRequest>>).then !== "function") {
    callers.set(request as SdkRequest, tracking);
    return;
  }
  // The client tells the program what failed.
  const ignore = (): void => {};
  void Promise.resolve(request).then((options) => void callers.set(options, tracking), ignore);
}
