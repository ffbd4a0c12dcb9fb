/** What the global set-ups of vitest hand to tests by `inject`. */
export type * from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection URL of the PostgreSQL server of this run: for a superuser, on its database `postgres`. */
    readonly postgres: string;
  }
}
