/** Keeps books and terms: V1 and V2 as in ../price-store.ts. */
import type { PriceStore, StoredBook, StoredTerm } from "../price-store.ts";
import type { Row, Sql } from "./sql.ts";

const selectVersion = "SELECT version FROM price_state WHERE only_row = 1";
const countUp = "UPDATE price_state SET version = version + 1 WHERE only_row = 1";

const bookColumns = "book_sequence, version, origin, created_at_ms";
const selectBook = `SELECT ${bookColumns}, book FROM price_books ORDER BY book_sequence DESC LIMIT 1`;
const selectBooks = `SELECT ${bookColumns} FROM price_books ORDER BY book_sequence DESC`;
const insertBook = `INSERT INTO price_books (${bookColumns}, book) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (book_sequence) DO NOTHING`;

const termColumns = "tenant, price_id, created_at_ms, removed_at_ms, price";
const selectTerms = `SELECT ${termColumns} FROM tenant_prices WHERE removed_at_ms IS NULL ORDER BY tenant, created_at_ms, price_id`;
const selectTermsOf = `SELECT ${termColumns} FROM tenant_prices WHERE tenant = $1 ORDER BY created_at_ms, price_id`;
const insertTerm = "INSERT INTO tenant_prices (tenant, price_id, created_at_ms, price) VALUES ($1, $2, $3, $4)";
const updateTerm = `UPDATE tenant_prices SET removed_at_ms = $3
  WHERE tenant = $1 AND price_id = $2 AND removed_at_ms IS NULL`;

export function createPriceStore(sql: Sql): PriceStore {
  /** V2. */
  const changing = (change: (now: Sql) => Promise<number>): Promise<boolean> =>
    sql.transaction(async (now) => {
      const changed = (await change(now)) > 0;
      if (changed) await now.run(countUp, []);
      return changed;
    });
  return {
    priceVersion: async () => Number((await sql.all(selectVersion, []))[0]?.["version"]),
    currentBook: async () => {
      const [row] = await sql.all(selectBook, []);
      return row && { ...readBook(row), book: String(row["book"]) };
    },
    listBooks: async () => (await sql.all(selectBooks, [])).map(readBook),
    addBook: async ({ version, origin, createdAtMs, book }, after) => {
      const values = [after + 1, version, origin, createdAtMs, book];
      return (await changing((now) => now.run(insertBook, values))) ? "added" : "outdated";
    },
    terms: async () => (await sql.all(selectTerms, [])).map(readTerm),
    listTerms: async (tenant) => (await sql.all(selectTermsOf, [tenant])).map(readTerm),
    addTerm: async ({ tenant, id, createdAtMs, term }) => {
      await changing((now) => now.run(insertTerm, [tenant, id, createdAtMs, term]));
    },
    removeTerm: async (tenant, id, atMs) =>
      (await changing((now) => now.run(updateTerm, [tenant, id, atMs]))) ? "removed" : "absent",
  };
}

function readBook(row: Row): Omit<StoredBook, "book"> {
  return {
    sequence: Number(row["book_sequence"]),
    version: String(row["version"]),
    origin: String(row["origin"]),
    createdAtMs: Number(row["created_at_ms"]),
  };
}

function readTerm(row: Row): StoredTerm {
  return {
    tenant: String(row["tenant"]),
    id: String(row["price_id"]),
    createdAtMs: Number(row["created_at_ms"]),
    removedAtMs: row["removed_at_ms"] === null ? null : Number(row["removed_at_ms"]),
    term: String(row["price"]),
  };
}
