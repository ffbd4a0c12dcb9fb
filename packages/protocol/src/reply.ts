/** The collector's answer to a readable body: what became of each event. Sent with status 200, after commit. */
import { CmdrdataError } from "./errors.ts";

/** An event the collector did not take: it is not stored, and sending it again unchanged will not help. */
export interface RejectedEvent {
  /** Position in the request, from 0. */
  readonly index: number;
  readonly id: string | null;
  readonly code: string;
  /** The field at fault, `event` for the whole. */
  readonly field: string;
  readonly message: string;
}

/** A field that was set aside. The event itself was taken and counts as accepted (or duplicate). */
export interface FlaggedField {
  readonly index: number;
  readonly id: string | null;
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** `accepted + duplicates + rejected.length` is the number of events in the request; conflicts are part of duplicates. */
export interface IngestReply {
  readonly accepted: number;
  readonly duplicates: number;
  /** Duplicates whose content differs from the stored first version. */
  readonly conflicts: number;
  readonly rejected: readonly RejectedEvent[];
  readonly flagged: readonly FlaggedField[];
}

/** The body of every answer that is not a 200. */
export interface ErrorReply {
  readonly error: { readonly code: string; readonly message: string };
}

/**
 * Reads a reply of a collector, also of one that leaves out what it has nothing to say about.
 *
 * @throws CmdrdataError `CMDR_REPLY_UNREADABLE` when the text is no such reply: then it is not known what became of the events
 */
export function parseReply(text: string): IngestReply {
  const value = readObject(text);
  const rejected = listOf(value["rejected"]).map(readRejected);
  return {
    accepted: countOf(value["accepted"], "accepted"),
    duplicates: countOf(value["duplicates"] ?? 0, "duplicates"),
    conflicts: countOf(value["conflicts"] ?? 0, "conflicts"),
    rejected,
    flagged: listOf(value["flagged"]).map(readRejected),
  };
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable("expected a JSON object, got other text", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable("expected a JSON object");
  return value as Readonly<Record<string, unknown>>;
}

function countOf(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw unreadable(`expected ${name} to be a count`);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw unreadable("expected a list of events");
}

function readRejected(value: unknown): RejectedEvent {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  return {
    index: countOf(fields["index"], "index"),
    id: typeof fields["id"] === "string" ? fields["id"] : null,
    code: textOf(fields["code"], "unknown"),
    field: textOf(fields["field"], "event"),
    message: textOf(fields["message"], ""),
  };
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value.slice(0, 500) : otherwise;
}

function unreadable(message: string, cause?: unknown): CmdrdataError {
  return new CmdrdataError("CMDR_REPLY_UNREADABLE", message, { cause });
}
