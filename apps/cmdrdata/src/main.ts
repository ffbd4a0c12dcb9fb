/** The process of cmdrdata: hands its environment, its streams and its signals to the program. */
import { runProgram } from "./program.ts";

/**
 * @param args - without the node binary and the script
 * @returns the exit code
 */
export function main(args: readonly string[]): Promise<number> {
  // `cmdrdata usage | head` closes the pipe early: no fault, and no reason for a collector to stop.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  // The ledger says who spends what: what this process makes is its owner's only, also in a folder that others may enter.
  process.umask(0o077);
  return runProgram(args, {
    env: process.env,
    fetch,
    out: process.stdout,
    err: process.stderr,
    terminal: process.stderr.isTTY,
    nextSignal,
    onHangUp: (callback) => void process.on("SIGHUP", callback),
  });
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once, as without us. */
function nextSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const signals = ["SIGTERM", "SIGINT"] as const;
  const end = (signal: NodeJS.Signals): void => {
    for (const each of signals) process.off(each, end);
    resolve(signal);
  };
  for (const each of signals) process.on(each, end);
  return promise;
}
