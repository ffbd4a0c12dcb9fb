/** Rows as CSV. Promise: a text that a spreadsheet would run as a formula is escaped with a quote. */
import { stringify } from "csv-stringify/sync";

/** @param header - whether the first line names the columns */
export function writeCsv(columns: readonly string[], rows: readonly object[], header: boolean): string {
  // As lists: csv-stringify would take `metadata.team` for a field within a field.
  const lines = rows.map((row) => columns.map((name) => cellOf((row as Readonly<Record<string, unknown>>)[name])));
  return stringify(header ? [[...columns], ...lines] : lines, { escape_formulas: true });
}

function cellOf(value: unknown): unknown {
  return typeof value === "boolean" ? String(value) : value;
}
