/**
 * Reads one usage event from any JSON value, or from any JavaScript value at all.
 *
 * Promise: an object always gives a complete event. What is wrong inside it is set aside field by field and listed in
 * `problems`; only a value that is no object is refused whole. Nothing but `CmdrdataError` is ever thrown, no accessor
 * and no `toJSON` is run. Unknown fields are kept, within bounds.
 */
import { CmdrdataError } from "./errors.ts";
import { emptyEvent, inputKinds, lowerBounds, outputKinds, quantityKinds } from "./event.ts";
import type { CallError, Latency, RequestInfo, SdkInfo, Trace, Usage, UsageEvent, UsageSource } from "./event.ts";
import { anyObject, copyJsonObject, parsedJson } from "./json.ts";
import type { FieldProblem, JsonBounds, JsonObject, ObjectAccess } from "./json.ts";
import { limits } from "./limits.ts";
import { collectUnknown } from "./unknown-fields.ts";
import { countOf, describeType, flagOf, isArray, problem, quantityOf, sectionOf, sentenceOf } from "./read-field.ts";
import { type Fields, textOf, textProblem, valueOf } from "./read-field.ts";
import { readTimestamp } from "./timestamp.ts";

/** An event as far as it could be read, and what was set aside on the way. */
export interface ParsedEvent {
  readonly event: UsageEvent;
  readonly problems: readonly FieldProblem[];
  /** An id that was set aside (a number, too long, unprintable), as JSON: it still tells one event from another. */
  readonly refusedId: string | undefined;
}

/**
 * @param value - one event as it came: parsed JSON, or any JavaScript value
 * @throws CmdrdataError `CMDR_EVENT_NOT_OBJECT` when it is no object, `CMDR_EVENT_UNREADABLE` when reading it throws (a hostile proxy)
 */
export function parseEvent(value: unknown): ParsedEvent {
  return readWhole(value, anyObject, unknownFields);
}

/** The same of a value that `JSON.parse` has made: in less time, as nothing in it is an accessor or throws. */
export function parseJsonEvent(value: unknown): ParsedEvent {
  return readWhole(value, parsedJson, unknownFields);
}

function unknownFields(fields: Fields): JsonObject {
  const unknown = collectUnknown(fields);
  return unknown === undefined ? {} : copyJsonObject(unknown, extraBounds, "extra", fields.problems);
}

/**
 * The same for an event that a program hands over as an object, and not as it is on the wire: unknown fields are in its
 * `extra`, as {@link parseEvent} puts them there, and nowhere else. Of an event of `parseEvent`'s it makes an equal one.
 *
 * @throws CmdrdataError as `parseEvent` does
 */
export function checkEvent(value: unknown): ParsedEvent {
  return readWhole(
    value,
    anyObject,
    (fields) => readJson(valueOf(fields, "extra"), "extra", extraBounds, fields.problems) ?? emptyEvent.extra,
  );
}

type ReadExtra = (fields: Fields) => JsonObject;

function readWhole(value: unknown, access: ObjectAccess, readExtra: ReadExtra): ParsedEvent {
  if (typeof value !== "object" || value === null || isArray(value)) {
    throw new CmdrdataError("CMDR_EVENT_NOT_OBJECT", `expected an event object, got ${describeType(value)}`);
  }
  const problems: FieldProblem[] = [];
  try {
    const fields = { source: value, path: "", problems, access };
    const event = readEvent(fields, readExtra);
    return { event, problems, refusedId: event.id === null ? asJson(valueOf(fields, "id")) : undefined };
  } catch (cause) {
    throw new CmdrdataError("CMDR_EVENT_UNREADABLE", "expected a plain event object, got one that throws when read", {
      cause,
    });
  }
}

/**
 * Checks a customer id.
 *
 * @returns what is wrong with it, or `undefined` when it is 1 to 256 printable characters, not only spaces
 */
