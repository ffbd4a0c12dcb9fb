/** Forms of events: what all events of a form have in common, and where they differ. See write-event.ts. */
import { isEmpty } from "./encode-event.ts";
import type { UsageEvent } from "./event.ts";

/** What is written of an event is never more: a longer one is of no form. */
export const mostBytes = 4_096;
/** Texts of about the same length have the same place. */
const textWidthStep = 16;

export interface Form {
  /** The event it was made of: those of the form have the same fields, and differ in values that have a place. */
  readonly of: UsageEvent;
  /** With labels, up to these. */
  readonly bytes: Uint8Array;
  readonly places: readonly Place[];
  /** The event has labels, which come last, whatever they are. */
  readonly labelled: boolean;
}

/** Where a value of the wire is written. */
export interface Place {
  readonly start: number;
  readonly end: number;
  /** Of a count of the usage: its name, and which object it is in; `null` for anything else. */
  readonly name: string | null;
  readonly object: CountsObject | null;
}

/** An object of counts: one of the event's own, or one within `usage.raw` by its name there. */
export type CountsObject = symbol | string;

export const inInput: unique symbol = Symbol("usage.input");
export const inOutput: unique symbol = Symbol("usage.output");
export const inQuantities: unique symbol = Symbol("usage.quantities");
export const inRaw: unique symbol = Symbol("usage.raw");

/** @returns bytes, the quotes included */
export function textWidth({ length }: string): number {
  return Math.ceil((length + 2) / textWidthStep) * textWidthStep;
}

/** Whether all that has no place is the same, and the same is `null`. @param of - one that may have a form */
export function isOfForm(event: UsageEvent, of: UsageEvent): boolean {
  return (
    event.model === of.model &&
    event.operation === of.operation &&
    event.requested_model === of.requested_model &&
    event.service_tier === of.service_tier &&
    event.provider === of.provider &&
    event.sdk === of.sdk &&
    sameHead(event, of) &&
    sameUsage(event.usage, of.usage) &&
    sameLatency(event.latency, of.latency) &&
    sameRequest(event.request, of.request) &&
    mayHaveForm(event)
  );
}

function sameHead(event: UsageEvent, of: UsageEvent): boolean {
  return (
    sameNull(event.id, of.id) &&
    sameNull(event.customer_id, of.customer_id) &&
    sameNull(event.input_tokens, of.input_tokens) &&
    sameNull(event.output_tokens, of.output_tokens) &&
    sameNull(event.total_tokens, of.total_tokens) &&
    sameNull(event.timestamp, of.timestamp) &&
    sameNull(event.trace.trace_id, of.trace.trace_id) &&
    sameNull(event.trace.span_id, of.trace.span_id) &&
    isEmpty(event.metadata) === isEmpty(of.metadata)
  );
}

/** Whether it has nothing of what few events have, and no form. */
export function mayHaveForm({ attribution_error, error, extra }: UsageEvent): boolean {
  return (
    attribution_error === null &&
    !error.occurred &&
    error.type === null &&
    error.code === null &&
    error.message === null &&
    isEmpty(extra)
  );
}

function sameUsage(usage: UsageEvent["usage"], of: UsageEvent["usage"]): boolean {
  return (
    usage.source === of.source &&
    usage.estimated_by === of.estimated_by &&
    usage.lower_bound === of.lower_bound &&
    usage.size === of.size &&
    usage.quality === of.quality &&
    sameNull(usage.raw, of.raw)
  );
}

function sameLatency(latency: UsageEvent["latency"], of: UsageEvent["latency"]): boolean {
  return (
    sameNull(latency.request_start_time, of.request_start_time) &&
    sameNull(latency.request_end_time, of.request_end_time) &&
    sameNull(latency.duration_ms, of.duration_ms) &&
    sameNull(latency.time_to_first_token_ms, of.time_to_first_token_ms)
  );
}

function sameRequest(request: UsageEvent["request"], of: UsageEvent["request"]): boolean {
  return (
    request.finish_reason === of.finish_reason &&
    request.streaming === of.streaming &&
    request.success === of.success &&
    request.retry_count === of.retry_count &&
    request.region === of.region &&
    sameNull(request.id, of.id) &&
    sameNull(request.response_id, of.response_id)
  );
}

function sameNull(value: unknown, other: unknown): boolean {
  return (value === null) === (other === null);
}
