import { afterEach, expect, it, vi } from "vitest";

import { systemClock } from "../clock.ts";
import { openSpool, type SpoolConfig } from "./open-spool.ts";

afterEach(() => vi.unstubAllGlobals());

const config: SpoolConfig = {
  endpoint: "https://collector.example.com/api/events",
  apiKey: "tk-0123456789abcdefghij",
  spoolDir: "/nowhere/spool",
  spoolGroup: undefined,
  spoolBytes: 1_000_000,
  durability: "exit",
};

it("goes without, and says so, where the runtime does not let the program look", () => {
  const refuse = (): never => {
    throw new Error("requires --allow-all");
  };
  const real = process;
  const getBuiltinModule = (name: string): object | undefined =>
    name === "node:path" ? new Proxy({}, { get: () => refuse }) : real.getBuiltinModule(name);
  const said: unknown[] = [];
  vi.stubGlobal("process", { getBuiltinModule, pid: 1, getuid: refuse });
  expect(openSpool(config, systemClock, (problem) => said.push(problem))).toBeUndefined();
  expect(openSpool({ ...config, durability: "memory" }, systemClock, (problem) => said.push(problem))).toBeUndefined();
  expect(said).toEqual(["requires --allow-all"]);
});
