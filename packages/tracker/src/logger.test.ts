import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";

import { jsonLogger, lineWriter } from "./logger.ts";

afterEach(() => void vi.restoreAllMocks());

const fields = { customer_id: "c1" };

describe("jsonLogger", () => {
  it("writes to stderr, one JSON object per line", () => {
    const lines: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
    const write = lineWriter(jsonLogger);
    for (const level of ["debug", "info", "warn", "error"] as const) write(level, "two\nlines", fields);
    jsonLogger.warn("no fields");
    const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.join("")).not.toContain("\n");
    expect(read.map(({ level }) => level)).toEqual(["debug", "info", "warn", "error", "warn"]);
    expect(read[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: "debug",
      service: "cmdrdata",
      message: "two\nlines",
      customer_id: "c1",
    });
  });
});

describe("lineWriter", () => {
  it("hands the fields to a real pino, and to what is made of it, first", () => {
    const lines: string[] = [];
    const logger = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
    lineWriter(logger)("warn", "said", fields);
    lineWriter(logger.child({ name: "app" }))("debug", "said", fields);
    const read = lines.map((line) => JSON.parse(line) as unknown);
    expect(read).toMatchObject([
      { level: 40, msg: "said", customer_id: "c1" },
      { level: 20, msg: "said", customer_id: "c1", name: "app" },
    ]);
  });

  it("hands the message to the real console first", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    lineWriter(console)("warn", "said", fields);
    expect(warn.mock.calls).toEqual([["said", fields]]);
  });

  it.each([
    ["bunyan's shape", { child: () => {}, addSerializers: () => {} }, [fields, "said"]],
    ["winston's shape", { child: () => {}, log: () => {} }, ["said", fields]],
    ["loglevel's shape", { setLevel: () => {} }, ["said", fields]],
  ])("knows %s", (_name, marks, expected) => {
    const calls: unknown[][] = [];
    const log = (...words: unknown[]): void => void calls.push(words);
    lineWriter({ debug: log, info: log, warn: log, error: log, ...marks })("error", "said", fields);
    expect(calls).toEqual([expected]);
  });

  it("calls a logger that needs its `this`", () => {
    const calls: unknown[] = [];
    class Own {
      readonly #calls = calls;
      warn(message: string): void {
        this.#calls.push(message);
      }
      readonly error = this.warn.bind(this);
      readonly info = this.warn.bind(this);
      readonly debug = this.warn.bind(this);
    }
    lineWriter(new Own())("warn", "said", fields);
    expect(calls).toEqual(["said"]);
  });

  it("breaks by nothing that a logger does", async () => {
    const fail = (): never => {
      throw new Error("the logger's own");
    };
    // As an async function is, where one that returns nothing is asked for.
    const reject: () => unknown = () => Promise.reject(new Error("the logger's own"));
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    lineWriter({ debug: fail, info: fail, warn: fail, error: fail })("warn", "said", fields);
    lineWriter({ debug: reject, info: reject, warn: reject, error: reject } as typeof console)("warn", "said", fields);
    lineWriter(new Proxy(console, { get: fail }))("warn", "said", fields);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});
