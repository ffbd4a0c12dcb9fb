import { AsyncLocalStorage } from "node:async_hooks";

import { afterEach, describe, expect, it, vi } from "vitest";

import { type AsyncStorage, createAsyncStorage } from "./async-storage.ts";

afterEach(() => vi.unstubAllGlobals());

describe("createAsyncStorage", () => {
  it("is the runtime's own", () => {
    expect(createAsyncStorage()).toBeInstanceOf(AsyncLocalStorage);
    class Own extends AsyncLocalStorage<never> {}
    vi.stubGlobal("AsyncLocalStorage", Own);
    expect(createAsyncStorage()).toBeInstanceOf(Own);
  });
});

describe("where the runtime has none", () => {
  function makeStorage(): AsyncStorage<string> {
    vi.stubGlobal("process", {});
    const storage = createAsyncStorage<string>();
    vi.unstubAllGlobals();
    return storage;
  }

  it("holds a value until the first pause, and then nobody's", async () => {
    const storage = makeStorage();
    const seen = storage.run("a", async () => {
      const before = [storage.getStore(), storage.run("b", () => storage.getStore()), storage.getStore()];
      await Promise.resolve();
      return [...before, storage.getStore()];
    });
    expect(storage.getStore()).toBeUndefined();
    expect(await seen).toEqual(["a", "b", "a", undefined]);
    expect(() =>
      storage.run("a", () => {
        throw new Error("of the program");
      }),
    ).toThrow("of the program");
    expect(storage.getStore()).toBeUndefined();
  });

  it("sets nothing for whoever runs next, and says so once", () => {
    const lines: unknown[] = [];
    const storage = makeStorage();
    vi.stubGlobal("console", { ...console, warn: (line: unknown) => void lines.push(line) });
    storage.enterWith("a");
    storage.enterWith("b");
    expect(storage.getStore()).toBeUndefined();
    expect(lines).toEqual([expect.stringContaining("has no AsyncLocalStorage")]);
  });
});
