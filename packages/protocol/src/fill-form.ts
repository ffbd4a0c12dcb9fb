/** Writes the events of a form: a copy of its bytes, with the values of the event in their places. */
import type { UsageEvent } from "./event.ts";
import {
  type CountsObject,
  type Form,
  inInput,
  inOutput,
  inQuantities,
  inRaw,
  mostBytes,
  type Place,
  textWidth,
} from "./event-form.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;
const space = 0x20;
const lastPrintable = 0x7e;
const decimalPoint = 0x2e;
const closingBrace = 0x7d;
/** What is more is no small integer of the engine's. */
const mostNumber = 0x7fff_ffff;

/** Writes the values of an event into their places, one after the other, in the order of the wire. */
export class FormFiller {
  #places: readonly Place[] = [];
  #target: Uint8Array = new Uint8Array();
  #offset = 0;
  #at = 0;

  /** @returns how many bytes; 0 when a value has no place, or cannot be written into it */
  write({ bytes, places, labelled }: Form, event: UsageEvent, target: Uint8Array, offset: number): number {
    target.set(bytes, offset);
    this.#places = places;
    this.#target = target;
    this.#offset = offset;
    this.#at = 0;
    const filled =
      this.#head(event) &&
      this.#usage(event.usage) &&
      this.#latency(event.latency) &&
      this.#ids(event.request, event.trace);
    if (!filled || this.#at !== places.length) return 0;
    return labelled ? writeLabels(event, bytes.length, target, offset) : bytes.length;
  }

  #head(event: UsageEvent): boolean {
    return (
      this.#text(event.id) &&
      this.#text(event.customer_id) &&
      this.#number(event.input_tokens) &&
      this.#number(event.output_tokens) &&
      this.#number(event.total_tokens) &&
      this.#text(event.timestamp)
    );
  }

  #usage({ input, output, quantities, raw }: UsageEvent["usage"]): boolean {
    return (
      this.#counts(input, inInput) &&
      this.#counts(output, inOutput) &&
      this.#counts(quantities, inQuantities) &&
      (raw === null || this.#raw(raw))
    );
  }

  #latency(latency: UsageEvent["latency"]): boolean {
    return (
      this.#number(latency.request_start_time) &&
      this.#number(latency.request_end_time) &&
      this.#number(latency.duration_ms) &&
      this.#number(latency.time_to_first_token_ms)
    );
  }

  #ids(request: UsageEvent["request"], trace: UsageEvent["trace"]): boolean {
    return (
      this.#text(request.id) &&
      this.#text(request.response_id) &&
      this.#text(trace.trace_id) &&
      this.#text(trace.span_id)
    );
  }

  #text(value: string | null): boolean {
    if (value === null) return true;
    const { start, end } = this.#next();
    return textWidth(value) === end - start && writeText(value, this.#target, this.#offset + start);
  }

  #number(value: number | null): boolean {
    if (value === null) return true;
    const { start, end } = this.#next();
    return writeNumber(value, this.#target, this.#offset + start, this.#offset + end);
  }

  /** The counts of one object, all of which have their places, in their order. */
  #counts(values: object, object: CountsObject): boolean {
    for (const name in values) {
      if (!this.#count(name, (values as Readonly<Record<string, unknown>>)[name], object)) return false;
    }
    return this.#objectAt() !== object;
  }

  #count(name: string, value: unknown, object: CountsObject): boolean {
    if (typeof value !== "number" || this.#objectAt() !== object) return false;
    return this.#places[this.#at]?.name === name && this.#number(value);
  }

  /** Counts, and objects of counts. */
  #raw(raw: JsonObject): boolean {
    for (const name in raw) {
      const value = raw[name];
      const written = isJsonObject(value) ? this.#rawObject(name, value) : this.#count(name, value, inRaw);
      if (!written) return false;
    }
    return this.#objectAt() === null;
  }

  /** One without counts has no place by which it could be told. */
  #rawObject(name: string, counts: JsonObject): boolean {
    return this.#objectAt() === name && this.#counts(counts, name);
  }

  #objectAt(): CountsObject | null {
    return this.#places[this.#at]?.object ?? null;
  }

  #next(): Place {
    const place = this.#places[this.#at] as Place;
    this.#at += 1;
    return place;
  }
}

/** @returns `false` for a text that needs an escape or more than a byte for a character */
function writeText(text: string, target: Uint8Array, start: number): boolean {
  const { length } = text;
  target[start] = quote;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < space || unit > lastPrintable || unit === quote || unit === backslash) return false;
    target[start + 1 + at] = unit;
  }
  target[start + 1 + length] = quote;
  return true;
}

/** @param before - bytes of the event before its labels */
function writeLabels({ metadata }: UsageEvent, before: number, target: Uint8Array, offset: number): number {
  const text = JSON.stringify(metadata);
  const { length } = text;
  if (before + length >= mostBytes) return 0;
  const start = offset + before;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > lastPrintable) return 0;
    target[start + at] = unit;
  }
  target[start + length] = closingBrace;
  return before + length + 1;
}

/** Writes whole numbers, and thousandths, from 0: of such a number there are no shorter decimals than these. */
function writeNumber(value: number, target: Uint8Array, start: number, end: number): boolean {
  if (!(value >= 0 && value <= mostNumber)) return false;
  const whole = Math.trunc(value);
  if (whole === value) return writeDigits(whole, target, start, end);
  const thousandths = Math.round((value - whole) * 1_000);
  if ((whole * 1_000 + thousandths) / 1_000 !== value) return false;
  const point = end - 4;
  target[point] = decimalPoint;
  target[point + 1] = zero + Math.trunc(thousandths / 100);
  target[point + 2] = zero + (Math.trunc(thousandths / 10) % 10);
  target[point + 3] = zero + (thousandths % 10);
  return writeDigits(whole, target, start, point);
}

/** As many as there are, to the end of the place. @returns `false` when there are more than that */
function writeDigits(value: number, target: Uint8Array, start: number, end: number): boolean {
  let left = value;
  for (let at = end - 1; at >= start; at -= 1) {
    const more = Math.trunc(left / 10);
    target[at] = zero + left - more * 10;
    if (more === 0) return true;
    left = more;
  }
  return false;
}
