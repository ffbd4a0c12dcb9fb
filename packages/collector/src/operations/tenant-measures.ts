/**
 * What a tenant's bills go wrong by: calls without a price, and ids that came with two contents.
 *
 * Promise: at most as many tenants are named as the operator has asked for, by default none; all others are one. A tenant's
 * counters begin at 0 with its first events, so that the first unpriced call is growth too. What is counted here is this
 * process's; what has no price now is the ledger's, and every replica says the same of it.
 */
import type { UnpricedReason } from "@cmdrdata/pricing";
import { Counter, Gauge, type Registry } from "prom-client";

import type { UnpricedReading } from "./unpriced-reading.ts";

interface TenantCounts {
  readonly tenant: string;
  readonly conflicts: number;
  /** By reason, events that were stored without a price. */
  readonly unpriced: Readonly<Record<string, number>>;
}

/** No name of a tenant has parentheses. */
const others = "(other)";

const reasons = Object.keys({
  model_missing: true,
  model_unknown: true,
  usage_unknown: true,
  usage_inconsistent: true,
  unit_unpriced: true,
  tier_unpriced: true,
} satisfies Record<UnpricedReason, true>) as readonly UnpricedReason[];

export function createTenantMeasures(registers: Registry[], mostTenants: number): (counts: TenantCounts) => void {
  const unpricedEvents = new Counter({
    name: "cmdrdata_unpriced_events_total",
    help: "Events stored without a price, by why.",
    labelNames: ["tenant", "reason"],
    registers,
  });
  const conflictingEvents = new Counter({
    name: "cmdrdata_conflicting_events_total",
    help: "Events with a known id and other content.",
    labelNames: ["tenant"],
    registers,
  });
  const begin = (tenant: string): void => {
    for (const reason of reasons) unpricedEvents.inc({ tenant, reason }, 0);
    conflictingEvents.inc({ tenant }, 0);
  };
  const named = new Set<string>();
  begin(others);
  return ({ tenant: name, conflicts, unpriced }) => {
    if (!named.has(name) && named.size < mostTenants) {
      named.add(name);
      begin(name);
    }
    const tenant = named.has(name) ? name : others;
    for (const [reason, count] of Object.entries(unpriced)) unpricedEvents.inc({ tenant, reason }, count);
    conflictingEvents.inc({ tenant }, conflicts);
  };
}

/**
 * What has no price now. Before the first reading there is no series: unknown is not 0.
 *
 * It is not called `cmdrdata_unpriced_events`: OpenMetrics calls the counter of the same name so.
 */
export function addUnpricedMeasure(registers: Registry[], read: UnpricedReading): void {
  const events = new Gauge({
    name: "cmdrdata_ledger_unpriced_events",
    help: "Events of the ledger that have no price now, by why.",
    labelNames: ["tenant", "reason"],
    registers,
    collect: async () => {
      const counts = await read();
      events.reset();
      for (const { tenant, byReason } of counts ?? []) {
        for (const reason of reasons) events.set({ tenant: tenant ?? others, reason }, byReason[reason] ?? 0);
      }
    },
  });
}
