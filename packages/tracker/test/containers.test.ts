/** Processes of different process namespaces on one folder, as containers that share a volume: each is number 1 of its own. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { scriptedCollector } from "@cmdrdata/testkit";
import { afterEach, expect, it } from "vitest";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

const program = (name: string): string => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
const inContainer = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const permitted = spawnSync("unshare", [...inContainer, "true"]).status === 0;

function start(args: readonly string[]): ReturnType<typeof spawn> & { readonly stdout: NodeJS.ReadableStream } {
  const child = spawn("unshare", [...inContainer, process.execPath, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  open.push(() => child.kill("SIGKILL"));
  return child;
}

it("are not taken over while they live, and are 30 s after they were killed (D5)", async ({ skip }) => {
  if (!permitted) return skip("namespaces of one's own are not permitted here");
  const spoolDir = mkdtempSync(join(tmpdir(), "cmdrdata-volume-"));
  open.push(() => rmSync(spoolDir, { recursive: true, force: true }));
  const collector = await scriptedCollector();
  open.push(() => collector.close());
  const takeOver = async (): Promise<unknown> => {
    const child = start([program("next.mjs"), collector.url, spoolDir]);
    const ended = once(child, "close");
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    // Until it has ended, it takes over what it finds.
    await ended;
    return JSON.parse(output.toString());
  };

  const first = start([program("leave.mjs"), "signal", "http://127.0.0.1:9/api/events", spoolDir, "crash"]);
  await once(first.stdout, "data");
  const folder = join(spoolDir, readdirSync(spoolDir)[0] ?? "");
  const lease = join(folder, readdirSync(folder).find((name) => name.endsWith(".lease")) ?? "");
  expect(JSON.parse(readFileSync(lease, "utf8"))).toMatchObject({ pid: 1, thread: 0 });
  expect(await takeOver()).toMatchObject({ adopted: 0 });

  first.kill("SIGKILL");
  await once(first, "close");
  expect(await takeOver()).toMatchObject({ adopted: 0 });
  const then = new Date(statSync(lease).mtimeMs - 31_000);
  utimesSync(lease, then, then);
  expect(await takeOver()).toMatchObject({ adopted: 3, delivered: 3 });
  expect([...collector.ids].toSorted()).toEqual(["event-1", "event-2", "event-3"]);
});
