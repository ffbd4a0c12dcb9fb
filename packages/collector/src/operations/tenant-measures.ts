/**
 * What a tenant's bills go wrong by: calls without a price, and ids that came with two contents.
 *
 * Promise: at most as many tenants are named as the operator has asked for, by default none; all others are one. A tenant's
 * series begin at 0 with its first events, so that the first unpriced call is growth too.
 */
import type { UnpricedReason } from "@cmdrdata/pricing";
import { Counter, type Registry } from "prom-client";

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
