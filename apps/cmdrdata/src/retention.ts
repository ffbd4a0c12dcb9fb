/**
 * Drops what is older than it is to be kept, once an hour and at the start.
 *
 * Promise: it changes nothing of ingest and reports but what they find; a round that fails is said and tried again. Any
 * number of replicas may do it at once.
 */
import type { Clock } from "@cmdrdata/collector";
import type { PostgresStore } from "@cmdrdata/storage/postgres";
import type { Logger } from "pino";

const dayMs = 86_400_000;
const roundMs = 3_600_000;
/** After a round in which a report held what was to be dropped, or the database was away. */
const againMs = 60_000;

export interface RetentionDeps {
  /** `undefined` keeps everything. */
  readonly days: number | undefined;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "info" | "warn">;
}

/** @returns what ends it, after the round under way */
export function keepRetention(
  dropOlder: PostgresStore["dropOlder"] | undefined,
  { days, clock, logger }: RetentionDeps,
): { close(): Promise<void> } {
  if (days === undefined || dropOlder === undefined) return { close: async () => {} };
  let closed = false;
  let cancel = (): void => undefined;
  const round = async (): Promise<number> => {
    try {
      const { dropped, waiting } = await dropOlder(clock.now() - days * dayMs);
      if (dropped.length > 0) logger.info({ dropped }, "events older than they are to be kept were dropped");
      return waiting.length === 0 ? roundMs : againMs;
    } catch (error) {
      logger.warn({ err: error }, "events older than they are to be kept could not be dropped; it is tried again");
      return againMs;
    }
  };
  const run = async (): Promise<void> => {
    const nextMs = await round();
    if (closed) return;
    cancel = clock.schedule(nextMs, () => {
      running = run();
    });
  };
  let running = run();
  return {
    close: async () => {
      closed = true;
      cancel();
      await running;
    },
  };
}
