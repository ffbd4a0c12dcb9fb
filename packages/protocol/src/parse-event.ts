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
import { copyJsonObject, ownValue } from "./json.ts";
import type { FieldProblem, JsonBounds, JsonObject } from "./json.ts";
import { limits } from "./limits.ts";
import { collectUnknown } from "./unknown-fields.ts";
import { describeType, fieldReader, isArray, problem, textProblem } from "./read-field.ts";
import type { FieldReader } from "./read-field.ts";
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
  return readWhole(value, (source, problems) =>
    copyJsonObject(collectUnknown(source, problems), extraBounds, "extra", problems),
  );
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
    (source, problems) => readJson(ownValue(source, "extra"), "extra", extraBounds, problems) ?? emptyEvent.extra,
  );
}

type ReadExtra = (source: object, problems: FieldProblem[]) => JsonObject;

function readWhole(value: unknown, readExtra: ReadExtra): ParsedEvent {
  if (typeof value !== "object" || value === null || isArray(value)) {
    throw new CmdrdataError("CMDR_EVENT_NOT_OBJECT", `expected an event object, got ${describeType(value)}`);
  }
  const problems: FieldProblem[] = [];
  try {
    const event = readEvent(value, problems, readExtra);
    return { event, problems, refusedId: event.id === null ? asJson(ownValue(value, "id")) : undefined };
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

function readEvent(source: object, problems: FieldProblem[], readExtra: ReadExtra): UsageEvent {
  const top = fieldReader(source, "", problems);
  const tokens = {
    input_tokens: top.count("input_tokens"),
    output_tokens: top.count("output_tokens"),
    total_tokens: top.count("total_tokens"),
  };
  const event: UsageEvent = {
    id: top.text("id"),
    ...readAttribution(top, problems),
    provider: top.text("provider") ?? emptyEvent.provider,
    operation: top.text("operation"),
    model: top.text("model"),
    requested_model: top.text("requested_model"),
    service_tier: top.text("service_tier"),
    ...tokens,
    usage: readUsage(
      top.section("usage"),
      tokens.input_tokens ?? tokens.output_tokens ?? tokens.total_tokens,
      problems,
    ),
    timestamp: readTime(top.value("timestamp"), problems),
    latency: readLatency(top.section("latency")),
    error: readError(top.section("error")),
    request: readRequest(top.section("request")),
    trace: readTrace(top.section("trace")),
    metadata: readMetadata(top.value("metadata"), problems),
    sdk: readSdk(top.section("sdk")),
    extra: readExtra(source, problems),
  };
  noteInconsistency(event, problems);
  return event;
}

/** Texts and numbers only: what else came as an id may be as deep as it likes. */
function asJson(id: unknown): string | undefined {
  return typeof id === "string" || typeof id === "number" ? JSON.stringify(id) : undefined;
}

function readAttribution(
  top: FieldReader,
  problems: FieldProblem[],
): Pick<UsageEvent, "customer_id" | "attribution_error"> {
  const given = top.value("customer_id");
  const attributionError = top.text("attribution_error");
  if (given === undefined || given === null) return { customer_id: null, attribution_error: attributionError };
  const found = customerIdProblem(given);
  if (found === undefined) return { customer_id: given as string, attribution_error: attributionError };
  problems.push(found);
  return { customer_id: null, attribution_error: attributionError ?? `${found.code}: ${found.message}` };
}

function readUsage(usage: FieldReader, anyTokens: number | null, problems: FieldProblem[]): Usage {
  const input = usage.section("input");
  const output = usage.section("output");
  const quantities = usage.section("quantities");
  const quantity = known(quantities.each(quantityKinds, quantities.quantity));
  const reported = anyTokens !== null || Object.keys(quantity).length > 0;
  const estimatedBy = usage.text("estimated_by");
  const lowerBound = readOneOf(usage, "lower_bound", lowerBounds, problems);
  return {
    source: readOneOf(usage, "source", usageSources, problems) ?? (reported ? "reported" : "none"),
    input: known(input.each(inputKinds, input.count)),
    output: known(output.each(outputKinds, output.count)),
    quantities: quantity,
    raw: readJson(usage.value("raw"), "usage.raw", rawBounds, problems),
    ...(estimatedBy === null ? {} : { estimated_by: estimatedBy }),
    ...(lowerBound === null ? {} : { lower_bound: lowerBound }),
  };
}

const usageSources: readonly UsageSource[] = ["reported", "estimated", "none"];

function readOneOf<Choice extends string>(
  usage: FieldReader,
  name: string,
  choices: readonly Choice[],
  problems: FieldProblem[],
): Choice | null {
  const value = usage.value(name);
  if (value === undefined || value === null) return null;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  problems.push(problem("CMDR_FIELD_RANGE", `usage.${name}`, `expected one of ${choices.join(", ")}`));
  return null;
}

function readLatency(latency: FieldReader): Latency {
  return {
    request_start_time: latency.quantity("request_start_time"),
    request_end_time: latency.quantity("request_end_time"),
    duration_ms: latency.quantity("duration_ms"),
    time_to_first_token_ms: latency.quantity("time_to_first_token_ms"),
  };
}

function readError(error: FieldReader): CallError {
  return {
    occurred: error.flag("occurred") ?? false,
    type: error.text("type"),
    code: error.text("code"),
    message: error.sentence("message"),
  };
}

function readRequest(request: FieldReader): RequestInfo {
  return {
    id: request.text("id"),
    response_id: request.text("response_id"),
    streaming: request.flag("streaming"),
    finish_reason: request.text("finish_reason"),
    retry_count: request.count("retry_count"),
    success: request.flag("success"),
  };
}

function readTrace(trace: FieldReader): Trace {
  return { trace_id: trace.text("trace_id"), span_id: trace.text("span_id") };
}

function readSdk(sdk: FieldReader): SdkInfo {
  return {
    name: sdk.text("name"),
    version: sdk.text("version"),
    openai: sdk.text("openai"),
    runtime: sdk.text("runtime"),
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
function known<K extends string>(counts: Readonly<Record<K, number | null>>): { readonly [P in K]?: number } {
  const reported: { [P in K]?: number } = {};
  for (const kind of Object.keys(counts) as K[]) {
    const count = counts[kind];
    if (count !== null) reported[kind] = count;
  }
  return reported;
}

/** A part larger than its whole: the event is kept, but its cost cannot be trusted (see @cmdrdata/pricing). */
function noteInconsistency(event: UsageEvent, problems: FieldProblem[]): void {
  const { input, output } = event.usage;
  const parts = [
    ["usage.input.cached", input.cached, event.input_tokens],
    ["usage.input.cache_write", input.cache_write, event.input_tokens],
    ["usage.output.reasoning", output.reasoning, event.output_tokens],
    ["input_tokens", event.input_tokens, event.total_tokens],
    ["output_tokens", event.output_tokens, event.total_tokens],
  ] as const;
  for (const [field, part, whole] of parts) {
    if (typeof part === "number" && whole !== null && part > whole) {
      problems.push(
        problem("CMDR_FIELD_INCONSISTENT", field, `expected at most the ${whole} it is part of, got ${part}`),
      );
    }
  }
}
