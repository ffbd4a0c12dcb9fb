/** A ledger as it lies on the disk or in the database, read past the collector. */
import { DatabaseSync } from "node:sqlite";

import pg from "pg";

/** What the events of a customer add up to, counted one by one, and what the roll-up says of them. */
export interface Counted {
  readonly customer: string;
  readonly calls: number;
  readonly tokens: number;
}

export interface Ledger {
  /** From the events: one row each, so that an event that is there twice counts twice. */
  readonly events: readonly Counted[];
  readonly rollUp: readonly Counted[];
  /** Cost in 1e-12 dollars, from both. */
  readonly eventsPicoUsd: bigint;
  readonly rollUpPicoUsd: bigint;
  /** Days that are summed up, and not to what the roll-up says of them. */
  readonly wrongDays: number;
  /** Events that are held back, each a row. */
  readonly heldBack: number;
}

const cost =
  "CAST(coalesce(sum(cost_milli_usd), 0) AS TEXT) AS milli, CAST(coalesce(sum(cost_rest_pico_usd), 0) AS TEXT) AS rest";

/** @param counted - the rows of `events` that are for the sums */
const questionsOn = (counted: string) => ({
  events: `SELECT customer_id AS customer, CAST(count(*) AS TEXT) AS calls, CAST(sum(total_tokens) AS TEXT) AS tokens
    FROM ${counted} GROUP BY customer_id ORDER BY customer_id`,
  rollUp: `SELECT customer_id AS customer, CAST(sum(calls) AS TEXT) AS calls, CAST(sum(total_tokens) AS TEXT) AS tokens
    FROM usage_15m GROUP BY customer_id ORDER BY customer_id`,
  eventsCost: `SELECT ${cost} FROM ${counted}`,
  rollUpCost: `SELECT ${cost} FROM usage_15m`,
  wrongDays: `SELECT count(*) AS rows FROM usage_day_built b WHERE building = 0 AND
    (SELECT coalesce(sum(calls), 0) FROM usage_day d
      WHERE d.tenant = b.tenant AND d.day_start_ms = b.day_start_ms AND view = 'customer_id') <>
    (SELECT coalesce(sum(calls), 0) FROM usage_15m u
      WHERE u.tenant = b.tenant AND bucket_start_ms >= b.day_start_ms AND bucket_start_ms < b.day_end_ms)`,
  heldBack: "SELECT count(*) AS rows FROM quarantined_events",
});

/** On PostgreSQL what is held back has a row there too, that holds its identity. */
const countedOn = { sqlite: "events", postgres: "(SELECT * FROM events WHERE NOT quarantined) AS counted" };

type Ask = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export async function readSqliteLedger(path: string): Promise<Ledger> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return await readLedger(countedOn.sqlite, async (text) => database.prepare(text).all());
  } finally {
    database.close();
  }
}

export async function readPostgresLedger(url: string): Promise<Ledger> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await readLedger(
      countedOn.postgres,
      async (text) => (await client.query<Record<string, unknown>>(text)).rows,
    );
  } finally {
    await client.end();
  }
}

async function readLedger(from: string, ask: Ask): Promise<Ledger> {
  const questions = questionsOn(from);
  const counted = async (text: string): Promise<readonly Counted[]> =>
    (await ask(text)).map((row) => ({
      customer: row["customer"] as string,
      calls: Number(row["calls"]),
      tokens: Number(row["tokens"]),
    }));
  const picoUsd = async (text: string): Promise<bigint> => {
    const [row] = await ask(text);
    return BigInt(row?.["milli"] as string) * 1_000_000_000n + BigInt(row?.["rest"] as string);
  };
  const rows = async (text: string): Promise<number> => Number((await ask(text))[0]?.["rows"]);
  return {
    events: await counted(questions.events),
    rollUp: await counted(questions.rollUp),
    eventsPicoUsd: await picoUsd(questions.eventsCost),
    rollUpPicoUsd: await picoUsd(questions.rollUpCost),
    wrongDays: await rows(questions.wrongDays),
    heldBack: await rows(questions.heldBack),
  };
}
