/**
 * Values that follow asynchronous work: the runtime's `AsyncLocalStorage`, asked for and not imported, since some workers at
 * the edge have none. There a value holds as long as the work it is for runs without a pause, and is gone from the first
 * `await` on: work then runs for nobody, and never for somebody else.
 */

import { oncePerProcess } from "./process-state.ts";
import { sayWarning } from "./say-warning.ts";

export interface AsyncStorage<Value> {
  getStore(): Value | undefined;
  run<Result>(value: Value, work: () => Result): Result;
  /** From here on, for what runs now and what it starts. */
  enterWith(value: Value): void;
}

type Storage = new <Value>() => AsyncStorage<Value>;

interface HasStorage {
  readonly AsyncLocalStorage?: Storage;
}

interface RuntimeGlobals extends HasStorage {
  readonly process?: { readonly getBuiltinModule?: (name: string) => HasStorage | undefined };
}

/** Some runtimes have it as a global, most as a module of Node's. */
function runtimeStorage(): Storage | undefined {
  const { AsyncLocalStorage, process } = globalThis as RuntimeGlobals;
  return AsyncLocalStorage ?? process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
}

/** @param Present - the runtime's own, where it has one */
export function createAsyncStorage<Value>(Present: Storage | undefined = runtimeStorage()): AsyncStorage<Value> {
  return Present === undefined ? synchronousStorage() : new Present<Value>();
}

function synchronousStorage<Value>(): AsyncStorage<Value> {
  let store: Value | undefined;
  return {
    getStore: () => store,
    run(value, work) {
      const before = store;
      store = value;
      try {
        return work();
      } finally {
        store = before;
      }
    },
    enterWith() {
      // For whoever runs next this would be somebody else's.
      oncePerProcess("no async storage", () =>
        sayWarning(
          console,
          "this runtime does not follow asynchronous work (it has no AsyncLocalStorage): a customer context " +
            "cannot be set; give customer_id with the call. On Cloudflare, the flag nodejs_compat has it",
        ),
      );
    },
  };
}
