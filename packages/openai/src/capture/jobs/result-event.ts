/**
 * The event of a job's result. All that see the end of a job make the same event, byte by byte, whoever and wherever they
 * are, so that the ledger takes it once and finds no conflict: the id is made from the job's, the times are the job's, and
 * nothing is said of the request that showed it, or of the version of the SDK that read it. The region is the job's: what
 * runs in one is shown by that region's host alone.
 */
import { emptyEvent, type JsonObject, sha256, type UsageEvent } from "@cmdrdata/protocol";

import type { Job, JobResult } from "../../answer.ts";
import { isoTime } from "../../clock.ts";
import { uuidV7From } from "../../uuid-v7.ts";
import { callError, oneLine } from "../build-event.ts";
import { nameOf } from "../error-message.ts";
import { readUsage } from "../usage.ts";

/** Whom a result is for. */
export interface ResultOwner {
  readonly customer_id: string | null;
  readonly attribution_error: string | null;
  readonly metadata: JsonObject;
}

export interface ResultSource {
  readonly provider: string;
  readonly region: string | null;
  readonly sdkName: string | null;
  /** For what has no id or no time of its own, and so cannot be seen by anybody else. */
  readonly nowMs: number;
  readonly newId: (epochMs: number) => string;
}

export function resultEvent(job: Job, result: JobResult, owner: ResultOwner, source: ResultSource): UsageEvent {
  const createdAtMs = jobTime(job) ?? source.nowMs;
  const used = readUsage(result.usage, result.quantities);
  const failed = job.failure !== null;
  return {
    ...emptyEvent,
    ...owner,
    id: job.id === null ? source.newId(createdAtMs) : resultId(createdAtMs, source.provider, job.id, result.part),
    provider: source.provider,
    operation: result.operation,
    model: oneLine(result.model),
    service_tier: oneLine(result.serviceTier),
    input_tokens: used.input_tokens,
    output_tokens: used.output_tokens,
    total_tokens: used.total_tokens,
    usage: { ...used.usage, input: { ...used.usage.input, ...result.input } },
    timestamp: isoTime(job.endedAtMs ?? createdAtMs),
    latency: readLatency(job),
    error: failed ? callError("failed", nameOf(job.failure?.code), "the provider reports a failure") : emptyEvent.error,
    request: {
      ...emptyEvent.request,
      response_id: oneLine(job.id),
      finish_reason: oneLine(job.status),
      success: !failed,
      ...(source.region === null ? {} : { region: source.region }),
    },
    sdk: { ...emptyEvent.sdk, name: source.sdkName },
  };
}

/** The same for all who see the job's end: when it was made, or else when it ended. `null` where it tells neither. */
export function jobTime({ createdAtMs, endedAtMs }: Job): number | null {
  return createdAtMs ?? endedAtMs;
}

/** A UUIDv7 of the time the job was made, with bits of a SHA-256 where others have random ones. */
function resultId(createdAtMs: number, ...names: readonly string[]): string {
  return uuidV7From(createdAtMs, sha256(JSON.stringify(names)));
}

function readLatency({ createdAtMs, endedAtMs }: Job): UsageEvent["latency"] {
  if (createdAtMs === null || endedAtMs === null) return emptyEvent.latency;
  return {
    ...emptyEvent.latency,
    request_start_time: createdAtMs / 1_000,
    request_end_time: endedAtMs / 1_000,
    duration_ms: Math.max(0, endedAtMs - createdAtMs),
  };
}
