import { fakeClock } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { createLog, type LogLevel, logLevels } from "./log.ts";

function makeLog(level: LogLevel = "debug") {
  const lines: [string, unknown, unknown][] = [];
  const write =
    (name: string) =>
    (message: unknown, fields: unknown): void =>
      void lines.push([name, message, fields]);
  const clock = fakeClock();
  const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const log = createLog(logger, { level, clock, context: { component: "tracker" } });
  return { log, lines, clock };
}

describe("the log", () => {
  it.each(logLevels)("writes at level %s what has that weight or more", (level) => {
    const { log, lines } = makeLog(level);
    const all = ["error", "warn", "info", "debug"] as const;
    const written = all.filter((each) => log.say({ level: each, message: "m" }));
    expect(written).toEqual(all.slice(0, logLevels.indexOf(level)));
    expect(lines.map(([each]) => each)).toEqual(written);
  });

  it("has the context on each line, without what is not known", () => {
    const { log, lines } = makeLog();
    const context = () => ({ customer_id: "c1", request_id: null, attempts: 2, known: true });
    log.say({ level: "warn", message: "m", context });
    expect(lines).toEqual([["warn", "m", { component: "tracker", customer_id: "c1", attempts: 2, known: true }]]);
  });

  it("says a line all the same where its context cannot be read", () => {
    const { log, lines } = makeLog();
    const context = (): never => {
      throw new Error("hostile");
    };
    expect(log.say({ level: "warn", message: "m", context })).toBe(true);
    expect(lines).toEqual([["warn", "m", { component: "tracker" }]]);
  });

  it("says what repeats itself once a minute, with how often it was left out", async () => {
    const { log, lines, clock } = makeLog();
    const say = () => log.say({ level: "warn", what: "full", message: "m" });
    expect(say()).toBe(true);
    for (let second = 0; second < 59; second += 1) {
      await clock.advance(1_000);
      expect(say()).toBe(false);
    }
    expect(log.say({ level: "warn", what: "other", message: "m" })).toBe(true);
    await clock.advance(1_000);
    expect(say()).toBe(true);
    expect(lines.at(-1)).toEqual(["warn", "m", { component: "tracker", left_out: 59 }]);
    await clock.advance(60_000);
    expect(say()).toBe(true);
    expect(lines.at(-1)?.[2]).toEqual({ component: "tracker" });
  });

  it("bounds what it remembers, whatever names come from outside", () => {
    const { log, lines } = makeLog();
    for (let name = 0; name < 1_000; name += 1) log.say({ level: "warn", what: `code-${name}`, message: "m" });
    expect(lines).toHaveLength(101);
  });

  it("lets no text make a line of its own, be endless, or hold a key", () => {
    const { log, lines } = makeLog();
    const forged = `a\r\n{"level":"error"}\u0007sk-0123456789`;
    log.say({ level: "warn", message: forged, context: () => ({ customer_id: forged, field: "x".repeat(100_000) }) });
    const [[, message, fields]] = lines as [[string, string, Record<string, string>]];
    expect(message).toBe('a {"level":"error"} [redacted]');
    expect(fields["customer_id"]).toBe(message);
    expect(fields["field"]).toHaveLength(1_000);
  });
});
