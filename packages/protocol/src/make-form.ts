/** Makes the form of an event: of what `encodeEvent` writes, which alone tells what the wire looks like. */
import { encodeEvent, isEmpty } from "./encode-event.ts";
import type { UsageEvent } from "./event.ts";
import {
  type CountsObject,
  type Form,
  inInput,
  inOutput,
  inQuantities,
  inRaw,
  mayHaveForm,
  mostBytes,
  type Place,
  textWidth,
} from "./event-form.ts";
import type { FormFiller } from "./fill-form.ts";
import { isJsonObject, type JsonValue } from "./json.ts";

/** Room for a count, and for a time in seconds with its thousandths. */
const wholeWidth = 7;
const fractionWidth = 14;
const space = 0x20;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @returns `undefined` for an event that has something which no form can hold */
export function makeForm(event: UsageEvent, filler: FormFiller): Form | undefined {
  if (!mayHaveForm(event)) return undefined;
  const json = encodeEvent(event);
  const labelled = !isEmpty(event.metadata);
  const pieces = encodeEvent(withMarks(event))
    .split(markAsJson)
    .map((piece) => encoder.encode(piece));
  // After the labels, there is nothing but the end.
  if (labelled) pieces.pop();
  const values = valuesOf(event);
  // As when the event itself has a mark in it.
  if (pieces.length !== values.length + 1) return undefined;
  const form = { of: event, labelled, ...layOut(pieces, values) };
  if (form.bytes.length > mostBytes) return undefined;
  const written = new Uint8Array(mostBytes);
  const bytes = filler.write(form, event, written, 0);
  return bytes > 0 && readsAs(written.subarray(0, bytes), json) ? form : undefined;
}

function readsAs(written: Uint8Array, json: string): boolean {
  return JSON.stringify(JSON.parse(decoder.decode(written))) === json;
}

type PlacedValue = Pick<Place, "name" | "object"> & { readonly value: JsonValue };

/** The values that have places, in the order of the wire. */
function valuesOf(event: UsageEvent): readonly PlacedValue[] {
  const { usage, latency, request, trace } = event;
  const { id, customer_id, input_tokens, output_tokens, total_tokens, timestamp } = event;
  const head = { id, customer_id, input_tokens, output_tokens, total_tokens, timestamp };
  const all = [
    ...placed(head, null),
    ...placed(usage.input, inInput),
    ...placed(usage.output, inOutput),
    ...placed(usage.quantities, inQuantities),
    ...Object.entries(usage.raw ?? {}).flatMap(([name, value]) =>
      isJsonObject(value) ? placed(value, name) : [{ name, object: inRaw, value }],
    ),
    ...placed(latency, null),
    ...placed({ id: request.id, response_id: request.response_id }, null),
    ...placed(trace, null),
  ];
  return all.filter(({ value }) => value !== null);
}

function placed(values: object, object: CountsObject | null): readonly PlacedValue[] {
  return Object.entries(values).map(([name, value]: [string, JsonValue]) => ({
    name: object === null ? null : name,
    object,
    value,
  }));
}

/** Puts a place of spaces for each value between the pieces. */
function layOut(pieces: readonly Uint8Array[], values: readonly PlacedValue[]): Pick<Form, "bytes" | "places"> {
  const places: Place[] = [];
  let length = 0;
  const starts = pieces.map((piece, at) => {
    const start = length;
    length += piece.length;
    const value = values[at];
    if (value === undefined) return start;
    const end = length + widthOf(value.value);
    places.push({ start: length, end, name: value.name, object: value.object });
    length = end;
    return start;
  });
  const bytes = new Uint8Array(length).fill(space);
  pieces.forEach((piece, at) => bytes.set(piece, starts[at]));
  return { bytes, places };
}

function widthOf(value: JsonValue): number {
  if (typeof value === "string") return textWidth(value);
  return Number.isInteger(value) ? wholeWidth : fractionWidth;
}

/** In the place of every value: a text that is not printable, and so in no event that was checked. */
const mark = "\0" as never;
const markAsJson = JSON.stringify(mark);

function withMarks(event: UsageEvent): UsageEvent {
  const { id, customer_id, input_tokens, output_tokens, total_tokens, timestamp } = event;
  const { usage, latency, request, trace, metadata } = event;
  return {
    ...event,
    ...marksFor({ id, customer_id, input_tokens, output_tokens, total_tokens, timestamp }),
    usage: {
      ...usage,
      input: marksFor(usage.input),
      output: marksFor(usage.output),
      quantities: marksFor(usage.quantities),
      raw: usage.raw === null ? null : marksFor(usage.raw),
    },
    latency: marksFor(latency),
    request: { ...request, ...marksFor({ id: request.id, response_id: request.response_id }) },
    trace: marksFor(trace),
    metadata: isEmpty(metadata) ? metadata : mark,
  };
}

/** The same with a mark for each value, but for `null`. */
function marksFor<Values extends object>(values: Values): Values {
  const entries = Object.entries(values).map(([name, value]: [string, unknown]) => [name, markFor(value)]);
  return Object.fromEntries(entries) as Values;
}

function markFor(value: unknown): unknown {
  if (value === null) return null;
  return typeof value === "object" ? marksFor(value) : mark;
}
