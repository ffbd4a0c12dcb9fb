/**
 * The usage event: what one call to a provider's API used, for whom, and how it ended.
 *
 * The types are the wire's own shape (docs/wire-protocol.md), complete: what a sender left out reads as `null`, `{}` or
 * the stated default. A count that is not known is `null`, never 0.
 */
import type { JsonObject } from "./json.ts";

/** Where the token counts come from: the provider's own numbers, our estimate, or nowhere. */
export type UsageSource = "reported" | "estimated" | "none";

export const inputKinds = ["cached", "cache_write", "audio", "image"] as const;
export const outputKinds = ["reasoning", "audio", "image", "accepted_prediction", "rejected_prediction"] as const;
/** Which of the token counts are at least what they say, because a part of them could not be known. */
export const lowerBounds = ["input", "output", "both"] as const;
export type LowerBound = (typeof lowerBounds)[number];

export const quantityKinds = [
  "images",
  "audio_seconds",
  "characters",
  "video_seconds",
  "web_search_calls",
  "file_search_calls",
  "container_sessions",
  "trained_tokens",
] as const;

/** Parts of the input tokens, as far as reported. Parts may overlap: never subtract them all. */
export type InputDetails = { readonly [K in (typeof inputKinds)[number]]?: number };

/** Parts of the output tokens, as far as reported. Parts may overlap: never subtract them all. */
export type OutputDetails = { readonly [K in (typeof outputKinds)[number]]?: number };

/** What is billed by something else than tokens, as far as reported: counts, and seconds that may have a fraction. */
export type Quantities = { readonly [K in (typeof quantityKinds)[number]]?: number };

/** Details of the usage. `raw` is the provider's own usage object, kept as it came, within bounds. */
export interface Usage {
  readonly source: UsageSource;
  readonly input: InputDetails;
  readonly output: OutputDetails;
  readonly quantities: Quantities;
  readonly raw: JsonObject | null;
  /** How an estimate counted: the name of an encoding (`o200k_base`, …) or `characters`; absent unless estimated. */
  readonly estimated_by?: string;
  /** Present on estimates that cannot know everything: hidden reasoning, images, hosted tools, … */
  readonly lower_bound?: LowerBound;
  /** The size of the images or the video that were made, as asked for or answered (`1024x1792`); absent where not known. */
  readonly size?: string;
  /** Their quality (`standard`, `hd`, …), likewise. */
  readonly quality?: string;
}

/** Times of the call. `*_time` in seconds since 1970 UTC, with fraction; `*_ms` in milliseconds. */
export interface Latency {
  readonly request_start_time: number | null;
  readonly request_end_time: number | null;
  readonly duration_ms: number | null;
  readonly time_to_first_token_ms: number | null;
}

