/**
 * Takes the tracking fields off where the program calls a method (`client.chat.completions.create(…)`), before the SDK
 * makes a form or a helper's copy of the body: later it is too late for multipart bodies.
 *
 * Each resource of a client gets a prototype between itself and its class, made once per class, whose methods pass on
 * to those of the class as they are at that moment. The objects keep their identity and own properties, and the
 * classes, which the bare client shares, stay untouched.
 */
import { carryFields } from "../call-fields.ts";

const trackedPrototypes = new WeakMap<object, object>();

/** What tells a resource of a client from its other properties. */
interface Resource {
  readonly _client?: unknown;
}

/** Watches all resources of a client, nested ones too. */
export function watchResources(client: object, owner: object = client): void {
  for (const value of Object.values(owner) as unknown[]) {
    if (!isResource(value, client)) continue;
    Object.setPrototypeOf(value, trackedPrototype(Object.getPrototypeOf(value) as object));
    watchResources(client, value);
  }
}

function isResource(value: unknown, client: object): value is object {
  if (typeof value !== "object" || value === null) return false;
  const { _client: owner }: Resource = value;
  return owner === client;
}

function trackedPrototype(original: object): object {
  let tracked = trackedPrototypes.get(original);
  if (tracked === undefined) {
    tracked = Object.create(original, trackedMethods(original)) as object;
    trackedPrototypes.set(original, tracked);
  }
  return tracked;
}

function trackedMethods(original: object): PropertyDescriptorMap {
  const methods: PropertyDescriptorMap = {};
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(original))) {
    const method: unknown = descriptor.value;
    if (name === "constructor" || typeof method !== "function") continue;
    methods[name] = { ...descriptor, value: carrying(original, name, method) };
  }
  return methods;
}

function carrying(original: object, name: string, { length }: { readonly length: number }): object {
  const method = function (this: unknown, ...args: unknown[]): unknown {
    const current = (original as Record<string, (...args: never) => unknown>)[name];
    return Reflect.apply(current as (...args: unknown[]) => unknown, this, carryFields(args));
  };
  return Object.defineProperties(method, { name: { value: name }, length: { value: length } });
}
