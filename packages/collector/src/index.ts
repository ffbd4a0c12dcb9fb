export { buildCollector, openApiDocument } from "./build-collector.ts";
export { systemClock } from "./clock.ts";
export { hashApiKey } from "./http/authenticate.ts";
export { rememberKeys } from "./http/key-cache.ts";
export { openWriter } from "./ingest/writer.ts";
export { openKeeper } from "./keeping/keeper.ts";
export { openReader } from "./query/reader.ts";
export { formatUsd } from "./query/format-usd.ts";

export type { Collector, CollectorDeps } from "./build-collector.ts";
export type { Clock } from "./clock.ts";
export type { Check } from "./http/probe-routes.ts";
export type { Writer, WriterAnswer, WriterOptions } from "./ingest/writer.ts";
export type { StoreLocation } from "./open-store.ts";
export type { Keeper, Keeping } from "./keeping/keeper.ts";
export type { Ledger, Reader } from "./query/reader.ts";
export type { ReportedRow, ReportedSums, UsageReport } from "./query/usage-report.ts";
