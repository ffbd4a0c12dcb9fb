/**
 * A real PostgreSQL server for tests and benches, on a free port of this machine and in a folder of its own.
 *
 * Promise: it is as durable as one in use (`fsync` and `synchronous_commit` are on), needs nothing installed but what npm
 * brings, and is gone when the process that started it is, also after `kill -9`.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import pg from "pg";

import type { KeeperPlan } from "./keeper.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { serverUser } from "./server-user.ts";

export interface PostgresWishes {
  /** Laid over the server's own, e.g. `{ shared_buffers: "1GB" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder that anybody may write, as a disk of its own, for the server's data; whoever gives it removes it. */
  readonly disk?: string;
  /** In MiB, a power of two; 16 by default. */
  readonly walSegmentMiB?: number;
}

export interface PostgresServer {
  /** Connection URL of a database, with the superuser's name and password; by default of `postgres`. */
  url(database?: string): string;
  /** Makes a new, empty database with the collation C. @returns its connection URL */
  createDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /**
   * `fast`: as an operator's restart; `immediate`: as a crash of the server; `kill`: `kill -9` of all of its processes.
   * Resolves when it is gone.
   */
  stop(how: "fast" | "immediate" | "kill"): Promise<void>;
  /** Starts it again on its data and its port. */
  start(): Promise<void>;
  /** Whether it has not ended: it runs, or is about to after a crash of a part of it. */
  running(): boolean;
  /** What the server has logged. */
  log(): string;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

const password = "for-tests-only";

/** What the tests rely on is said, whatever the server's version has for its defaults. */
const ownSettings: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  synchronous_commit: "on",
  jit: "off",
  max_connections: "200",
  max_wal_size: "2GB",
  shared_buffers: "128MB",
  timezone: "UTC",
  lc_messages: "C",
};

export async function startPostgres(wishes: PostgresWishes = {}): Promise<PostgresServer> {
  const { settings = {} } = wishes;
  const bin = postgresBinaries();
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-pg-"));
  const data = initialize(bin, folder, wishes);
  const port = await freePort();
  const all = Object.entries({ ...ownSettings, ...settings, port: String(port) });
  const keeper = startKeeper({
    command: join(bin, "postgres"),
    args: ["-D", data, ...all.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    ...serverUser(),
    cwd: data,
    log: join(folder, "server.log"),
    folder,
  });
  await keeper.tell("start", "ready");
  return createServerHandle(keeper, { port, log: join(folder, "server.log") });
}

/** @returns the data folder */
function initialize(bin: string, folder: string, { disk = folder, walSegmentMiB = 16 }: PostgresWishes): string {
  const user = serverUser();
  const data = join(disk, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  if (user !== undefined) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  const flags = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-locale", "--encoding=UTF8", "--no-sync", `--wal-segsize=${walSegmentMiB}`]; // prettier-ignore
  execFileSync(join(bin, "initdb"), ["-D", data, ...flags], {
    ...user,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return data;
}

function createServerHandle(
  keeper: Keeper,
  { port, log }: { readonly port: number; readonly log: string },
): PostgresServer {
  let databases = 0;
  const url = (database = "postgres"): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  return {
    url,
    createDatabase: async () => {
      const name = `test_${process.pid}_${(databases += 1)}`;
      await runStatement(url(), `CREATE DATABASE ${name} TEMPLATE template0`);
      return url(name);
    },
    dropDatabase: (given) => dropDatabase(url(), given),
    stop: async (how) => {
      await keeper.tell(how === "kill" ? "kill" : `signal ${how === "fast" ? "SIGINT" : "SIGQUIT"}`, "exited");
    },
    start: () => keeper.tell("start", "ready"),
    running: keeper.running,
    log: () => readFileSync(log, "utf8"),
    remove: () => keeper.end(),
  };
}

async function dropDatabase(server: string, url: string): Promise<void> {
  await runStatement(server, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

/** Makes a database on a server that another process has started. @returns its connection URL */
export async function createDatabaseOn(server: string, name: string): Promise<string> {
  await runStatement(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

export { dropDatabase as dropDatabaseOn };

async function runStatement(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

interface Keeper {
  /** Says a line and waits for the answer that begins so; rejects where the server ends instead. */
  tell(line: string, answer: "ready" | "exited"): Promise<void>;
  running(): boolean;
  end(): Promise<void>;
}

function startKeeper(plan: KeeperPlan): Keeper {
  const program = fileURLToPath(new URL(`keeper.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(plan)], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const waiting: ((line: string) => void)[] = [];
  let running = false;
  createInterface({ input: child.stdout }).on("line", (line) => {
    running = line === "ready";
    for (const hear of waiting.splice(0)) hear(line);
  });
  const hear = (): Promise<string> => new Promise((resolve) => void waiting.push(resolve));
  return {
    tell: async (line, answer) => {
      const heard = hear();
      child.stdin.write(`${line}\n`);
      const said = await heard;
      if (said.startsWith(answer)) return;
      throw new Error(
        `expected PostgreSQL to be ${answer}, it ${said}: ${readFileSync(plan.log, "utf8").slice(-2_000)}`,
      );
    },
    running: () => running,
    end: async () => {
      child.stdin.end();
      await exited;
      rmSync(plan.folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
