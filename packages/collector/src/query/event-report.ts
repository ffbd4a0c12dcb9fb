/** Events, their stories, and what is set aside, as they are answered. Times are RFC 3339 in UTC, money exact decimals. */
import { bucketMs, type Conflict, type EventStory, type EventSummary, type Quarantined } from "@cmdrdata/storage";

import { formatUsd } from "./format-usd.ts";
import { floorToBucket } from "../time-ranges.ts";

const timeOf = (epochMs: number): string => new Date(epochMs).toISOString();
const dayMs = 86_400_000;

export function reportEvent(summary: EventSummary): Readonly<Record<string, unknown>> {
  return {
    id: summary.id,
    timestamp: timeOf(summary.eventTimeMs),
    received_at: timeOf(summary.receivedAtMs),
    ...summary.dimensions,
    input_tokens: summary.inputTokens,
    cached_input_tokens: summary.cachedInputTokens,
    output_tokens: summary.outputTokens,
    reasoning_tokens: summary.reasoningTokens,
    total_tokens: summary.totalTokens,
    duration_ms: summary.durationUs === null ? null : summary.durationUs / 1_000,
    cost_usd: summary.costPicoUsd === null ? null : formatUsd(summary.costPicoUsd),
    unpriced_reason: summary.unpricedReason,
    flags: [...new Set(summary.problems.map(({ code }) => code))],
  };
}

export function reportConflict(conflict: Conflict): object {
  return {
    id: conflict.id,
    customer_id: conflict.customerId,
    timestamp: timeOf(conflict.eventTimeMs),
    content_hash: conflict.contentHash,
    first_received_at: timeOf(conflict.firstReceivedAtMs),
    last_received_at: timeOf(conflict.lastReceivedAtMs),
    times_received: conflict.timesReceived,
    body: bodyOf(conflict),
    event: JSON.parse(conflict.event) as unknown,
  };
}

export function reportQuarantined(held: Quarantined): object {
  return {
    id: held.id,
    number: held.number,
    customer_id: held.customerId,
    timestamp: timeOf(held.eventTimeMs),
    received_at: timeOf(held.receivedAtMs),
    content_hash: held.contentHash,
    reasons: held.reasons,
    problems: held.problems,
    body: bodyOf(held),
    event: JSON.parse(held.event) as unknown,
  };
}

/** What was decided about an event, and where it went: `removed` is one whose row retention has taken, not its sums. */
export function reportStory(id: string, story: EventStory): object {
  const { counted, quarantined, conflicts } = story;
  return {
    id,
    identity_day: timeOf(story.identityDay * dayMs).slice(0, 10),
    content_hash: story.contentHash,
    ...(counted === undefined ? notCounted(quarantined) : reportCounted(counted)),
    quarantine: quarantined === undefined ? null : reportQuarantined(quarantined),
    conflicts: conflicts.map(reportConflict),
  };
}

function notCounted(quarantined: Quarantined | undefined): object {
  const state = quarantined === undefined ? "removed" : "quarantined";
  return { state, event: null, summary: null, problems: [], cost: null, bucket: null, body: null };
}

function reportCounted(counted: Counted): object {
  return {
    state: "counted",
    event: JSON.parse(counted.event) as unknown,
    summary: reportEvent(counted),
    problems: counted.problems,
    cost: reportCost(counted),
    bucket: reportBucket(counted),
    body: bodyOf(counted),
  };
}

type Counted = NonNullable<EventStory["counted"]>;

/** A line of a cost as it is stored: amounts in pico-USD, as decimal texts. */
interface StoredLine {
  readonly unit: string;
  readonly quantity: number;
  readonly picoUsdEach: string;
  readonly picoUsd: string;
  readonly source: string;
}

function reportCost({ costPicoUsd, unpricedReason, bookVersion, costLines }: Counted): object {
  const lines = JSON.parse(costLines) as readonly StoredLine[];
  return {
    usd: costPicoUsd === null ? null : formatUsd(costPicoUsd),
    unpriced_reason: unpricedReason,
    book_version: bookVersion,
    lines: lines.map(({ unit, quantity, picoUsdEach, picoUsd, source }) => ({
      unit,
      quantity,
      usd_each: formatUsd(BigInt(picoUsdEach)),
      usd: formatUsd(BigInt(picoUsd)),
      source,
    })),
  };
}

function reportBucket({ eventTimeMs, dimensions }: Counted): object {
  const startMs = floorToBucket(eventTimeMs);
  return { start: timeOf(startMs), end: timeOf(startMs + bucketMs), ...dimensions };
}

function bodyOf({ body }: Pick<Counted, "body">): object | null {
  return body === null ? null : { id: body.bodyId, position: body.position };
}
