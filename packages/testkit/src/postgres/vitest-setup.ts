/**
 * The one PostgreSQL server of a run of vitest: a global set-up of each project whose tests use one.
 *
 * Promise: started once, whichever project asks first, and ended with the last. Tests make a database each of their own on it.
 */
import { type PostgresServer, startPostgres } from "./start-postgres.ts";

interface Shared {
  server: Promise<PostgresServer> | undefined;
  users: number;
}

/** Each project loads this module anew; the process is one. */
const place = globalThis as { [name: symbol]: Shared | undefined };
const name = Symbol.for("cmdrdata.testkit.postgres/1");

export default async function setUp(project: {
  provide(key: "postgres", url: string): void;
}): Promise<() => Promise<void>> {
  const shared = (place[name] ??= { server: undefined, users: 0 });
  shared.users += 1;
  const server = await (shared.server ??= startPostgres());
  project.provide("postgres", server.url());
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    shared.server = undefined;
    await server.remove();
  };
}
