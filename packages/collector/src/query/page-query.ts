/**
 * Reads the parameters of a page: how much, from where, over which time.
 *
 * A cursor is opaque to clients: what it says may change, and one that is no cursor is refused.
 */
import { CmdrdataError } from "@cmdrdata/protocol";
import type { EventCursor, EventQuery, NumberedQuery, TimeRange } from "@cmdrdata/storage";

import { type FilterParameters, readFilters } from "./read-filters.ts";
import { quote, readTimes } from "./usage-query.ts";

export interface PageParameters {
  readonly limit?: string;
  readonly after?: string;
}

export interface EventParameters extends PageParameters, FilterParameters {
  readonly from?: string;
  readonly to?: string;
  readonly flag?: string;
}

const usualLimit = 50;
const mostLimit = 1_000;

/** @throws CmdrdataError `CMDR_QUERY_INVALID` listing every parameter that is wrong */
export function readEventQuery(given: EventParameters, nowMs: number): Omit<EventQuery, "tenant"> {
  const problems: string[] = [];
  const stretch = readTimes(given, nowMs, problems);
  const filters = readFilters(given, problems);
  const limit = readLimit(given.limit, problems);
  const after = readCursor(given.after, isEventCursor, problems);
  const { flag } = given;
  if (flag !== undefined && !/^CMDR_[A-Z_]{1,60}$/.test(flag))
    problems.push(`flag: expected a code such as CMDR_EVENT_LATE, got ${quote(flag)}`);
  refuse(problems);
  return {
    ...stretch,
    filters,
    limit,
    ...(flag === undefined ? {} : { flag }),
    ...(after === undefined ? {} : { after: { eventTimeMs: after[0], sequence: after[1] } }),
  };
}

export function eventCursor({ eventTimeMs, sequence }: EventCursor): string {
  return writeCursor([eventTimeMs, sequence]);
}

/** @throws CmdrdataError `CMDR_QUERY_INVALID` */
export function readNumberedQuery(given: PageParameters): Omit<NumberedQuery, "tenant"> {
  const problems: string[] = [];
  const limit = readLimit(given.limit, problems);
  const after = readCursor(given.after, isNumber, problems);
  refuse(problems);
  return { limit, ...(after === undefined ? {} : { after }) };
}

export function numberedCursor(number: number): string {
  return writeCursor(number);
}

export interface CustomerPage extends TimeRange {
  readonly limit: number;
  /** The last customer of the page before; `null` is nobody. */
  readonly after: string | null | undefined;
}

/** @throws CmdrdataError `CMDR_QUERY_INVALID` */
export function readCustomerQuery(
  given: PageParameters & { readonly from?: string; readonly to?: string },
  stretchOf: (problems: string[]) => TimeRange,
): CustomerPage {
  const problems: string[] = [];
  const stretch = stretchOf(problems);
  const limit = readLimit(given.limit, problems);
  const after = readCursor(given.after, isCustomer, problems);
  refuse(problems);
  return { ...stretch, limit, after: after?.[0] };
}

export function customerCursor(customerId: string | null): string {
  return writeCursor([customerId]);
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new CmdrdataError("CMDR_QUERY_INVALID", problems.join("; "));
}

function readLimit(text: string | undefined, problems: string[]): number {
  if (text === undefined) return usualLimit;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostLimit)
    problems.push(`limit: expected a number from 1 to ${mostLimit}, got ${quote(text)}`);
  return limit;
}

function readCursor<T>(
  text: string | undefined,
  isCursor: (value: unknown) => value is T,
  problems: string[],
): T | undefined {
  if (text === undefined) return undefined;
  const value = parsed(Buffer.from(text, "base64url").toString());
  if (isCursor(value)) return value;
  problems.push(`after: expected the "next" of a page before, got ${quote(text)}`);
  return undefined;
}

function writeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
const isEventCursor = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber);
const isCustomer = (value: unknown): value is readonly [string | null] =>
  Array.isArray(value) && value.length === 1 && (value[0] === null || typeof value[0] === "string");
