/**
 * What a program could hand over as labels or as a customer, by mistake or on purpose, with what is to become of it. The
 * same list for everything that takes labels: the protocol, the tracker and its clients.
 */

/** Labels, and what is kept of them. */
export interface HostileMetadata {
  readonly name: string;
  readonly make: () => unknown;
  readonly kept: object;
  /** Codes of what is set aside, each once. */
  readonly codes: readonly string[];
}

export interface HostileCustomer {
  readonly name: string;
  readonly make: () => unknown;
  /** The code that the event's `attribution_error` begins with. */
  readonly code: string;
}

/** How often code of a hostile value ran: accessors, `toJSON`, conversions. Nothing of ours may make it more than 0. */
export const sideEffects = { count: 0 };

const strike = (): never => {
  sideEffects.count += 1;
  throw new Error("hostile");
};
const effect = (): string => {
  sideEffects.count += 1;
  return "read";
};
const getter = (get: () => unknown) => ({ get, enumerable: true, configurable: true });
const type = ["CMDR_FIELD_TYPE"];

/** A proxy that hands everything on, and how often it was asked anything. */
export function countingProxy<Target extends object>(target: Target): { readonly proxy: Target; calls(): number } {
  let calls = 0;
  const count =
    (trap: keyof ProxyHandler<Target>) =>
    (...args: readonly unknown[]): unknown => {
      calls += 1;
      return Reflect.apply(Reflect[trap], Reflect, args);
    };
  const traps = Object.getOwnPropertyNames(Reflect) as (keyof ProxyHandler<Target>)[];
  const proxy = new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, count(trap)])));
  return { proxy, calls: () => calls };
}

function cyclic(): object {
  const value: Record<string, unknown> = { a: 1 };
  value["self"] = value;
  return value;
}

function deep(levels: number): object {
  let value: object = { end: true };
  for (let level = 0; level < levels; level += 1) value = { down: value };
  return value;
}

/** Each prototype leads to another, without an end. */
function endlessPrototypes(): object {
  const next = (): object => new Proxy({}, { getPrototypeOf: next });
  return Object.assign(Object.create(next()) as object, { a: 1 });
}

function revoked(of: object): object {
  const { proxy, revoke } = Proxy.revocable(of, {});
  revoke();
  return proxy;
}

const manyKeys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
const throwsAt = (trap: keyof ProxyHandler<object>, of: object = { b: 2 }): object => new Proxy(of, { [trap]: strike });
const huge: readonly number[] = Object.assign([], { length: 2 ** 32 - 1 });

