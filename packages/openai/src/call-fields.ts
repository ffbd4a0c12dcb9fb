/**
 * The tracking fields of one call: `customer_id`, `custom_metadata`, `track_usage`.
 *
 * They are given in the body, but never reach OpenAI: they are taken off the body where the program calls a method and
 * travel on the request options under a symbol, which every copy of the options inside the SDK keeps and nothing sends.
 * Bodies are never changed: one that names a field is replaced by a copy without it.
 */
import type { OpenAI } from "openai";

import { copyWithout } from "./copy-without.ts";
import { replaceBody, type SerializedRequest, stringifyLike } from "./replace-body.ts";

/** Fields of a request body that are cmdrdata's, not OpenAI's. */
export interface TrackingFields {
  /** Who the call is made for. Not given (or `null`): the customer of the context, else the client's default. */
  customer_id?: string | null | undefined;
  /** Your own labels for this call: at most 50 keys, 3 levels, 8 KiB. OpenAI's `metadata` is another thing. */
  custom_metadata?: { readonly [key: string]: unknown } | null | undefined;
  /** `false`: this call is not recorded. */
  track_usage?: boolean | undefined;
}

/** For {@link tracking}: the same for calls that have no body. */
export interface CallTracking {
  readonly customerId?: string | null | undefined;
  readonly metadata?: { readonly [key: string]: unknown } | null | undefined;
  readonly track?: boolean | undefined;
}

/** The fields as they came, not checked yet. */
export type CarriedFields = { readonly [Name in keyof TrackingFields]?: unknown };

const fieldNames: readonly (keyof TrackingFields)[] = ["customer_id", "custom_metadata", "track_usage"];

/** Registered, so that options made by one copy of this package are read by the other. */
const carried: unique symbol = Symbol.for("cmdrdata.call/1") as never;

/**
 * Request options for a call without a body (or with one).
 *
 * @param call - who the call is for, your own labels, whether to record it
 * @param options - the SDK's own request options, copied
 */
export function tracking(call: CallTracking, options?: OpenAI.RequestOptions): OpenAI.RequestOptions {
  const fields: CarriedFields = {
    customer_id: call.customerId,
    custom_metadata: call.metadata,
    track_usage: call.track,
  };
  return { ...options, [carried]: fields } as OpenAI.RequestOptions;
}

/** Whether a value is an object that names a tracking field. */
export function namesTracking(value: unknown): value is object & CarriedFields {
  // Written out: it is asked three times in every call.
  return (
    typeof value === "object" &&
    value !== null &&
    (Object.hasOwn(value, "customer_id") ||
      Object.hasOwn(value, "custom_metadata") ||
      Object.hasOwn(value, "track_usage"))
  );
}

export function copyWithoutFields(body: object): object {
  return copyWithout(body, fieldNames);
}

/** The tracking fields of a call from its options: those of the body win over those of {@link tracking}. */
export function fieldsOf(options: object): CarriedFields {
  const { [carried]: given, body } = options as { [carried]?: CarriedFields; body?: unknown };
  return namesTracking(body) ? merge(given, body) : (given ?? {});
}

/** Takes the fields off a body that still has them, as in a raw `client.post`. Changes the options, not the body. */
export function stripOptions(options: object): void {
  const request = options as { [carried]?: CarriedFields; body?: unknown };
  if (!namesTracking(request.body)) return;
  // Kept on the options, since a program may send the same options again.
  Reflect.set(options, carried, fieldsOf(options));
  Reflect.set(options, "body", copyWithoutFields(request.body));
}

/** The same for options that cannot be changed: takes the fields off the JSON that was made of their body. */
export function stripRequest(request: SerializedRequest, { body }: { readonly body?: unknown }): void {
  if (!namesTracking(body) || typeof request.body !== "string" || !request.body.startsWith("{")) return;
  replaceBody(request, stringifyLike(request.body, copyWithoutFields(body)));
}

/**
 * Moves the fields from the body among a method's arguments to the request options behind it.
 *
 * @returns the same array when no argument names a field
 */
export function carryFields(args: readonly unknown[]): readonly unknown[] {
  const at = args.findIndex(namesTracking);
  if (at < 0) return args;
  const body = args[at] as object & CarriedFields;
  const options = args[at + 1] as { [carried]?: CarriedFields } | undefined;
  const moved = [...args];
  moved[at] = copyWithoutFields(body);
  moved[at + 1] = { ...options, [carried]: merge(options?.[carried], body) };
  return moved;
}

function merge(given: CarriedFields | undefined, body: CarriedFields): CarriedFields {
  return {
    customer_id: read(body, "customer_id") ?? given?.customer_id,
    custom_metadata: read(body, "custom_metadata") ?? given?.custom_metadata,
    track_usage: read(body, "track_usage") ?? given?.track_usage,
  };
}

/** What a getter throws is no reason to fail the call, and a customer that cannot be read is nobody else. */
function read(body: CarriedFields, name: keyof CarriedFields): unknown {
  try {
    return body[name];
  } catch {
    return unreadable;
  }
}

const unreadable = Symbol("unreadable");
