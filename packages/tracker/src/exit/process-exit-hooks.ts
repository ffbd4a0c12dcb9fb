/** The exit hooks of this process or worker thread, shared by all copies of this package in it. */
import type threads from "node:worker_threads";

import { processState } from "../process-state.ts";
import { createExitHooks, type ExitHooks, type ExitingProcess } from "./exit-hooks.ts";

/** Where the runtime has no process that ends, as a worker at the edge, these do nothing. */
export function processExitHooks(runtime: Partial<typeof globalThis> = globalThis): ExitHooks {
  return (processState()["exitHooks"] ??= create(runtime)) as ExitHooks;
}

function create({ process, navigator }: Partial<typeof globalThis>): ExitHooks {
  if (typeof process?.prependListener !== "function" || navigator?.userAgent === "Cloudflare-Workers") return noHooks;
  const workers: typeof threads | undefined = process.getBuiltinModule?.("node:worker_threads");
  return createExitHooks(process as unknown as ExitingProcess, workers?.isMainThread ?? true);
}

const noHooks: ExitHooks = { add: () => {}, remove: () => {} };
