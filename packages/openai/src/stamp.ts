/**
 * Keeps something with an object of the program's or the SDK's, where nobody sees it and no copy of the object has it: in
 * a private field.
 *
 * A WeakMap says the same, but while its key is young, the engine's collections of young objects hold on to the value and
 * all it refers to: with an entry for every call that was a tenth of the call's cost.
 */
export interface Stamp<Value> {
  get(object: object): Value | undefined;
  set(object: object, value: Value): void;
}

/** A subclass's fields are put on what its base's constructor returns. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

export function createStamp<Value>(): Stamp<Value> {
  class Stamped extends Given {
    #value: Value;

    constructor(object: object, value: Value) {
      super(object);
      this.#value = value;
    }

    static get(object: object): Value | undefined {
      return #value in object ? object.#value : sealed.get(object);
    }

    static set(object: object, value: Value): void {
      if (#value in object) object.#value = value;
      else if (Object.isExtensible(object)) Reflect.construct(Stamped, [object, value]);
      else sealed.set(object, value);
    }
  }
  // Newer engines let nobody add a private field to an object that takes no properties either.
  const sealed = new WeakMap<object, Value>();
  return Stamped;
}
