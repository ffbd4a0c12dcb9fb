/** The built collector as a process of its own, as an operator runs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { UsageReport } from "@cmdrdata/collector";

const bin = fileURLToPath(new URL("../../apps/cmdrdata/bin/cmdrdata.js", import.meta.url));

/** Works in any test: it is made known to each collector as the first key. */
export const key = `tk-${"e".repeat(43)}`;

export interface CollectorProcess {
  readonly url: string;
  readonly pid: number | undefined;
  /** Ends it with a signal, and gives its exit code (null when the signal ended it). */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  usage(query: string): Promise<UsageReport>;
}

export interface CollectorWishes {
  /** By default any that is free. */
  readonly port?: number;
  /** Known to it as the first key; by default {@link key}. */
  readonly firstKey?: string;
  /** PostgreSQL to keep the ledger on; by default it is in the folder. */
  readonly databaseUrl?: string;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Modules that are loaded before it, in each of its threads. */
  readonly preload?: readonly URL[];
}

/** @param folder - of which the ledger's folder is one; started again on the same, it has the same ledger */
export async function startCollector(
  folder: string,
  { port = 0, firstKey = key, databaseUrl = "", env: own = {}, preload = [] }: CollectorWishes = {},
): Promise<CollectorProcess> {
  const env = { ...process.env, ...own, CMDRDATA_BOOTSTRAP_KEY: firstKey, DATABASE_URL: databaseUrl };
  const before = preload.flatMap(({ href }) => ["--import", href]);
  const command = [...before, bin, "serve", "--data", join(folder, "data"), "--port", String(port)];
  const child = spawn(process.execPath, command, {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit") as Promise<[number | null]>;
  const url = await readyUrl(child);
  return {
    url,
    pid: child.pid,
    stop: async (signal) => {
      child.kill(signal);
      return (await exit)[0];
    },
    usage: async (query) => {
      const response = await fetch(`${url}/api/v1/usage?${query}`, {
        headers: { authorization: `Bearer ${firstKey}` },
      });
      return (await response.json()) as UsageReport;
    },
  };
}

/** Runs a command of cmdrdata to its end. */
export async function runCommand(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = [child.stdout, child.stderr].map(async (stream) => {
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    return text;
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, out: (await out) ?? "", err: (await err) ?? "" };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("expected a pipe");
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { readonly msg: string; readonly url?: string };
    if (entry.msg !== "ready") continue;
    child.stdout.resume();
    return entry.url ?? "";
  }
  throw new Error("the collector ended before it was ready");
}
