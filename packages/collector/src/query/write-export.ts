/** Writes the rows of an export as CSV, as NDJSON or as Parquet, chunk by chunk. */
import type { ByteWriter, ParquetWriter } from "hyparquet-writer";

import type { Column, ColumnType, ExportRow, ExportRows } from "./export-rows.ts";
import { writeCsv } from "./write-csv.ts";

export const exportFormats = ["csv", "ndjson", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const contentTypes: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

export function writeExport(rows: ExportRows, format: ExportFormat): AsyncGenerator<string | Uint8Array> {
  switch (format) {
    case "csv":
      return csvOf(rows);
    case "ndjson":
      return ndjsonOf(rows);
    case "parquet":
      return parquetOf(rows);
  }
}

async function* csvOf({ columns, pages }: ExportRows): AsyncGenerator<string> {
  const names = columns.map(({ name }) => name);
  yield writeCsv(names, [], true);
  for await (const page of pages) if (page.length > 0) yield writeCsv(names, page, false);
}

async function* ndjsonOf({ columns, pages }: ExportRows): AsyncGenerator<string> {
  for await (const page of pages) {
    const lines = page.map((row) =>
      JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]))),
    );
    if (lines.length > 0) yield `${lines.join("\n")}\n`;
  }
}

/** Rows of a row group: readers skip by them, and small ones cost space. */
const groupSize = 10_000;

async function* parquetOf({ columns, pages }: ExportRows): AsyncGenerator<Uint8Array> {
  // Loaded here: few exports are of this form.
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const writer = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: columnsOf(columns, []) });
  const file = new ParquetWriter({ writer, schema, createdBy: "cmdrdata" });
  let group: ExportRow[] = [];
  for await (const page of pages) {
    group.push(...page);
    if (group.length < groupSize) continue;
    yield writeGroup({ file, writer, columns }, group);
    group = [];
  }
  if (group.length > 0) yield writeGroup({ file, writer, columns }, group);
  await file.finish();
  yield taken(writer);
}

function writeGroup(
  { file, writer, columns }: { file: ParquetWriter; writer: ByteWriter; columns: readonly Column[] },
  rows: readonly ExportRow[],
): Uint8Array {
  // Without a `flush` the writer answers at once, and never with a promise.
  void file.write({ columnData: columnsOf(columns, rows), rowGroupSize: rows.length });
  return taken(writer);
}

/** What was written since; the writer counts on, so that positions in the file stay right. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = new Uint8Array(writer.buffer, 0, writer.index).slice();
  writer.index = 0;
  return bytes;
}

const parquetTypes = { text: "STRING", time: "TIMESTAMP", count: "INT64", number: "DOUBLE" } as const;

function columnsOf(columns: readonly Column[], rows: readonly ExportRow[]) {
  return columns.map(({ name, type }) => ({
    name,
    type: parquetTypes[type],
    nullable: true,
    data: rows.map((row) => parquetValue(row[name], type)),
  }));
}

function parquetValue(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (type === "count") return BigInt(value as number);
  return type === "time" ? new Date(value as string) : value;
}
