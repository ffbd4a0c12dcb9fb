import { emptyEvent } from "@cmdrdata/protocol";
import { describe, expect, it } from "vitest";

import { judgeTime } from "./judge-time.ts";

const receivedAtMs = Date.parse("2026-11-23T10:00:00.000Z");
const ourSdk = { ...emptyEvent.sdk, name: "cmdrdata-openai" };
const at = (offsetMs: number, fields: object = {}) =>
  judgeTime({ ...emptyEvent, ...fields, timestamp: new Date(receivedAtMs + offsetMs).toISOString() }, [], receivedAtMs);

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("judgeTime", () => {
  it.each([
    [-minute, {}, [], []],
    [-3 * hour - 20_000, {}, ["CMDR_CLOCK_SKEWED"], []],
    [5.5 * hour - 59_000, {}, ["CMDR_CLOCK_SKEWED"], []],
    [5.75 * hour, {}, ["CMDR_EVENT_FUTURE"], []],
    [-3 * hour, { sdk: ourSdk }, [], []],
    [-3.25 * hour, {}, [], []],
    [6 * minute, {}, ["CMDR_EVENT_FUTURE"], []],
    [5 * minute, {}, [], []],
    [30 * minute, { sdk: ourSdk }, ["CMDR_EVENT_FUTURE"], []],
    [-day - 1, {}, ["CMDR_EVENT_LATE"], []],
    [-400 * day, {}, ["CMDR_EVENT_LATE"], []],
    [7 * day + 1, {}, [], ["CMDR_EVENT_FUTURE"]],
  ])("an event %d ms from its receipt, of %j: flags %j, doubts %j", (offsetMs, fields, flags, doubts) => {
    const judged = at(offsetMs, fields);
    expect(judged.eventTimeMs).toBe(receivedAtMs + offsetMs);
    expect(judged.flags.map(({ code }) => code)).toEqual(flags);
    expect(judged.doubts.map(({ code }) => code)).toEqual(doubts);
  });

  it("doubts a time that was given and is none, and flags one that was not given", () => {
    const unusable = { code: "CMDR_FIELD_RANGE", field: "timestamp", message: "expected a time" } as const;
    expect(judgeTime(emptyEvent, [unusable], receivedAtMs)).toMatchObject({ flags: [], doubts: [unusable] });
    expect(judgeTime(emptyEvent, [], receivedAtMs)).toMatchObject({
      eventTimeMs: receivedAtMs,
      flags: [{ code: "CMDR_FIELD_MISSING" }],
      doubts: [],
    });
  });

  it("says how far off a clock is", () => {
    expect(at(-3 * hour).flags[0]?.message).toContain("got one -3 h from it");
    expect(at(5.5 * hour).flags[0]?.message).toContain("got one +5.5 h from it");
  });
});
