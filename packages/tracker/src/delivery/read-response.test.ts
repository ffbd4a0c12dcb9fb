import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readResponse, readRetryAfter } from "./read-response.ts";

const nowMs = Date.parse("2026-11-23T10:00:00.000Z");

const read = (status: number, text = "", events = 2, headers: Record<string, string> = {}) =>
  readResponse({ status, headers, text }, { events: Array.from({ length: events }), bare: false }, nowMs);

const readBare = (status: number, text: string) =>
  readResponse({ status, headers: {}, text }, { events: ["e"], bare: true }, nowMs);

const reply = (accepted: number, duplicates: number, rejected = 0): string =>
  JSON.stringify({
    accepted,
    duplicates,
    rejected: Array.from({ length: rejected }, (_, index) => ({ index, id: null, code: "CMDR_X", field: "event" })),
  });

describe("readResponse", () => {
  it("accepts a 200 that accounts for every event", () => {
    expect(read(200, reply(1, 1))).toMatchObject({ kind: "accepted", reply: { accepted: 1, duplicates: 1 } });
    expect(read(200, reply(1, 1, 1), 3)).toMatchObject({ kind: "accepted", reply: { rejected: [{ index: 0 }] } });
  });

  it.each([
    ["too few", reply(1, 0), "the collector accounted for 1 of 2 events"],
    ["too many", reply(2, 1), "the collector accounted for 3 of 2 events"],
  ])("tries later after a 200 that does not add up: %s", (_, text, detail) => {
    expect(read(200, text)).toEqual({ kind: "try-later", code: "reply_unreadable", afterMs: undefined, detail });
  });

  it.each(["", "<html>welcome</html>", "[]", "null", "{}", '{"accepted":-1}'])(
    "tries later after a 200 that cannot be read: %j",
    (text) => {
      expect(read(200, text)).toMatchObject({ kind: "try-later", code: "reply_unreadable", afterMs: undefined });
    },
  );

  it("splits what is too large", () => {
    expect(read(413)).toEqual({ kind: "split", reason: "too_large", detail: "the collector answered 413" });
  });

  it.each([400, 422])("splits what is refused with %i, to isolate the bad event", (status) => {
    expect(read(status)).toEqual({ kind: "split", reason: "refused", detail: `the collector answered ${status}` });
  });

  it.each([401, 403])("holds after %i", (status) => {
    expect(read(status)).toEqual({ kind: "unauthorized", detail: `the collector answered ${status}` });
  });

  it.each([0, 201, 204, 404, 408, 415, 429, 500, 502, 503, 504])("tries later after %i", (status) => {
    expect(read(status)).toEqual({
      kind: "try-later",
      code: "unavailable",
      afterMs: undefined,
      detail: `the collector answered ${status}`,
    });
  });

  it.each([301, 302, 307, 308])("follows no redirect (%i), tries later and says what to do", (status) => {
    const outcome = read(status, "", 2, { location: "https://elsewhere.example/?key=tk-0123456789" });
    expect(outcome).toMatchObject({
      kind: "try-later",
      code: "redirected",
      detail: expect.stringContaining("endpoint"),
    });
    expect(JSON.stringify(outcome)).not.toContain("elsewhere");
  });

  it.each(["", " \n", '{"status":"ok"}', '"ok"', "null", "[]", reply(1, 0)])(
    "takes %j for the word of a service that takes a bare event",
    (text) => {
      expect(readBare(200, text)).toMatchObject({ kind: "accepted", reply: { accepted: 1 } });
    },
  );

  it("believes what our own collector says of a bare event", () => {
    expect(readBare(200, reply(0, 1))).toMatchObject({ kind: "accepted", reply: { accepted: 0, duplicates: 1 } });
    expect(readBare(200, reply(0, 0, 1))).toMatchObject({ kind: "accepted", reply: { rejected: [{ index: 0 }] } });
    expect(readBare(200, reply(2, 0))).toMatchObject({ kind: "try-later", code: "reply_unreadable" });
  });

  it.each(["<html>welcome</html>", "ok"])(
    "tries later after %j to a bare event: anybody may have said that",
    (text) => {
      expect(readBare(200, text)).toMatchObject({ kind: "try-later", code: "reply_unreadable" });
    },
  );

  it("passes on how long the server asks to wait", () => {
    expect(read(503, "", 2, { "retry-after": "7" })).toMatchObject({ kind: "try-later", afterMs: 7_000 });
  });

  it("never throws, whatever the answer", () => {
    fc.assert(
      fc.property(fc.integer(), fc.oneof(fc.string(), fc.json()), fc.string(), (status, text, retryAfter) => {
        read(status, text, 1, { "retry-after": retryAfter });
      }),
    );
  });
});

describe("readRetryAfter", () => {
  it("reads seconds", () => {
    expect(readRetryAfter("0", nowMs)).toBe(0);
    expect(readRetryAfter(" 30 ", nowMs)).toBe(30_000);
  });

  it("reads a date, relative to the wall clock", () => {
    expect(readRetryAfter("Mon, 23 Nov 2026 10:00:30 GMT", nowMs)).toBe(30_000);
  });

  it("reads a date that is past as now", () => {
    expect(readRetryAfter("Mon, 23 Nov 2026 09:00:00 GMT", nowMs)).toBe(0);
  });

  it("waits at most five minutes, whatever the server says", () => {
    expect(readRetryAfter("86400", nowMs)).toBe(300_000);
    expect(readRetryAfter("9".repeat(400), nowMs)).toBe(300_000);
    expect(readRetryAfter("Tue, 24 Nov 2026 10:00:00 GMT", nowMs)).toBe(300_000);
  });

  it.each([undefined, "", "soon", "1.5", "-1", "-5", "1e3", "12 seconds", "0x10"])(
    "takes %j for no answer",
    (header) => {
      expect(readRetryAfter(header, nowMs)).toBeUndefined();
    },
  );
});