export const hostileMetadata: readonly HostileMetadata[] = [
  { name: "100,000 keys", make: () => manyKeys(100_000), kept: manyKeys(50), codes: ["CMDR_FIELD_TOO_LARGE"] },
  {
    name: "a text of 10 MB",
    make: () => ({ a: 1, b: "x".repeat(1e7) }),
    kept: { a: 1 },
    codes: ["CMDR_FIELD_TOO_LARGE"],
  },
  {
    name: "a key of 10 MB",
    make: () => ({ ["x".repeat(1e7)]: 1, a: 1 }),
    kept: { a: 1 },
    codes: ["CMDR_FIELD_TOO_LARGE"],
  },
  {
    name: "a list of 2^32 - 1 holes",
    make: () => ({ list: huge, a: 1 }),
    kept: { list: [] },
    codes: type,
  },
  { name: "10,000 levels", make: () => deep(10_000), kept: { down: { down: {} } }, codes: ["CMDR_FIELD_TOO_DEEP"] },
  { name: "a cycle", make: cyclic, kept: { a: 1, self: { a: 1, self: { a: 1 } } }, codes: ["CMDR_FIELD_TOO_DEEP"] },
  {
    name: "getters",
    make: () => Object.defineProperties({ a: 1 }, { b: getter(effect), c: getter(strike) }),
    kept: { a: 1 },
    codes: type,
  },
  {
    name: "getters further in",
    make: () => ({ a: Object.defineProperty({}, "b", getter(strike)) }),
    kept: { a: {} },
    codes: type,
  },
  {
    name: "a getter in a list",
    make: () => ({ a: Object.defineProperty([1], 1, getter(strike)) }),
    kept: { a: [1] },
    codes: type,
  },
  { name: "toJSON", make: () => ({ a: { toJSON: strike, b: 1 }, toJSON: effect }), kept: { a: { b: 1 } }, codes: type },
  {
    name: "inherited toJSON",
    make: () => Object.assign(Object.create({ toJSON: strike }) as object, { a: 1 }),
    kept: { a: 1 },
    codes: [],
  },
  {
    name: "conversions",
    make: () => ({ a: { toString: strike, valueOf: strike, [Symbol.toPrimitive]: strike } }),
    kept: { a: {} },
    codes: type,
  },
  {
    name: "a key __proto__",
    make: () => JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":[],"b":1}}'),
    kept: { a: { b: 1 } },
    codes: ["CMDR_FIELD_FORBIDDEN_KEY"],
  },
  {
    name: "keys of prototypes",
    make: () => JSON.parse('{"constructor":{"prototype":{"polluted":1}}}'),
    kept: { constructor: { prototype: { polluted: 1 } } },
    codes: [],
  },
  {
    name: "BigInt, symbol, function, undefined",
    make: () => ({ a: 1n, b: Symbol("s"), c: strike, d: undefined, [Symbol("k")]: 1, e: 1 }),
    kept: { e: 1 },
    codes: type,
  },
  {
    name: "numbers that JSON has not",
    make: () => ({ a: NaN, b: -Infinity, c: -0 }),
    kept: { c: 0 },
    codes: ["CMDR_FIELD_RANGE"],
  },
  {
    name: "dates, maps, sets",
    make: () => ({ a: new Date(0), b: new Map([[1, 2]]), c: new Set([1]) }),
    kept: {},
    codes: type,
  },
  {
    name: "bytes",
    make: () => ({ a: new Uint8Array(1e7), b: new DataView(new ArrayBuffer(8)), c: 1 }),
    kept: { c: 1 },
    codes: type,
  },
  {
    name: "a boxed text of 10 MB",
    make: () => ({ a: Object("x".repeat(1e7)) as object, b: 1 }),
    kept: { b: 1 },
    codes: type,
  },
  {
    name: "halves of surrogate pairs",
    make: () => ({ a: "x\ud800", "\udc00": 1 }),
    kept: { a: "x\ufffd" },
    codes: ["CMDR_FIELD_CHARACTERS"],
  },
  {
    name: "control characters",
    make: () => ({ a: "\u0000\u001b[31m\r\n", "\u0007": 1 }),
    kept: { a: "\ufffd\ufffd[31m\ufffd\ufffd" },
    codes: ["CMDR_FIELD_CHARACTERS"],
  },
  {
    name: "a proxy that throws at its keys",
    make: () => ({ a: 1, b: throwsAt("ownKeys") }),
    kept: { a: 1 },
    codes: type,
  },
  {
    name: "a proxy that throws at a property",
    make: () => ({ a: 1, b: throwsAt("getOwnPropertyDescriptor") }),
    kept: { a: 1 },
    codes: type,
  },
  {
    name: "a proxy that throws at all else",
    make: () => ({ a: throwsAt("get", throwsAt("getPrototypeOf", throwsAt("has"))) }),
    kept: { a: { b: 2 } },
    codes: [],
  },
  { name: "nothing but a proxy that throws", make: () => throwsAt("ownKeys"), kept: {}, codes: type },
  { name: "a revoked proxy", make: () => revoked({}), kept: {}, codes: type },
  {
    name: "revoked proxies within",
    make: () => ({ a: revoked({}), b: [revoked([]), 1], c: 1 }),
    kept: { b: [1], c: 1 },
    codes: type,
  },
  { name: "prototypes without an end", make: endlessPrototypes, kept: { a: 1 }, codes: [] },
  { name: "a list", make: () => [1, 2], kept: {}, codes: type },
  { name: "a text", make: () => "label", kept: {}, codes: type },
  { name: "a function", make: () => strike, kept: {}, codes: type },
  {
    name: "frozen labels",
    make: () => Object.freeze({ length: 3, tags: Object.freeze(["a"]) }),
    kept: { length: 3, tags: ["a"] },
    codes: [],
  },
];

export const hostileCustomers: readonly HostileCustomer[] = [
  { name: "an empty text", make: () => " \t", code: "CMDR_FIELD_RANGE" },
  { name: "a text of 10 MB", make: () => " ".repeat(1e7), code: "CMDR_FIELD_TOO_LONG" },
  { name: "a control character", make: () => "a\u0000b", code: "CMDR_FIELD_CHARACTERS" },
  { name: "a header", make: () => "a\r\nx-injected: 1", code: "CMDR_FIELD_CHARACTERS" },
  { name: "half a surrogate pair", make: () => "a\ud800", code: "CMDR_FIELD_CHARACTERS" },
  { name: "a number", make: () => 7, code: "CMDR_FIELD_TYPE" },
  { name: "a BigInt", make: () => 7n, code: "CMDR_FIELD_TYPE" },
  { name: "a symbol", make: () => Symbol("s"), code: "CMDR_FIELD_TYPE" },
  { name: "a function", make: () => strike, code: "CMDR_FIELD_TYPE" },
  {
    name: "an object that converts itself",
    make: () => ({ toString: strike, toJSON: strike, [Symbol.toPrimitive]: strike }),
    code: "CMDR_FIELD_TYPE",
  },
  { name: "a list", make: () => ["acme"], code: "CMDR_FIELD_TYPE" },
  { name: "a boxed text", make: () => Object("acme") as object, code: "CMDR_FIELD_TYPE" },
  { name: "a proxy that throws", make: () => throwsAt("get", throwsAt("ownKeys")), code: "CMDR_FIELD_TYPE" },
  { name: "a revoked proxy", make: () => revoked({}), code: "CMDR_FIELD_TYPE" },
];
