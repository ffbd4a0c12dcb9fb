import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

import { jsonLogger, redactSecrets, safeLogger } from "./logger.ts";

afterEach(() => void vi.restoreAllMocks());

describe("jsonLogger", () => {
  it("writes warnings and errors to stderr, one JSON object per line, and nothing else", () => {
    const lines: unknown[] = [];
    vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(line));
    jsonLogger.debug("a");
    jsonLogger.info("b");
    jsonLogger.warn("two\nlines", 7);
    jsonLogger.error("d");
    expect(lines).toEqual([
      '{"level":"warn","service":"cmdrdata","message":"two\\nlines 7"}',
      '{"level":"error","service":"cmdrdata","message":"d"}',
    ]);
  });
});

describe("safeLogger", () => {
  it("passes words on by level, to a logger that needs its `this`", () => {
    const lines: unknown[] = [];
    const write = (level: string) =>
      function (this: unknown, ...words: readonly unknown[]) {
        expect(this).toBe(logger);
        lines.push([level, ...words]);
      };
    const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
    const safe = safeLogger(logger);
    safe.debug("a");
    safe.info("b", 1);
    safe.warn("key tk-0123456789");
    safe.error("c");
    expect(lines).toEqual([
      ["debug", "a"],
      ["info", "b", 1],
      ["warn", "key [redacted]"],
      ["error", "c"],
    ]);
  });
});

describe("redactSecrets", () => {
  it.each([
    ["tk-0123456789abcdefghij is bad", "[redacted] is bad"],
    ["sk-proj-abc_DEF-123456", "[redacted]"],
    ["TK-0123456789", "[redacted]"],
    ["authorization: Bearer abc.def.ghi", "authorization: [redacted]"],
    ['{"key":"tk-0123456789"}', '{"key":"[redacted]"}'],
    ["task-force, risk-free, desk-01", "task-force, risk-free, desk-01"],
  ])("%s", (text, redacted) => {
    expect(redactSecrets(text)).toBe(redacted);
  });

  it("leaves no key in any text", () => {
    const key = fc.stringMatching(/^tk-[A-Za-z0-9_-]{20,40}$/);
    fc.assert(
      fc.property(fc.string(), key, fc.string(), (before, secret, after) => {
        expect(redactSecrets(`${before} ${secret} ${after}`)).not.toContain(secret);
      }),
    );
  });
});
