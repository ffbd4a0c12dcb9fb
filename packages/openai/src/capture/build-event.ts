/** Makes the usage event of a call from what was watched of it. Holds no text of a prompt or a completion (C7). */
import {
  type CallError,
  customerIdProblem,
  emptyEvent,
  type ErrorType,
  type Latency,
  limits,
  type RequestInfo,
  type SdkInfo,
  type Usage,
  type UsageEvent,
} from "@cmdrdata/protocol";

import { type Format, textOf } from "../answer.ts";
import type { Call } from "../call.ts";
import { isoTime } from "../clock.ts";
import type { Host } from "../hosts.ts";
import { nameOf } from "./error-message.ts";
import { readUsage } from "./usage.ts";

/** How a call ended: `error` is `null` unless it failed; `success` is `null` when nobody knows. */
export interface Outcome {
  readonly endTick: number;
  readonly error: CallError | null;
  readonly success: boolean | null;
}

/** What the event needs beside the call. */
export interface EventSource {
  readonly operation: string;
  readonly newId: (epochMs: number) => string;
  readonly customerId: string | undefined;
  readonly host: Pick<Host, "kind" | "region">;
  readonly sdk: SdkInfo;
}

export function buildEvent(call: Call, outcome: Outcome, source: EventSource): UsageEvent {
  const { answer } = call;
  const error = outcome.error ?? reportedFailure(call);
  const customer = attribute(call, source.customerId);
  const used = readUsage(answer.usage, answer.quantities);
  const request = readRequest(call, error, outcome);
  // Field by field, here and below: spreading costs several times as much, in every call.
  return {
    id: source.newId(call.startedAtMs),
    customer_id: customer.customer_id,
    attribution_error: customer.attribution_error,
    provider: source.host.kind === "azure" ? "azure" : "openai",
    operation: source.operation,
    model: oneLine(answer.model),
    requested_model: oneLine(call.requestedModel),
    service_tier: oneLine(answer.serviceTier),
    input_tokens: used.input_tokens,
    output_tokens: used.output_tokens,
    total_tokens: used.total_tokens,
    usage: answer.format === null ? used.usage : withFormat(used.usage, answer.format),
    timestamp: isoTime(call.startedAtMs),
    latency: readLatency(call, outcome.endTick),
    error: error ?? emptyEvent.error,
    request: source.host.region === null ? request : { ...request, region: source.host.region },
    trace: call.trace === null ? emptyEvent.trace : call.trace.ids,
    metadata: call.metadata,
    sdk: source.sdk,
    extra: emptyEvent.extra,
  };
}

/** Call before context before client default. A bad id makes the call nobody's: another customer must not pay for it. */
export function attribute(
  call: Call,
  clientCustomer: string | undefined,
): Pick<UsageEvent, "customer_id" | "attribution_error"> {
  const given = call.customerId ?? call.contextCustomer ?? clientCustomer;
  if (given === undefined || given === null) return { customer_id: null, attribution_error: null };
  const problem = customerIdProblem(given);
  if (problem === undefined) return { customer_id: given as string, attribution_error: null };
  return { customer_id: null, attribution_error: `${problem.code}: ${problem.message}` };
}

/** A failure that the answer itself tells, as a failed response does. */
function reportedFailure(call: Call): CallError | null {
  const { failure } = call.answer;
  if (failure === null) return null;
  return { occurred: true, type: "failed", code: nameOf(failure.code), message: "the provider reports a failure" };
}

function readRequest(call: Call, error: CallError | null, { success }: Outcome): RequestInfo {
  const { answer } = call;
  return {
    id: oneLine(call.requestId),
    response_id: oneLine(answer.responseId),
    streaming: call.streaming,
    finish_reason: oneLine(answer.finishReason),
    retry_count: Math.max(0, call.attempts - 1),
    success: error === null ? success : false,
  };
}

function withFormat(usage: Usage, format: Format): Usage {
  const size = oneLine(format.size ?? null);
  const quality = oneLine(format.quality ?? null);
  return { ...usage, ...(size === null ? {} : { size }), ...(quality === null ? {} : { quality }) };
}

function readLatency(call: Call, endTick: number): Latency {
  const durationMs = endTick - call.startedTick;
  const firstOutput = call.firstOutputTick;
  return {
    request_start_time: call.startedAtMs / 1_000,
    request_end_time: (call.startedAtMs + Math.round(durationMs)) / 1_000,
    duration_ms: Math.round(durationMs),
    time_to_first_token_ms: firstOutput === null ? null : Math.round(firstOutput - call.startedTick),
  };
}

export function oneLine(text: string | null): string | null {
  return textOf(text)?.slice(0, limits.textLength) ?? null;
}

/** A call that failed with one of the classes the protocol knows. */
export function callError(type: ErrorType, code: string | null, message: string): CallError {
  return { occurred: true, type, code, message };
}
