import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatUsd } from "./format-usd.ts";
import { reportUsage } from "./usage-report.ts";
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
