import { noUsage, type UsageRow } from "@cmdrdata/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatUsd } from "./format-usd.ts";
import { reportUsage, writeReport } from "./usage-report.ts";
import { readUsageQuestion } from "./usage-query.ts";

describe("formatUsd", () => {
  it.each([
    [0n, "0"],
    [1n, "0.000000000001"],
    [123_000_000n, "0.000123"],
    [1_000_000_000_000n, "1"],
    [1_500_000_000_000n, "1.5"],
    [-2_500_000_000n, "-0.0025"],
    [10_000_000_000_000_000_000_000n, "10000000000"],
  ])("writes %s pico-USD as %s", (amount, text) => expect(formatUsd(amount)).toBe(text));

  it("is exact: reading it back gives the amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (amount) => {
        const text = formatUsd(amount);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        const [whole = "", fraction = ""] = text.replace("-", "").split(".");
        const back = BigInt(whole + fraction.padEnd(12, "0"));
        expect(text.startsWith("-") ? -back : back).toBe(amount);
      }),
    );
  });
});

describe("reportUsage", () => {
  it("reports nothing as zero calls without an average", () => {
    const report = reportUsage(readUsageQuestion({ group_by: "model" }, 0 + Date.parse("2026-11-23")), []);
    expect(report).toMatchObject({ rows: [], total: { calls: 0, cost_usd: "0", duration_ms_avg: null } });
  });
});

describe("writeReport", () => {
  const nowMs = Date.parse("2026-11-23T00:00:00Z");
  const startMs = Date.parse("2026-11-22T00:00:00Z");
  const row = (model: string | null, calls: number): UsageRow => ({
    rangeStartMs: startMs,
    group: { model },
    sums: { ...noUsage, calls, costPicoUsd: 1_000_000_000n * BigInt(calls), durationUs: 1_500, timedCalls: 1 },
  });
  const rows = [row("=a", 1), row("b", 3), row(null, 2)];
  const written = (parameters: Parameters<typeof readUsageQuestion>[0], given: readonly UsageRow[] = rows): string =>
    new TextDecoder().decode(
      writeReport(readUsageQuestion({ from: "2026-11-22", to: "2026-11-23", ...parameters }, nowMs), given),
    );

  it("writes as JSON what reportUsage makes, each row with its interval", () => {
    const report = JSON.parse(written({ group_by: "model", interval: "day" })) as unknown;
    const start = "2026-11-22T00:00:00.000Z";
    expect(report).toMatchObject({
      rows: [
        {
          model: "=a",
          start: expect.stringContaining("2026-11-22"),
          calls: 1,
          cost_usd: "0.001",
          duration_ms_avg: 1.5,
        },
        { model: "b", calls: 3 },
        { model: null, calls: 2 },
      ],
      total: { calls: 6, cost_usd: "0.006" },
      from: start,
    });
  });

  it("writes the largest and the rest, as JSON and as CSV", () => {
    const { rows: top } = JSON.parse(written({ group_by: "model", top: "1" })) as { readonly rows: readonly unknown[] };
    expect(top).toMatchObject([
      { model: "b", other: false, calls: 3 },
      { other: true, calls: 3 },
    ]);
    const lines = written({ group_by: "model", top: "1", format: "csv" }).trim().split("\n");
    expect(lines.map((line) => line.split(",").slice(0, 3))).toEqual([
      ["model", "other", "calls"],
      ["b", "false", "3"],
      ["", "true", "3"],
    ]);
  });

  it("writes as CSV a header, a line for each row, and the sums alone where nothing is grouped", () => {
    const grouped = written({ group_by: "model", interval: "day", format: "csv" }).trim().split("\n");
    expect(grouped[0]).toMatch(/^model,start,calls,/);
    expect(grouped[1]).toMatch(/^'=a,2026-11-22/);
    expect(grouped).toHaveLength(4);
    const alone = written({ format: "csv" }).trim().split("\n");
    expect([alone.length, alone[0]?.split(",")[0], alone[1]?.split(",")[0]]).toEqual([2, "calls", "6"]);
    expect(written({ group_by: "model", format: "csv" }, []).trim().split("\n")).toHaveLength(1);
  });
});
