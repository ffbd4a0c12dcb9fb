/** `cmdrdata export`: events or sums of a running collector into a file, or as text to standard output, as they come. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { CmdrdataError } from "@cmdrdata/protocol";

import { answered, type ClientDeps, type ClientFlags, createCollectorClient } from "./client/collector-client.ts";

export interface ExportFlags extends ClientFlags {
  readonly what?: string;
  readonly format?: string;
  readonly output?: string;
  readonly from?: string;
  readonly to?: string;
  readonly customer?: readonly string[];
  readonly model?: readonly string[];
  readonly groupBy?: string;
  readonly interval?: string;
  readonly tz?: string;
}

/** @throws CmdrdataError `CMDR_OPTIONS_INVALID`, and those of {@link createCollectorClient} */
export async function exportCommand(
  flags: ExportFlags,
  deps: ClientDeps & { readonly out: { write(text: string): unknown } },
): Promise<void> {
  if (flags.format === "parquet" && flags.output === undefined) {
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", "expected --output with --format parquet, which is no text");
  }
  const { what, format, from, to, interval, tz } = flags;
  const given = {
    what,
    format,
    from,
    to,
    interval,
    tz,
    group_by: flags.groupBy,
    customer_id: flags.customer === undefined ? undefined : [...flags.customer],
    model: flags.model === undefined ? undefined : [...flags.model],
  };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const client = createCollectorClient(flags, deps);
  const stream = await answered(client.GET("/api/v1/export", { params: { query }, parseAs: "stream" }));
  await (flags.output === undefined ? print(stream, deps.out) : save(stream, flags.output));
}

async function print(stream: ReadableStream<Uint8Array>, out: { write(text: string): unknown }): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) out.write(decoder.decode(chunk, { stream: true }));
}

async function save(stream: ReadableStream<Uint8Array>, path: string): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(path));
  } catch (cause) {
    const message = `cannot write the export to ${path} (${String(cause)}): it is not whole`;
    throw new CmdrdataError("CMDR_OPTIONS_INVALID", message, { cause });
  }
}
