export { bucketMs } from "./store.ts";

export type {
  ApiKeyRecord,
  AppendOutcome,
  CostLine,
  Dimension,
  EventCost,
  PricedEvent,
  Scope,
  TimeRange,
  UsageQuery,
  UsageRow,
  UsageStore,
  UsageSums,
} from "./store.ts";
