/**
 * Token counts from a provider's usage object.
 *
 * OpenAI names the same things twice (`prompt_`/`completion_` and `input_`/`output_`, `…_tokens_details` and
 * `…_token_details`); all spellings are read, wherever they come. Numbers are taken as reported: details are parts of
 * the totals and may overlap (C3). What is not reported, or is not a count, stays unknown: `null`, never 0 (C2).
 */
import {
  copyJsonObject,
  type InputDetails,
  type JsonObject,
  limits,
  type OutputDetails,
  type Quantities,
  type Usage,
} from "@cmdrdata/protocol";

import { objectOf, type RawObject } from "../answer.ts";

export interface ReadUsage {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly total_tokens: number | null;
  readonly usage: Usage;
}

const inputFields = {
  cached_tokens: "cached",
  cache_write_tokens: "cache_write",
  audio_tokens: "audio",
  image_tokens: "image",
} as const satisfies Record<string, keyof InputDetails>;

const outputFields = {
  reasoning_tokens: "reasoning",
  audio_tokens: "audio",
  image_tokens: "image",
  accepted_prediction_tokens: "accepted_prediction",
  rejected_prediction_tokens: "rejected_prediction",
} as const satisfies Record<string, keyof OutputDetails>;

const inputDetails = ["prompt_tokens_details", "input_tokens_details", "input_token_details"];
const outputDetails = ["completion_tokens_details", "output_tokens_details", "output_token_details"];

const rawBounds = { keys: limits.rawUsageKeys, depth: limits.rawUsageDepth, bytes: limits.rawUsageBytes };

/**
 * @param raw - the provider's usage object, if it sent one
 * @param counted - what is known beside the usage object of what is billed by something else than tokens
 */
export function readUsage(raw: RawObject | null, counted: Quantities): ReadUsage {
  const source = raw ?? {};
  const input = count(source["input_tokens"] ?? source["prompt_tokens"]);
  const output = count(source["output_tokens"] ?? source["completion_tokens"]);
  const total = count(source["total_tokens"]);
  const quantities = readQuantities(source, counted);
  const reported = input !== null || output !== null || total !== null || Object.keys(quantities).length > 0;
  const usage: Usage = {
    source: reported ? "reported" : "none",
    input: readDetails(detailsOf(source, inputDetails), inputFields),
    output: readDetails(detailsOf(source, outputDetails), outputFields),
    quantities,
    raw:
      raw === null ? null : (copyCounts(raw, { names: plainNames }) ?? copyJsonObject(raw, rawBounds, "usage.raw", [])),
  };
  return { input_tokens: input, output_tokens: output, total_tokens: total, usage };
}

/** So many names of {@link plainName}'s form stay within the bounds. */
const plainNames = 32;
const plainName = /^[a-z][a-z0-9_]{0,47}$/;
/** Names that are known to be of that form: the same ones come with every call. Bounded, like all that grows. */
const seenNames = new Set<string>();
const maxSeenNames = 200;

/**
 * Counts under plain names, in at most two levels, which is what providers send: copied straight, since the careful copy
 * costs as much as the rest of the event.
 *
 * @returns `undefined` for anything else
 */
function copyCounts(source: RawObject, left: { names: number }, nested = false): JsonObject | undefined {
  const copy: Record<string, number | JsonObject> = {};
  for (const name in source) {
    left.names -= 1;
    if (left.names < 0 || !Object.hasOwn(source, name) || !isPlain(name)) return undefined;
    const value = source[name];
    const details = nested ? undefined : objectOf(value);
    const copied = details === undefined ? count(value) : copyCounts(details, left, true);
    if (copied === null || copied === undefined) return undefined;
    copy[name] = copied;
  }
  return copy;
}

function isPlain(name: string): boolean {
  if (seenNames.has(name)) return true;
  if (!plainName.test(name)) return false;
  if (seenNames.size < maxSeenNames) seenNames.add(name);
  return true;
}

/** A count: an integer from 0; anything else is not known. */
export function count(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function detailsOf(source: RawObject, names: readonly string[]): RawObject | undefined {
  for (const name of names) {
    const details = objectOf(source[name]);
    if (details !== undefined) return details;
  }
  return undefined;
}

function readDetails<Kind extends string>(
  details: RawObject | undefined,
  fields: Readonly<Record<string, Kind>>,
): { readonly [K in Kind]?: number } {
  const read: { [K in Kind]?: number } = {};
  if (details === undefined) return read;
  for (const name in fields) {
    const value = count(details[name]);
    if (value !== null) read[fields[name] as Kind] = value;
  }
  return read;
}

function readQuantities(source: RawObject, counted: Quantities): Quantities {
  const seconds = source["type"] === "duration" ? source["seconds"] : undefined;
  // JSON can hold a number that is read as infinite.
  const told = typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0;
  return told ? { ...counted, audio_seconds: seconds } : counted;
}
