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
    input: readInput(detailsOf(source, inputDetails)),
    output: readOutput(detailsOf(source, outputDetails)),
    quantities,
    raw: raw === null ? null : (copyCounts(raw) ?? copyJsonObject(raw, rawBounds, "usage.raw", [])),
  };
  return { input_tokens: input, output_tokens: output, total_tokens: total, usage };
}

/** So many names of {@link plainName}'s form stay within the bounds. */
const plainNames = 32;
const plainName = /^[a-z][a-z0-9_]{0,47}$/;
/** Names that are known to be of that form, in the order in which they last came: the same ones come with every call. */
const seenNames: string[] = [];

/**
 * Counts under plain names, in at most two levels, which is what providers send: copied straight, since the careful copy
 * costs as much as the rest of the event.
 *
 * @returns `undefined` for anything else
 */
function copyCounts(source: RawObject): JsonObject | undefined {
  const copy: Record<string, unknown> = { ...source };
  let names = 0;
  for (const name in copy) {
    if (!isPlain(name, names, copy)) return undefined;
    names += 1;
    const value = copy[name];
    if (isCount(value)) continue;
    const details = objectOf(value);
    if (details === undefined) return undefined;
    const copied = { ...details };
    for (const detail in copied) {
      if (!isPlain(detail, names, copied) || !isCount(copied[detail])) return undefined;
      names += 1;
    }
    copy[name] = copied;
  }
  return copy as JsonObject;
}

/** @param at - so many names came before it in this object and the ones around it */
function isPlain(name: string, at: number, owner: object): boolean {
  if (seenNames[at] !== name) {
    if (at >= plainNames || !plainName.test(name)) return false;
    seenNames[at] = name;
  }
  return Object.hasOwn(owner, name);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A count: an integer from 0; anything else is not known. */
export function count(value: unknown): number | null {
  return isCount(value) ? value : null;
}

function detailsOf(source: RawObject, names: readonly string[]): RawObject | undefined {
  for (const name of names) {
    const details = objectOf(source[name]);
    if (details !== undefined) return details;
  }
  return undefined;
}

type Written<Details> = { -readonly [Kind in keyof Details]: Details[Kind] };

/** Field by field, here and below: in a loop over names it takes three times as long, in every call. */
function readInput(details: RawObject | undefined): InputDetails {
  const read: Written<InputDetails> = {};
  if (details === undefined) return read;
  const { cached_tokens: cached, cache_write_tokens: written, audio_tokens: audio, image_tokens: image } = details;
  if (isCount(cached)) read.cached = cached;
  if (isCount(written)) read.cache_write = written;
  if (isCount(audio)) read.audio = audio;
  if (isCount(image)) read.image = image;
  return read;
}

function readOutput(details: RawObject | undefined): OutputDetails {
  const read: Written<OutputDetails> = {};
  if (details === undefined) return read;
  const { reasoning_tokens: reasoning, audio_tokens: audio, image_tokens: image } = details;
  const { accepted_prediction_tokens: accepted, rejected_prediction_tokens: rejected } = details;
  if (isCount(reasoning)) read.reasoning = reasoning;
  if (isCount(audio)) read.audio = audio;
  if (isCount(image)) read.image = image;
  if (isCount(accepted)) read.accepted_prediction = accepted;
  if (isCount(rejected)) read.rejected_prediction = rejected;
  return read;
}

function readQuantities(source: RawObject, counted: Quantities): Quantities {
  const seconds = source["type"] === "duration" ? source["seconds"] : undefined;
  // JSON can hold a number that is read as infinite.
  const told = typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0;
  return told ? { ...counted, audio_seconds: seconds } : counted;
}
