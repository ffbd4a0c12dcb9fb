/**
 * How many events have no price now, and why, is counted over this index alone, as on SQLite. What is in quarantine is in no
 * sum, and not in it.
 */
export const unpricedCounts: string = `
CREATE INDEX events_unpriced_reasons ON events (tenant, unpriced_reason)
  WHERE unpriced_reason IS NOT NULL AND NOT quarantined;
`;
