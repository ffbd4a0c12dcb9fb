/**
 * What is said to the program's log.
 *
 * Promise: no line holds a secret, a line break or more than 1,000 characters a text; each has what is known of its context;
 * what repeats itself is said once a minute, with how often it was left out (`left_out`); nothing here throws.
 */
import type { Clock } from "./clock.ts";
import { type LogFields, type Logger, lineWriter, type WriteLine } from "./logger.ts";
import { redactSecrets } from "./redact.ts";

export const logLevels = ["off", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a line is about, as far as it is known: `null` and `undefined` are left out. */
export type LogContext = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  /** Lines with the same are the same: one of them a minute. By default none is. */
  readonly what?: string;
  /** Read only if the line is written. May throw. */
  readonly context?: () => LogContext;
}

export interface Log {
  /** @returns whether it was written, and not left out as a repetition or for its level */
  say(line: LogLine): boolean;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly clock: Pick<Clock, "monotonicNow">;
  /** Of every line. */
  readonly context: LogContext;
}

export function createLog(logger: Logger, options: LogOptions): Log {
  return new CarefulLog(logger, options);
}

const repeatAfterMs = 60_000;
/** Bounds what is remembered: names beyond these count as one. */
const mostNames = 100;
const longestText = 1_000;

interface Said {
  readonly atMs: number;
  leftOut: number;
}

class CarefulLog implements Log {
  readonly #write: WriteLine;
  readonly #options: LogOptions;
  readonly #said = new Map<string, Said>();

  constructor(logger: Logger, options: LogOptions) {
    this.#write = lineWriter(logger);
    this.#options = options;
  }

  say({ level, message, what, context }: LogLine): boolean {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#options.level)) return false;
    const leftOut = what === undefined ? 0 : this.#repetitions(what);
    if (leftOut === undefined) return false;
    const fields = { ...this.#options.context, ...readSafely(context), left_out: leftOut === 0 ? null : leftOut };
    this.#write(level, clean(message), cleanFields(fields));
    return true;
  }

  /** @returns how many of this name were left out since the last; `undefined` when this one is to be left out too */
  #repetitions(what: string): number | undefined {
    const name = this.#said.has(what) || this.#said.size < mostNames ? what : "other";
    const nowMs = this.#options.clock.monotonicNow();
    const last = this.#said.get(name);
    if (last !== undefined && nowMs - last.atMs < repeatAfterMs) {
      last.leftOut += 1;
      return undefined;
    }
    this.#said.set(name, { atMs: nowMs, leftOut: 0 });
    return last?.leftOut ?? 0;
  }
}

/** The context may be read off what the program handed over, as an event whose getters throw. */
function readSafely(context: (() => LogContext) | undefined): LogContext {
  try {
    return context?.() ?? {};
  } catch {
    return {};
  }
}

function cleanFields(context: LogContext): LogFields {
  const fields: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(context)) {
    if (value !== null && value !== undefined) fields[name] = typeof value === "string" ? clean(value) : value;
  }
  return fields;
}

/** A line break in a text that came from outside could make a line of its own. */
function clean(text: string): string {
  return redactSecrets(text.slice(0, 4 * longestText))
    .replaceAll(/\p{Cc}+/gu, " ")
    .slice(0, longestText);
}
