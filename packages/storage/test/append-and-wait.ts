/**
 * A child process for S1: appends the batch it reads from standard input, says so, and waits to be killed. Its arguments are
 * the engine and the place.
 */
import { text } from "node:stream/consumers";

import type { PricedEvent } from "../src/store.ts";
import { openPostgresStore } from "../src/postgres/index.ts";
import { openSqliteStore } from "../src/sqlite/index.ts";

const [engine, place = ""] = process.argv.slice(2);
const store =
  engine === "sqlite"
    ? openSqliteStore({ path: place, now: Date.now })
    : await openPostgresStore({ connectionString: place, now: Date.now });
const read = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  if (value.startsWith("bytes:")) return Buffer.from(value.slice("bytes:".length), "base64");
  return value.startsWith("bigint:") ? BigInt(value.slice("bigint:".length)) : value;
};
const batch = JSON.parse(await text(process.stdin), (_name, value: unknown) => read(value)) as readonly PricedEvent[];
await store.append(batch);
process.stdout.write("answered\n");
setInterval(() => undefined, 60_000);
