/**
 * Gives one object methods of its own that nobody sees who lists its properties or prints it, as methods of its class
 * would be. One that the SDK gave the object itself (openai 7 does) keeps its place and its looks.
 */
export function defineOwnMethods(target: object, methods: Readonly<Record<string, unknown>>): void {
  for (const name in methods) {
    const own = Object.hasOwn(target, name) ? Object.getOwnPropertyDescriptor(target, name) : undefined;
    Object.defineProperty(target, name, {
      value: own === undefined ? methods[name] : looksLike(own.value as object, methods[name] as Method),
      enumerable: own?.enumerable ?? false,
      writable: true,
      configurable: true,
    });
  }
}

type Method = (...args: unknown[]) => unknown;

function looksLike(original: object, method: Method): object {
  return new Proxy(original, { apply: (_original, self, args) => Reflect.apply(method, self, args) });
}
