/** Objects as a table for a terminal, or as JSON for a program. */
import { CmdrdataError } from "@cmdrdata/protocol";
import Table from "cli-table3";

type Value = string | number | boolean | null | readonly string[] | undefined;

/**
 * @param format - `table` (the default) or `json`
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`
 */
export function listing<K extends string>(
  rows: readonly { readonly [N in K]?: Value }[],
  columns: readonly K[],
  format = "table",
): string {
  if (format === "json") return `${JSON.stringify(rows, null, 2)}\n`;
  if (format !== "table") {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", `--format: expected table or json, got ${JSON.stringify(format)}`);
  }
  const table = new Table({ head: [...columns], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(columns.map((column) => cell(row[column])));
  return `${table.toString()}\n`;
}

function cell(value: Value): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? value.join(", ") : String(value);
}
