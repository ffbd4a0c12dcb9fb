/** @returns a copy without the named own properties, which keeps prototype, getters and property attributes */
export function copyWithout(source: object, names: readonly string[]): object {
  const kept: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(source);
  for (const name of names) delete kept[name];
  return Object.create(Object.getPrototypeOf(source) as object | null, kept) as object;
}
