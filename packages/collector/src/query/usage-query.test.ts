import { describe, expect, it } from "vitest";

import { readUsageQuestion } from "./usage-query.ts";

const nowMs = Date.parse("2026-11-23T10:07:00Z");
const read = (given: Parameters<typeof readUsageQuestion>[0]) => readUsageQuestion(given, nowMs);
const iso = (epochMs: number) => new Date(epochMs).toISOString();

describe("readUsageQuestion", () => {
  it("covers 30 days up to the end of the current bucket by default, as one range", () => {
    const question = read({});
    expect([iso(question.startMs), iso(question.endMs)]).toEqual([
      "2026-10-24T10:15:00.000Z",
      "2026-11-23T10:15:00.000Z",
    ]);
    expect(question).toMatchObject({ timeZone: "UTC", interval: null, groupBy: [], format: "json" });
    expect(question.ranges).toHaveLength(1);
  });

  it("floors from and raises to to a bucket", () => {
    const question = read({ from: "2026-11-01T00:01:00+05:30", to: "2026-11-02" });
    expect([iso(question.startMs), iso(question.endMs)]).toEqual([
      "2026-10-31T18:30:00.000Z",
      "2026-11-02T00:00:00.000Z",
    ]);
  });

  it("takes an offset whose plus sign arrived as a space", () => {
    expect(iso(read({ from: "2026-11-01T00:00:00 05:30" }).startMs)).toBe("2026-10-31T18:30:00.000Z");
  });

  it("takes the grouped dimensions in order, each once", () => {
    expect(read({ group_by: "model, customer_id,model" }).groupBy).toEqual(["model", "customer_id"]);
    expect(read({ group_by: "" }).groupBy).toEqual([]);
  });

  it.each([
    [{ from: "2026-11-01T00:00:00" }, "from: expected ISO 8601 with a zone"],
    [{ to: "soon" }, 'to: expected ISO 8601 with a zone (2026-11-01T00:00:00Z) or a date (UTC), got "soon"'],
    [{ from: "2026-02-30" }, "from: expected ISO 8601 with a zone"],
    [{ to: "2026-02-29T10:00:00Z" }, "to: expected ISO 8601 with a zone"],
    [{ from: "2026-11-02", to: "2026-11-01" }, "from: expected a time before to"],
    [{ from: "2020-01-01", to: "2026-01-01", interval: "15m" }, "interval: expected at most 3000 intervals"],
    [{ group_by: "metadata." }, "group_by: expected any of customer_id"],
  ])("refuses %j", (given, message) => {
    expect(() => read(given)).toThrow(expect.objectContaining({ code: "CMDR_QUERY_INVALID" }) as Error);
    expect(() => read(given)).toThrow(message);
  });
});
