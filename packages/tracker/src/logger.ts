/**
 * Where the tracker says what its user must know.
 *
 * Promise: a logger that throws breaks nothing; key-shaped texts are replaced before any sink sees them.
 */

/** Anything shaped like `console` or pino. */
export interface Logger {
  warn(...words: readonly unknown[]): void;
  error(...words: readonly unknown[]): void;
  info(...words: readonly unknown[]): void;
  debug(...words: readonly unknown[]): void;
}

/** One JSON object per line on stderr, warnings and errors only. */
export const jsonLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (...words) => writeLine("warn", words),
  error: (...words) => writeLine("error", words),
};

/** The same logger, that never throws and never sees a secret. */
export function safeLogger(logger: Logger): Logger {
  const write = async (level: keyof Logger, words: readonly unknown[]): Promise<void> => {
    try {
      // Awaited for the logger that is an async function.
      await (logger[level](...words.map((word) => (typeof word === "string" ? redactSecrets(word) : word))) as unknown);
    } catch {
      // The logger is the caller's; its faults are not allowed to become ours.
    }
  };
  const guard =
    (level: keyof Logger): Logger["warn"] =>
    (...words) =>
      void write(level, words);
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}

const secretShapes = /\b(?:sk|tk)-[\w-]{6,}|\bBearer\s+[^\s"']+/gi;

/** The text with keys (`sk-…`, `tk-…`) and bearer tokens replaced. */
export function redactSecrets(text: string): string {
  return text.replaceAll(secretShapes, "[redacted]");
}

function writeLine(level: string, words: readonly unknown[]): void {
  const line = { level, service: "cmdrdata", message: words.map(String).join(" ") };
  // Not process.stderr: when it is closed, that is an unhandled error; console ignores it.
  // oxlint-disable-next-line no-console
  console.error(JSON.stringify(line));
}
