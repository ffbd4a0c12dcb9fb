/** The process of cmdrdata: hands its environment, its streams and its signals to the program. */
import { runProgram } from "./program.ts";

/**
 * @param args - without the node binary and the script
 * @returns the exit code
 */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(args, {
    env: process.env,
    fetch,
    out: process.stdout,
    err: process.stderr,
    terminal: process.stderr.isTTY,
    nextSignal,
  });
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once, as without us. */
function nextSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  return promise;
}
