/**
 * What the tracker can log to: one JSON object per line by default, else a logger of the program's, as it is called there.
 *
 * Promise: a logger that throws or rejects breaks nothing.
 */
import { systemClock } from "./clock.ts";

/** Anything shaped like `console` (message first) or pino and bunyan (fields first). */
export interface Logger {
  warn(...words: readonly unknown[]): void;
  error(...words: readonly unknown[]): void;
  info(...words: readonly unknown[]): void;
  debug(...words: readonly unknown[]): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Writes a line to a logger, in the order of arguments that its kind takes. */
export type WriteLine = (level: keyof Logger, message: string, fields: LogFields) => void;

/** One JSON object per line on stderr. */
export const jsonLogger: Logger = {
  debug: (...words) => writeJson("debug", words),
  info: (...words) => writeJson("info", words),
  warn: (...words) => writeJson("warn", words),
  error: (...words) => writeJson("error", words),
};

export function lineWriter(logger: Logger): WriteLine {
  const fieldsFirst = takesFieldsFirst(logger);
  return (level, message, fields) => void write(logger, level, fieldsFirst ? [fields, message] : [message, fields]);
}

async function write(logger: Logger, level: keyof Logger, words: readonly unknown[]): Promise<void> {
  try {
    // Awaited for the logger that is an async function.
    await (logger[level](...words) as unknown);
  } catch {
    // The logger is the program's; its faults are not allowed to become ours.
  }
}

const marks = ["child", "bindings", "addSerializers"] as const;

/**
 * pino and what is made of it (Fastify's `log`) have `child` and `bindings`, bunyan `child` and `addSerializers`: there, fields
 * that come second are lost. `console`, winston, loglevel and the rest take the message first.
 */
function takesFieldsFirst(logger: Logger): boolean {
  try {
    const { child, bindings, addSerializers } = logger as Logger & Partial<Record<(typeof marks)[number], unknown>>;
    return typeof child === "function" && (typeof bindings === "function" || typeof addSerializers === "function");
  } catch {
    return false;
  }
}

function writeJson(level: string, [message, fields]: readonly unknown[]): void {
  const time = new Date(systemClock.now()).toISOString();
  const line = { time, level, service: "cmdrdata", message: String(message), ...(fields as LogFields | undefined) };
  // Not process.stderr: when it is closed, that is an unhandled error; console ignores it.
  // oxlint-disable-next-line no-console
  console.error(JSON.stringify(line));
}
