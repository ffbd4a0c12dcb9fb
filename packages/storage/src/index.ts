export { addSums, noUsage } from "./sql/usage-sums.ts";
export { bucketMs } from "./store.ts";

export type {
  DeclaredDimension,
  Erasure,
  ErasureRequest,
  LedgerKeeper,
  Release,
  ReleaseOutcome,
} from "./ledger-keeper.ts";
export type {
  BodyReference,
  Conflict,
  CustomerSummary,
  EventCursor,
  EventQuery,
  EventStory,
  EventSummary,
  LedgerReader,
  NumberedQuery,
  Page,
  Quarantined,
} from "./ledger-reader.ts";
export type {
  ApiKeyRecord,
  AppendOutcome,
  CostLine,
  Dimension,
  EventCost,
  EventOrigin,
  GroupKey,
  MetadataKey,
  PricedEvent,
  ReceivedBody,
  Scope,
  TimeRange,
  UsageFilter,
  UsageQuery,
  UsageRow,
  UsageStore,
  UsageSums,
} from "./store.ts";