export function customerIdProblem(value: unknown): FieldProblem | undefined {
  const field = "customer_id";
  if (typeof value !== "string")
    return problem("CMDR_FIELD_TYPE", field, `expected a text, got ${describeType(value)}`);
  // The length first: looking for what is not a space takes as long as a text is.
  if (value.length > limits.textLength) return textProblem(value, field);
  if (value.trim() === "") return problem("CMDR_FIELD_RANGE", field, "expected a text that is not empty");
  return textProblem(value, field);
}

/** Copies metadata within its bounds; what does not fit is left out and reported. */
export function readMetadata(value: unknown, problems: FieldProblem[]): JsonObject {
  return readJson(value, "metadata", metadataBounds, problems) ?? {};
}

const metadataBounds = { keys: limits.metadataKeys, depth: limits.metadataDepth, bytes: limits.metadataBytes };
const extraBounds = { ...metadataBounds, depth: limits.rawUsageDepth };
const rawBounds = { keys: limits.rawUsageKeys, depth: limits.rawUsageDepth, bytes: limits.rawUsageBytes };

function readEvent(top: Fields, readExtra: ReadExtra): UsageEvent {
  const { problems } = top;
  const inputTokens = countOf(top, "input_tokens");
  const outputTokens = countOf(top, "output_tokens");
  const totalTokens = countOf(top, "total_tokens");
  const id = textOf(top, "id");
  const attribution = readAttribution(top);
  const event: UsageEvent = {
    id,
    customer_id: attribution.customer_id,
    attribution_error: attribution.attribution_error,
    provider: textOf(top, "provider") ?? emptyEvent.provider,
    operation: textOf(top, "operation"),
    model: textOf(top, "model"),
    requested_model: textOf(top, "requested_model"),
    service_tier: textOf(top, "service_tier"),
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: totalTokens,
    usage: readUsage(sectionOf(top, "usage"), inputTokens ?? outputTokens ?? totalTokens),
    timestamp: readTime(valueOf(top, "timestamp"), problems),
    latency: readLatency(sectionOf(top, "latency")),
    error: readError(sectionOf(top, "error")),
    request: readRequest(sectionOf(top, "request")),
    trace: readTrace(sectionOf(top, "trace")),
    metadata: readMetadata(valueOf(top, "metadata"), problems),
    sdk: readSdk(sectionOf(top, "sdk")),
    extra: readExtra(top),
  };
  noteInconsistency(event, problems);
  return event;
}

/** Texts and numbers only: what else came as an id may be as deep as it likes. */
function asJson(id: unknown): string | undefined {
  return typeof id === "string" || typeof id === "number" ? JSON.stringify(id) : undefined;
}

function readAttribution(top: Fields): Pick<UsageEvent, "customer_id" | "attribution_error"> {
  const given = valueOf(top, "customer_id");
  const attributionError = textOf(top, "attribution_error");
  if (given === undefined || given === null) return { customer_id: null, attribution_error: attributionError };
  const found = customerIdProblem(given);
  if (found === undefined) return { customer_id: given as string, attribution_error: attributionError };
  top.problems.push(found);
  return { customer_id: null, attribution_error: attributionError ?? `${found.code}: ${found.message}` };
}

function readUsage(usage: Fields, anyTokens: number | null): Usage {
  const quantities = known(sectionOf(usage, "quantities"), quantityKinds, quantityOf);
  const reported = anyTokens !== null || Object.keys(quantities).length > 0;
  const estimatedBy = textOf(usage, "estimated_by");
  const lowerBound = readOneOf(usage, "lower_bound", lowerBounds);
  const size = textOf(usage, "size");
  const quality = textOf(usage, "quality");
  return {
    source: readOneOf(usage, "source", usageSources) ?? (reported ? "reported" : "none"),
    input: known(sectionOf(usage, "input"), inputKinds, countOf),
    output: known(sectionOf(usage, "output"), outputKinds, countOf),
    quantities,
    raw: readJson(valueOf(usage, "raw"), "usage.raw", rawBounds, usage.problems),
    ...(estimatedBy === null ? {} : { estimated_by: estimatedBy }),
    ...(lowerBound === null ? {} : { lower_bound: lowerBound }),
    ...(size === null ? {} : { size }),
    ...(quality === null ? {} : { quality }),
  };
}

