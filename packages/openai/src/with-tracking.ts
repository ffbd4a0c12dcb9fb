/**
 * Makes a tracked class of the SDK's client or of a subclass of it.
 *
 * All resource methods, helpers and raw `client.post` go through `request()`, lists through `requestAPIList()`: there each
 * call is watched. Nothing that the program or the server sees differs, but for: tracking fields are taken off (E1), and
 * chat streams are asked for their usage, whose extra chunk is hidden (E2). Only public and protected members of the
 * client are used, and the base class's name stays, which is in the `User-Agent`. The types of `post`
 * and `requestAPIList` are `never`: the compiler does not take the base's own there, and nobody sees those signatures.
 */
import { systemClock as trackerClock, type Tracker } from "@cmdrdata/tracker";
import type { APIPromise, OpenAI } from "openai";
import { VERSION } from "openai/version";

import { carryBodyFields, stripRequest } from "./call-fields.ts";
import type { SdkRequest } from "./call.ts";
import type { TrackingParts } from "./call-recorder.ts";
import { type ClientTracking, createClientTracking } from "./client-tracking.ts";
import { type Clock, systemClock } from "./clock.ts";
import { watchResources } from "./hook/watch-resources.ts";
import type { HostKind } from "./hosts.ts";
import type { TrackedClientOptions, TrackingOptions } from "./options/client-options.ts";
import {
  type Environment,
  passOn,
  readEnvironment,
  type ResolvedOptions,
  resolveClientOptions,
} from "./options/resolve-client-options.ts";
import { type FillRandom, systemRandom } from "./random.ts";
import { describeRuntime } from "./runtime.ts";
import { createUuidV7 } from "./uuid-v7.ts";
import { version } from "./version.ts";

/** What a tracked client takes from the world. */
export interface System {
  readonly clock: Clock;
  readonly random: FillRandom;
  readonly environment: () => Environment;
  /** Calls back once, after so many milliseconds, and keeps no process alive. By default the machine's own timer. */
  readonly schedule?: TrackingParts["schedule"];
  /** Whose API a host is taken for that nobody knows; by default nobody's. */
  readonly unknownHost?: HostKind;
}

/** What is behind a tracked client, for a twin of it: its methods as the SDK has them, and the options it was given. */
export interface Untracked {
  readonly methods: Pick<OpenAI, "request" | "requestAPIList">;
  readonly given: TrackingOptions;
  /** Where that is a twin already: the client it was made of. */
  readonly client?: OpenAI;
}

/** Registered, so that a client made by one copy of this package is known to the other. */
export const untracked: unique symbol = Symbol.for("cmdrdata.untracked/1") as never;

export const realSystem: System = { clock: systemClock, random: systemRandom, environment: readEnvironment };

interface RequestContext {
  url: string;
  options: SdkRequest;
}

/** @returns a subclass of `base` that looks like it; its instances also have `tracker` */
export function withTracking<Base extends typeof OpenAI>(base: Base, system: System = realSystem): Base {
  const Parent: typeof OpenAI = base;
  const parts = partsOf(system);

  class Tracked extends Parent {
    readonly #resolved: ResolvedOptions;
    readonly #tracking: ClientTracking;

    constructor(options: TrackedClientOptions = {}) {
      const resolved = resolveClientOptions(options, system.environment());
      super(resolved.sdkOptions);
      watchResources(this);
      this.#resolved = resolved;
      this.#tracking = createClientTracking(this, resolved.tracking, parts);
    }

    get tracker(): Tracker {
      return this.#resolved.tracking.tracker;
    }

    override withOptions(options: Partial<TrackedClientOptions>): this {
      return super.withOptions(passOn(this.#resolved.given, options));
    }

    get [untracked](): Untracked {
      return { given: this.#resolved.given, methods: Parent.prototype };
    }

    override post<Rsp>(path: string, options?: never): APIPromise<Rsp> {
      return super.post(path, carryBodyFields(options) as never);
    }

    override request<Rsp>(options: SdkRequest | Promise<SdkRequest>, retries?: number | null): APIPromise<Rsp> {
      return this.#tracking.request(options, (sent) => super.request<Rsp>(sent, retries));
    }

    override requestAPIList(page: never, options: SdkRequest | Promise<SdkRequest>): never {
      return this.#tracking.request(options, (sent) => super.requestAPIList(page, sent)) as never;
    }

    protected override prepareRequest(request: RequestInit, context: RequestContext): Promise<void> {
      stripRequest(request, context.options);
      this.#tracking.attempt(request, context.url, context.options);
      return super.prepareRequest(request, context);
    }
  }
  return takeLooksOf(base, Tracked) as unknown as Base;
}

/** What is behind a tracked client; `undefined` for any other. */
export function untrackedOf(client: object): Untracked | undefined {
  return (client as { readonly [untracked]?: Untracked })[untracked];
}

/** What the tracking of all clients of one class has in common. */
export function partsOf({
  clock,
  random,
  unknownHost = "other",
  schedule = trackerClock.schedule,
}: System): TrackingParts {
  const sdk = { name: "cmdrdata-openai", version, openai: VERSION, runtime: describeRuntime() };
  return { clock, newId: createUuidV7(random), sdk, unknownHost, schedule };
}

/**
 * Gives a class the name of another, and takes off it what only newer versions of the other have: openai 4 has no
 * `withOptions`, and a program that looks for it must not find one.
 */
export function takeLooksOf<Named extends abstract new (...args: never) => object>(
  base: typeof OpenAI,
  named: Named,
): Named {
  if (!("withOptions" in base.prototype)) Reflect.deleteProperty(named.prototype as object, "withOptions");
  return Object.defineProperty(named, "name", { value: base.name, configurable: true });
}
