/**
 * The calls of twins: they go through the client that a twin was made of, whose requests tell as they go out which twin
 * made them. For the client's own nothing changes.
 */
import type { OpenAI } from "openai";

import { type AsyncStorage, createAsyncStorage } from "./async-storage.ts";
import { stripRequest } from "./call-fields.ts";
import type { SdkRequest } from "./call.ts";
import type { ClientTracking } from "./client-tracking.ts";
import { senderOf } from "./copied-options.ts";
import { defineOwnMethods } from "./hook/own-methods.ts";
import { type GivenRequest, whenKnown } from "./known-request.ts";
import { createStamp } from "./stamp.ts";
import type { Untracked } from "./with-tracking.ts";

/** What all calls on a twin end in. */
export interface TwinRequests {
  request(options: GivenRequest, retries?: number | null): unknown;
  requestAPIList(page: never, options: GivenRequest): unknown;
}

/** By the options object: whose call a request of the client is, if any twin's. */
const callers = createStamp<ClientTracking>();
const hooked = new WeakSet<OpenAI>();

interface CalledTwin {
  readonly client: OpenAI;
  readonly requests: TwinRequests;
}

/** The twin on which this part of the program called a method that runs on the client. Made at first need: it costs. */
let calledTwins: AsyncStorage<CalledTwin | undefined> | undefined;

/** @param methods - what sends a request of the client, untracked */
export function twinRequests(client: OpenAI, methods: Untracked["methods"], tracking: ClientTracking): TwinRequests {
  hookClient(client);
  const send = <Result>(options: GivenRequest, action: () => Result): Result => {
    whenKnown(options, (request) => callers.set(request, tracking));
    // From here on it is the client's own.
    return calledTwins?.getStore() === undefined ? action() : calledTwins.run(undefined, action);
  };
  return {
    request: (given, retries) =>
      tracking.request(given, (options) => send(options, () => methods.request.call(client, options, retries))),
    requestAPIList: (page, given) =>
      tracking.request(given, (options) => send(options, () => methods.requestAPIList.call(client, page, options))),
  };
}

/** @returns a method of the client's own class, for its twin: it runs on the client, and what it calls there is the twin's */
export function methodOfTwin(method: object, called: CalledTwin): object {
  return new Proxy(method as (...args: unknown[]) => unknown, {
    apply: (original, _twin, args) => {
      calledTwins ??= createAsyncStorage();
      return calledTwins.run(called, () => Reflect.apply(original, called.client, args));
    },
  });
}

/** Once per client. */
function hookClient(client: OpenAI): void {
  if (hooked.has(client)) return;
  hooked.add(client);
  const prepareRequest = methodBehind(client, "prepareRequest");
  const calledOn = (name: keyof TwinRequests) => {
    const method = methodBehind(client, name);
    return (...args: readonly unknown[]): unknown => {
      const called = calledTwins?.getStore();
      return called?.client === client
        ? Reflect.apply(called.requests[name], undefined, args as never)
        : method(...args);
    };
  };
  defineOwnMethods(client, {
    request: calledOn("request"),
    requestAPIList: calledOn("requestAPIList"),
    prepareRequest(request: RequestInit, context: { readonly url: string; readonly options: SdkRequest }) {
      const caller = callers.get(context.options) ?? senderOf(context.options)?.tracking;
      if (caller !== undefined) {
        stripRequest(request, context.options);
        caller.attempt(request, context.url, context.options);
      }
      return prepareRequest(request, context);
    },
  });
}

/** As it is at that moment, where the client has it from its class. */
function methodBehind(client: OpenAI, name: string): (...args: readonly unknown[]) => unknown {
  const own: unknown = Object.getOwnPropertyDescriptor(client, name)?.value;
  const prototype = Object.getPrototypeOf(client) as object;
  return (...args) => Reflect.apply((own ?? Reflect.get(prototype, name)) as () => unknown, client, args);
}