const usageSources: readonly UsageSource[] = ["reported", "estimated", "none"];

function readOneOf<Choice extends string>(usage: Fields, name: string, choices: readonly Choice[]): Choice | null {
  const value = valueOf(usage, name);
  if (value === undefined || value === null) return null;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  usage.problems.push(problem("CMDR_FIELD_RANGE", `usage.${name}`, `expected one of ${choices.join(", ")}`));
  return null;
}

function readLatency(latency: Fields): Latency {
  return {
    request_start_time: quantityOf(latency, "request_start_time"),
    request_end_time: quantityOf(latency, "request_end_time"),
    duration_ms: quantityOf(latency, "duration_ms"),
    time_to_first_token_ms: quantityOf(latency, "time_to_first_token_ms"),
  };
}

function readError(error: Fields): CallError {
  return {
    occurred: flagOf(error, "occurred") ?? false,
    type: textOf(error, "type"),
    code: textOf(error, "code"),
    message: sentenceOf(error, "message"),
  };
}

function readRequest(request: Fields): RequestInfo {
  const region = textOf(request, "region");
  return {
    id: textOf(request, "id"),
    response_id: textOf(request, "response_id"),
    streaming: flagOf(request, "streaming"),
    finish_reason: textOf(request, "finish_reason"),
    retry_count: countOf(request, "retry_count"),
    success: flagOf(request, "success"),
    ...(region === null ? {} : { region }),
  };
}

function readTrace(trace: Fields): Trace {
  return { trace_id: textOf(trace, "trace_id"), span_id: textOf(trace, "span_id") };
}

function readSdk(sdk: Fields): SdkInfo {
  return {
    name: textOf(sdk, "name"),
    version: textOf(sdk, "version"),
    openai: textOf(sdk, "openai"),
    runtime: textOf(sdk, "runtime"),
  };
}

function readTime(value: unknown, problems: FieldProblem[]): string | null {
  if (value === undefined || value === null) return null;
  const time = readTimestamp(value);
  if (time !== undefined) return time;
  const expected = "expected epoch seconds or ISO 8601 text between the years 2000 and 2100";
  problems.push(problem("CMDR_FIELD_RANGE", "timestamp", `${expected}, got ${describeType(value)}`));
  return null;
}

function readJson(value: unknown, field: string, bounds: JsonBounds, problems: FieldProblem[]): JsonObject | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "object" && !isArray(value)) return copyJsonObject(value, bounds, field, problems);
  problems.push(problem("CMDR_FIELD_TYPE", field, `expected an object, got ${describeType(value)}`));
  return null;
}

/** Only what was reported: a kind that is absent stays absent, so that unknown is never 0. */
function known<K extends string>(
  section: Fields,
  kinds: readonly K[],
  read: (section: Fields, kind: K) => number | null,
): { readonly [P in K]?: number } {
  const reported: { [P in K]?: number } = {};
  for (const kind of kinds) {
    const count = read(section, kind);
    if (count !== null) reported[kind] = count;
  }
  return reported;
}

/** A part larger than its whole: the event is kept, but its cost cannot be trusted (see @cmdrdata/pricing). */
function noteInconsistency(event: UsageEvent, problems: FieldProblem[]): void {
  const { usage, input_tokens: input, output_tokens: output, total_tokens: total } = event;
  const compare = (field: string, part: number | null | undefined, whole: number | null): void => {
    if (typeof part !== "number" || whole === null || part <= whole) return;
    problems.push(
      problem("CMDR_FIELD_INCONSISTENT", field, `expected at most the ${whole} it is part of, got ${part}`),
    );
  };
  compare("usage.input.cached", usage.input.cached, input);
  compare("usage.input.cache_write", usage.input.cache_write, input);
  compare("usage.output.reasoning", usage.output.reasoning, output);
  compare("input_tokens", input, total);
  compare("output_tokens", output, total);
}
