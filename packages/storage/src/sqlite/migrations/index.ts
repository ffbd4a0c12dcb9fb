/** The migrations, oldest first. A released one is never changed; the next change is the next number. */
import { usage } from "./0001-usage.ts";

/** One step of the schema. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [{ version: 1, name: "usage", sql: usage }];
