/**
 * A tracked twin of a client that somebody else made: one of a subclass nobody here knows, or one whose making is not
 * yours to change.
 *
 * The twin has resources of its own, and makes its calls through the client: with its credentials, its transport, its
 * overrides, as they are at that moment; a method that only its class has runs on the client, and what it calls there is
 * the twin's call. The client itself stays as it was: what is called on it is not recorded.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";
import { AzureOpenAI, type OpenAI } from "openai";

import { carryBodyFields } from "./call-fields.ts";
import { createClientTracking } from "./client-tracking.ts";
import { watchResources } from "./hook/watch-resources.ts";
import type { TrackingOptions } from "./options/client-options.ts";
import { trackingOptionNames } from "./options/option-names.ts";
import { passOn, resolveClientOptions } from "./options/resolve-client-options.ts";
import { methodOfTwin, type TwinRequests, twinRequests } from "./twin-calls.ts";
import { partsOf, realSystem, type Untracked, untracked, untrackedOf } from "./with-tracking.ts";

/** A client of the same class, tracked. */
export type Tracked<Client extends OpenAI> = Client & { readonly tracker: Tracker };

/**
 * @param client - any client of the SDK; a tracked one gives itself, or one like it where options are given
 * @param options - cmdrdata's own options only: the client has the SDK's already
 * @returns a twin: `instanceof` the same class, with the same properties
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`: lists every option that is wrong
 */
export function track<Client extends OpenAI>(client: Client, options: TrackingOptions = {}): Tracked<Client> {
  refuseOthers(options);
  const behind = untrackedOf(client);
  if (behind === undefined) return makeTwin(client, options);
  // Of the client, not of its twin: a client tracked twice counts once.
  if (behind.client !== undefined) return makeTwin(behind.client as Client, passOn(behind.given, options));
  if (Object.keys(options).length === 0) return client as Tracked<Client>;
  // A tracked class takes cmdrdata's options too.
  if (typeof client.withOptions === "function") return client.withOptions(options as object) as Tracked<Client>;
  return makeTwin<Client>(client, passOn(behind.given, options));
}

function refuseOthers(options: TrackingOptions): void {
  const known: readonly string[] = trackingOptionNames;
  const others = Object.keys(options).filter((name) => !known.includes(name));
  if (others.length === 0) return;
  const message = `${others.join(", ")}: unknown option; known are ${known.join(", ")}`;
  throw new CmdrdataError("CMDR_OPTIONS_INVALID", message);
}

function makeTwin<Client extends OpenAI>(client: Client, options: TrackingOptions): Tracked<Client> {
  const { logger } = client;
  const { tracking: config, given } = resolveClientOptions({ logger, ...options }, realSystem.environment());
  const system = { ...realSystem, unknownHost: client instanceof AzureOpenAI ? "azure" : "other" } as const;
  const tracking = createClientTracking(client, config, partsOf(system));
  // Of a tracked client, those without its tracking: the twin's calls are the twin's alone.
  const methods = untrackedOf(client)?.methods ?? client;
  const requests = twinRequests(client, methods, tracking);
  const own: Record<PropertyKey, unknown> = {
    tracker: config.tracker,
    [untracked]: { methods, given, client } satisfies Untracked,
    post(path: string, request?: unknown) {
      return client.post.call(twin, path, carryBodyFields(request) as never);
    },
    ...requests,
  };
  // openai 4 has none.
  if (typeof client.withOptions === "function")
    own["withOptions"] = (more: object) => twinWithOptions(client, given, more);
  const twin = new Proxy(client, twinHandler(own, requests)) as Tracked<Client>;
  addResources(own, client, twin);
  return twin;
}

/** What is cmdrdata's goes to the new twin, the rest to the client it is made of. */
function twinWithOptions<Client extends OpenAI>(client: Client, given: TrackingOptions, more: object): Tracked<Client> {
  const [ours, theirs]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  const known: readonly string[] = trackingOptionNames;
  for (const [name, value] of Object.entries(more)) (known.includes(name) ? ours : theirs)[name] = value;
  return makeTwin(client.withOptions(theirs), passOn(given, ours));
}

/** Methods that end in `this.request` or `this.requestAPIList`, and so must run on the twin. All others run on the client, as private members ask; those that are not the SDK's may make calls on it. */
const sending: ReadonlySet<PropertyKey> = new Set([
  "get",
  "post",
  "put",
  "patch",
  "delete",
  "methodRequest",
  "getAPIList",
]);

type Method = (...args: readonly unknown[]) => unknown;

function twinHandler(own: Record<PropertyKey, unknown>, requests: TwinRequests): ProxyHandler<OpenAI> {
  const bound = new WeakMap<object, unknown>();
  const bind = (client: OpenAI, name: PropertyKey, method: Method): unknown =>
    name in AzureOpenAI.prototype ? method.bind(client) : methodOfTwin(method, { client, requests });
  return {
    has: (client, name) => Object.hasOwn(own, name) || Reflect.has(client, name),
    set: (client, name, value) => Reflect.set(Object.hasOwn(own, name) ? own : client, name, value),
    get(client, name) {
      if (Object.hasOwn(own, name)) return own[name];
      const value: unknown = Reflect.get(client, name);
      if (typeof value !== "function" || name === "constructor" || sending.has(name)) return value;
      if (!bound.has(value)) bound.set(value, bind(client, name, value as Method));
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
