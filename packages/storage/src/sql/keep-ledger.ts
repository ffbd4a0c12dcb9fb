/** The calls that change a ledger a little at a time, as far as they are the same on both engines. */
import type { LedgerKeeper } from "../ledger-keeper.ts";
import { buildDay, readBuiltDays, readReportingZone, readTenantsSince, setReportingZone } from "./day-table.ts";
import {
  backfillSome,
  declareDimension,
  readDimensions,
  removeDimension,
  type SequenceOf,
} from "./declare-dimension.ts";
import { beginErasure, eraseSome, type HeldRows, readErasure } from "./erase-customer.ts";
import type { Sql } from "./sql.ts";

/** What differs between engines. */
export type EngineWays = SequenceOf & HeldRows;

export function keepLedger(sql: Sql, engine: EngineWays): Omit<LedgerKeeper, "release" | "keepFrom" | "expireSome"> {
  return {
    beginErasure: (request) => beginErasure(sql, request),
    eraseSome: (nowMs) => eraseSome(sql, nowMs, engine),
    erasure: (tenant, receipt) => readErasure(sql, tenant, receipt),
    declareDimension: (wish) => declareDimension(sql, wish, engine),
    removeDimension: (wish) => removeDimension(sql, wish),
    dimensions: (tenant) => readDimensions(sql, tenant),
    backfillSome: () => backfillSome(sql, engine),
    reportingZone: (tenant) => readReportingZone(sql, tenant),
    setReportingZone: (tenant, timeZone) => setReportingZone(sql, tenant, timeZone),
    tenantsSince: () => readTenantsSince(sql),
    builtDays: (tenant) => readBuiltDays(sql, tenant),
    buildDay: (tenant, day) => buildDay(sql, { tenant, ...day }, engine.quiesce),
  };
}
