/**
 * Counts that all replicas share, by counter and window.
 *
 * Promise: what all of them add to a window is counted once, and each is told the sum that includes its own. Windows that
 * are over for two minutes are taken away by whoever begins a new one.
 */
import type { Sql } from "./sql.ts";

export interface RateStore {
  /** @returns what is used of the window, with `amount`; 0 only looks */
  addToRate(counter: string, windowStartMs: number, amount: number): Promise<number>;
}

const keptMs = 120_000;

const add = `INSERT INTO rate_windows (counter, window_start_ms, used) VALUES ($1, $2, $3)
  ON CONFLICT (counter, window_start_ms) DO UPDATE SET used = rate_windows.used + excluded.used
  RETURNING used`;
const look = "SELECT used FROM rate_windows WHERE counter = $1 AND window_start_ms = $2";
const forget = "DELETE FROM rate_windows WHERE window_start_ms < $1";

export function createRateStore(sql: Sql): RateStore {
  let newestMs = -Infinity;
  return {
    addToRate: async (counter, windowStartMs, amount) => {
      if (windowStartMs > newestMs) {
        newestMs = windowStartMs;
        await sql.run(forget, [windowStartMs - keptMs]);
      }
      const text = amount === 0 ? look : add;
      const values = [counter, windowStartMs];
      const [row] = await sql.all(text, amount === 0 ? values : [...values, amount]);
      return Number(row?.["used"] ?? 0);
    },
  };
}
