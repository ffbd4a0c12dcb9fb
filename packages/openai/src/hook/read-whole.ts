/**
 * The methods of a response that read its body whole: the same objects read it, and what they gave is told before the
 * program has it. What is made of it there changes nothing for the program (D1).
 */
import type { Call } from "../call.ts";

export interface WholeReading {
  readonly call: Call;
  /** By the method's name, what to do with what it gave; of a method that the response does not have, nothing. */
  readonly readers: Readonly<Record<string, (read: never) => unknown>>;
  readonly failed: (error: unknown) => unknown;
}

/** @returns methods to take the place of the response's own */
export function readWhole(response: Response, { call, readers, failed }: WholeReading): Record<string, unknown> {
  const methods: Record<string, unknown> = {};
  for (const [name, tell] of Object.entries(readers)) {
    const method = (response as unknown as Record<string, unknown>)[name];
    if (typeof method !== "function") continue;
    methods[name] = (): Promise<unknown> => {
      call.holder = "awaited";
      return (Reflect.apply(method, response, []) as Promise<never>).then(
        (read) => {
          try {
            tell(read);
          } catch (bug) {
            // A response of the program's own may give anything.
            failed(bug);
          }
          return read;
        },
        (error: unknown) => {
          failed(error);
          throw error;
        },
      );
    };
  }
  return methods;
}
