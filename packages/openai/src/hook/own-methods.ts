/** Gives one object methods of its own that nobody sees who lists its properties, as methods of its class would be. */
export function defineOwnMethods(target: object, methods: Readonly<Record<string, unknown>>): void {
  for (const name in methods) {
    Object.defineProperty(target, name, {
      value: methods[name],
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }
}
