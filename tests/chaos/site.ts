/** Where a day of the collector happens: collectors, what they keep the ledger on, and what can befall them there. */
import type { Ledger } from "./ledger.ts";
import type { Scene } from "./misfortunes.ts";

export type Engine = "sqlite" | "postgres";

export const misfortuneNames = {
  sqlite: [
    "the collector is killed",
    "the clock jumps",
    "connections storm in",
    "the file may not grow",
    "the disk fills up",
  ],
  postgres: [
    "a replica is killed",
    "a replica's clock jumps",
    "PostgreSQL is restarted",
    "PostgreSQL crashes",
    "PostgreSQL is killed",
    "connections storm in",
    "PostgreSQL and a replica are killed",
    "PostgreSQL's disk fills up",
  ],
} as const satisfies Readonly<Record<Engine, readonly string[]>>;

export type MisfortuneName = (typeof misfortuneNames)[Engine][number];

/** What happens, and is over when it resolves. @returns what was wrong meanwhile */
export type Misfortune = (scene: Scene) => Promise<readonly string[] | void>;

export interface Site {
  /** Of the collectors, as they are now. */
  readonly urls: () => readonly string[];
  readonly misfortunes: Readonly<Partial<Record<MisfortuneName, Misfortune>>>;
  /** What cannot happen here, each with the reason. */
  readonly skipped: Readonly<Partial<Record<MisfortuneName, string>>>;
  /** What is worth to be said of how it went. */
  remarks?(): string;
  /** Ends the collectors, and reads past them. */
  ledger(): Promise<Ledger>;
  end(): Promise<void>;
}
