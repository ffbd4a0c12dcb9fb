import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

import pg from "pg";
import { describe, expect, it } from "vitest";

import { startPostgres } from "../src/index.ts";

const program = fileURLToPath(new URL("start-and-wait.ts", import.meta.url));

async function ask(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(text)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on("connect", () => (socket.destroy(), resolve(true))).on("error", () => resolve(false));
  });
}

describe("startPostgres", () => {
  it("is as durable as one in use, and keeps its data over every way to end", async () => {
    const server = await startPostgres({ settings: { work_mem: "8MB" } });
    try {
      const url = await server.createDatabase();
      for (const [setting, value] of Object.entries({
        fsync: "on",
        synchronous_commit: "on",
        jit: "off",
        work_mem: "8MB",
      })) {
        expect(await ask(url, `SELECT current_setting('${setting}') AS answer`)).toBe(value);
      }
      await ask(url, "CREATE TABLE kept (number INTEGER)");
      for (const [index, how] of (["fast", "immediate", "kill", "kill"] as const).entries()) {
        await ask(url, `INSERT INTO kept VALUES (${index})`);
        await server.stop(how);
        expect(server.running()).toBe(false);
        expect(await isListening(url)).toBe(false);
        await server.start();
        expect(server.running()).toBe(true);
        expect(await ask(url, "SELECT count(*)::int AS answer FROM kept")).toBe(index + 1);
      }
      await server.dropDatabase(url);
      await expect(ask(url, "SELECT 1")).rejects.toThrow("does not exist");
      expect(server.log()).toContain("database system is ready");
    } finally {
      await server.remove();
    }
    expect(await isListening(server.url())).toBe(false);
  });

  it("is gone when the process that started it was killed with SIGKILL", async () => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const url = String(line).trim();
    expect(await isListening(url)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    while (await isListening(url)) await Promise.resolve();
  });
});
