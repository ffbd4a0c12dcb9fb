/** `cmdrdata usage`: asks a running collector who used what, and prints a table, JSON or CSV. */
import type { UsageReport } from "@cmdrdata/collector";
import { CmdrdataError } from "@cmdrdata/protocol";

import {
  answered,
  type ClientDeps,
  type ClientFlags,
  type CollectorClient,
  createCollectorClient,
  parsed,
} from "./client/collector-client.ts";
import { usageTable } from "./usage-table.ts";

/** Flags as they came. */
export interface UsageFlags extends ClientFlags {
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: string;
  readonly interval?: string;
  readonly tz?: string;
  readonly customer?: readonly string[];
  readonly model?: readonly string[];
  readonly top?: string;
  readonly order?: string;
  readonly format?: string;
}

const formats: readonly string[] = ["table", "json", "csv"];

/**
 * @returns the text to print
 * @throws CmdrdataError `CMDR_OPTIONS_INVALID`, and those of {@link createCollectorClient}
 */
export async function usageCommand(flags: UsageFlags, deps: ClientDeps): Promise<string> {
  const format = flags.format ?? "table";
  if (!formats.includes(format)) {
    throw new CmdrdataError(
      "CMDR_OPTIONS_INVALID",
      `--format: expected one of ${formats.join(", ")}, got ${JSON.stringify(format)}`,
    );
  }
  const text = await ask(createCollectorClient(flags, deps), flags, format);
  return format === "table" ? usageTable(readReport(text)) : text;
}

async function ask(client: CollectorClient, flags: UsageFlags, format: string): Promise<string> {
  const given = {
    group_by: flags.groupBy ?? "customer_id,model",
    from: flags.from,
    to: flags.to,
    interval: flags.interval,
    tz: flags.tz,
    customer_id: flags.customer === undefined ? undefined : [...flags.customer],
    model: flags.model === undefined ? undefined : [...flags.model],
    top: flags.top,
    order: flags.order,
    format: format === "csv" ? "csv" : undefined,
  };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return answered(client.GET("/api/v1/usage", { params: { query }, parseAs: "text" }));
}

function readReport(text: string): UsageReport {
  const report = parsed(text) as Partial<UsageReport> | null | undefined;
  if (Array.isArray(report?.rows) && Array.isArray(report.group_by) && typeof report.total === "object") {
    return report as UsageReport;
  }
  const message = `expected a usage report, got ${JSON.stringify(text.slice(0, 80))}: is --url a collector's?`;
  throw new CmdrdataError("CMDR_REPLY_UNREADABLE", message);
}