/** How the call failed, if it did. `type` is one of {@link errorTypes} when our SDK sends it; `message` is redacted. */
export interface CallError {
  readonly occurred: boolean;
  readonly type: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

/** The request as the provider and the SDK saw it. `id` is the provider's request id (`x-request-id`). */
export interface RequestInfo {
  readonly id: string | null;
  readonly response_id: string | null;
  readonly streaming: boolean | null;
  readonly finish_reason: string | null;
  readonly retry_count: number | null;
  readonly success: boolean | null;
  /** The region whose own host of OpenAI's served it (`eu` of `eu.api.openai.com`); absent of any other. */
  readonly region?: string;
}

/** W3C trace context of the call: hexadecimal ids. */
export interface Trace {
  readonly trace_id: string | null;
  readonly span_id: string | null;
}

/** What sent the event. */
export interface SdkInfo {
  readonly name: string | null;
  readonly version: string | null;
  readonly openai: string | null;
  readonly runtime: string | null;
}

/** One call, complete. `UsageEvent` is what `parseEvent` returns and `encodeEvent` takes. */
export interface UsageEvent {
  /** UUIDv7 made once per call: with the tenant, the idempotency key. `request.id` serves when absent. */
  readonly id: string | null;
  /** Who the call was made for; `null` is unattributed. At most 256 printable characters. */
  readonly customer_id: string | null;
  /** Why a given customer id was not used; `null` when none was given or it was fine. */
  readonly attribution_error: string | null;
  /** `openai` (the default), `azure`, … */
  readonly provider: string;
  /** `chat.completions`, `responses`, `embeddings`, … or the path of an endpoint not known by name. */
  readonly operation: string | null;
  /** The model as the response names it. */
  readonly model: string | null;
  /** The model as the request named it. */
  readonly requested_model: string | null;
  /** The tier the response says was used: `default`, `flex`, `priority`, `batch`, … */
  readonly service_tier: string | null;
  /** Tokens as the provider reports them: integers from 0 to 1e12; cached tokens are part of the input tokens. */
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly total_tokens: number | null;
  readonly usage: Usage;
  /** When the call was made: RFC 3339 in UTC with milliseconds, `2026-11-23T10:00:00.123Z`. */
  readonly timestamp: string | null;
  readonly latency: Latency;
  readonly error: CallError;
  readonly request: RequestInfo;
  readonly trace: Trace;
  /** The caller's own labels: at most 50 keys, 3 levels, 8 KiB. */
  readonly metadata: JsonObject;
  readonly sdk: SdkInfo;
  /** Fields of the wire that this version does not know, kept: top-level ones by name, nested ones under their section. */
  readonly extra: JsonObject;
}

/** The classes of `error.type` that our SDKs send. */
export type ErrorType =
  | "bad_request"
  | "authentication"
  | "permission"
  | "not_found"
  | "conflict"
  | "unprocessable"
  | "rate_limit"
  | "insufficient_quota"
  | "server_error"
  | "http_error"
  | "timeout"
  | "connection"
  | "aborted"
  | "stream_broken"
  | "response_unreadable"
  | "failed"
  | "unknown";

/**
 * Whether the provider refused a call that ended so: it answered with an HTTP error and bills nothing. For the others
 * it is not known what the provider did.
 */
export const errorTypes: Readonly<Record<ErrorType, { readonly refused: boolean }>> = {
  bad_request: { refused: true },
  authentication: { refused: true },
  permission: { refused: true },
  not_found: { refused: true },
  conflict: { refused: true },
  unprocessable: { refused: true },
  rate_limit: { refused: true },
  insufficient_quota: { refused: true },
  server_error: { refused: true },
  http_error: { refused: true },
  timeout: { refused: false },
  connection: { refused: false },
  aborted: { refused: false },
  stream_broken: { refused: false },
  response_unreadable: { refused: false },
  failed: { refused: false },
  unknown: { refused: false },
};

/** An event with nothing known yet: the start from which a sender builds one. */
export const emptyEvent: UsageEvent = {
  id: null,
  customer_id: null,
  attribution_error: null,
  provider: "openai",
  operation: null,
  model: null,
  requested_model: null,
  service_tier: null,
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  usage: { source: "none", input: {}, output: {}, quantities: {}, raw: null },
  timestamp: null,
  latency: { request_start_time: null, request_end_time: null, duration_ms: null, time_to_first_token_ms: null },
  error: { occurred: false, type: null, code: null, message: null },
  request: { id: null, response_id: null, streaming: null, finish_reason: null, retry_count: null, success: null },
  trace: { trace_id: null, span_id: null },
  metadata: {},
  sdk: { name: null, version: null, openai: null, runtime: null },
  extra: {},
};

/** The tokens of a call in all: as reported, else the sum of the parts that are known; `null` when nothing is. */
export function totalTokens(event: Pick<UsageEvent, "input_tokens" | "output_tokens" | "total_tokens">): number | null {
  if (event.total_tokens !== null) return event.total_tokens;
  if (event.input_tokens === null && event.output_tokens === null) return null;
  return (event.input_tokens ?? 0) + (event.output_tokens ?? 0);
}
