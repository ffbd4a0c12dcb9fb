/**
 * The tracking fields of one call: `customer_id`, `custom_metadata`, `track_usage`.
 *
 * They are given in the body, but never reach OpenAI: they are taken off the body where the program calls a method and
 * travel on the request options under a symbol, which every copy of the options inside the SDK keeps and nothing sends.
 * Bodies are never changed: one that names a field is replaced by a copy without it.
 */
import { type FieldProblem, type JsonObject, ownValue, readMetadata } from "@cmdrdata/protocol";
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

/** The fields of a call, read when it was made: the program may use the same objects for the next one. */
export interface CarriedFields {
  /** As it came, not checked yet. */
  readonly customer_id?: unknown;
  readonly custom_metadata?: JsonObject | undefined;
  /** What was set aside of `custom_metadata`, first of all; never a value. */
  readonly set_aside?: string | undefined;
  readonly track_usage?: unknown;
}

type GivenFields = { readonly [Name in keyof TrackingFields]?: unknown };

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
    customer_id: read(call, "customerId"),
    ...copyMetadata(read(call, "metadata")),
    track_usage: read(call, "track"),
  };
  return { ...options, [carried]: fields } as OpenAI.RequestOptions;
}

/** Whether a value is an object that names a tracking field. */
export function namesTracking(value: unknown): value is object & GivenFields {
  if (typeof value !== "object" || value === null) return false;
  try {
    // Written out: it is asked three times in every call.
    return (
      Object.hasOwn(value, "customer_id") ||
      Object.hasOwn(value, "custom_metadata") ||
      Object.hasOwn(value, "track_usage")
    );
  } catch {
    // A proxy that throws is the program's, and the SDK's, to deal with.
    return false;
  }
}

export function copyWithoutFields(body: object): object {
  return copyWithout(body, fieldNames);
}

/** The tracking fields of a call from its options: those of the body win over those of {@link tracking}. */
export function fieldsOf(options: object): CarriedFields {
  const { [carried]: given, body } = options as { [carried]?: CarriedFields; body?: unknown };
  return namesTracking(body) ? merge(given, body) : (given ?? {});
}

/**
 * Takes the fields off the JSON that was made of a body which still has them, as in a raw `client.request(…)`: its options
 * are the program's own, which may send them again.
 */
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
  return orAsItIs(args, () => {
    const body = args[at] as object & GivenFields;
    const options = args[at + 1] as { [carried]?: CarriedFields } | undefined;
    const moved = [...args];
    moved[at] = copyWithoutFields(body);
    moved[at + 1] = { ...options, [carried]: merge(options?.[carried], body) };
    return moved;
  });
}

/** The same for the request options of a raw `client.post(…)`, which have the body in them. */
export function carryBodyFields(options: unknown): unknown {
  const { [carried]: given, body } = (options ?? {}) as { [carried]?: CarriedFields; body?: unknown };
  if (!namesTracking(body)) return options;
  return orAsItIs(options, () => ({
    ...(options as object),
    body: copyWithoutFields(body),
    [carried]: merge(given, body),
  }));
}

/** What cannot be copied (a proxy that throws) goes to the SDK as it is: what becomes of it there is the call's outcome. */
function orAsItIs<Given>(given: Given, change: () => Given): Given {
  try {
    return change();
  } catch {
    return given;
  }
}

function merge(given: CarriedFields | undefined, body: GivenFields): CarriedFields {
  const labels = copyMetadata(read(body, "custom_metadata")) ?? given;
  return {
    customer_id: read(body, "customer_id") ?? given?.customer_id,
    custom_metadata: labels?.custom_metadata,
    set_aside: labels?.set_aside,
    track_usage: read(body, "track_usage") ?? given?.track_usage,
  };
}

/** No getter is run, and a proxy that throws is no reason to fail the call; a customer that cannot be read is nobody else. */
function read<Fields extends object>(fields: Fields, name: keyof Fields & string): unknown {
  try {
    return ownValue(fields, name);
  } catch {
    return unreadable;
  }
}

const unreadable = Symbol("unreadable");

/** What cannot be read is left out: the call counts all the same. */
function copyMetadata(given: unknown): Pick<CarriedFields, "custom_metadata" | "set_aside"> | undefined {
  if (given === undefined || given === null) return undefined;
  const problems: FieldProblem[] = [];
  const custom_metadata = readMetadata(given, problems);
  const [first] = problems;
  return { custom_metadata, set_aside: first && `${first.code}: ${first.message}` };
}
