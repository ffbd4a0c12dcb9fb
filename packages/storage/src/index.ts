export { connectionStringForm, describeDatabase, isConnectionString } from "./postgres/connection-string.ts";
export { keyId } from "./key-store.ts";
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
  ApiKey,
  AppendOutcome,
  CostLine,
  Dimension,
  EventCost,
  EventOrigin,
  GroupKey,
  KeyStore,
  MetadataKey,
  NewApiKey,
  PricedEvent,
  ReceivedBody,
  Scope,
  TenantRecord,
  TimeRange,
  UsageFilter,
  UsageQuery,
  UsageRow,
  UsageStore,
  UsageSums,
} from "./store.ts";
export type { PriceStore, StoredBook, StoredTerm } from "./price-store.ts";
export type {
  NewRerate,
  Reprice,
  Rerate,
  RerateLine,
  RerateResult,
  RerateScope,
  RerateStore,
  UnpricedCount,
  UnpricedRow,
} from "./rerate-store.ts";
