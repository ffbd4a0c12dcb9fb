/**
 * Commands on a ledger itself, where no collector runs: with `--data-dir` they open it as `cmdrdata serve` does, the folder's or
 * that of DATABASE_URL, and ask the collector's routes within this process.
 */
import { administerOffline } from "@cmdrdata/collector";

import type { ClientDeps } from "./client/collector-client.ts";
import { openLedger } from "./ledger.ts";
import { resolveServeOptions } from "./serve-options.ts";

/** @returns the same where a collector is to be asked */
export function offlineOr<Deps extends ClientDeps>(dataDir: string | undefined, deps: Deps): Deps {
  if (dataDir === undefined) return deps;
  const { data, databaseUrl } = resolveServeOptions({ data: dataDir }, { DATABASE_URL: deps.env["DATABASE_URL"] });
  return {
    ...deps,
    // Nothing is asked over a network, and no key is looked at: whoever can open the ledger has it.
    env: { CMDRDATA_API_KEY: `tk-${"0".repeat(43)}` },
    fetch: async ({ pathname, search }, { method, body }) => {
      const ledger = await openLedger({ data, databaseUrl });
      try {
        const given = typeof body === "string" ? { body } : {};
        const request = { method: method as "GET" | "POST" | "DELETE", url: pathname + search, ...given };
        const { status, text } = await administerOffline(ledger.store, request);
        return new Response(text, { status });
      } finally {
        await ledger.close();
      }
    },
  };
}
