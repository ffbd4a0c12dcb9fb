import { describe, expect, it } from "vitest";

import type { Call, CallRecorder } from "./call.ts";
import { guardRecorder } from "./guard-recorder.ts";

const broken = new Proxy({} as CallRecorder, {
  get: () => () => {
    throw new Error("bug");
  },
});

describe("guardRecorder", () => {
  it("reports what a recorder throws, gives the call up, and shows stream items (D1)", () => {
    const bugs: unknown[] = [];
    const forgotten: unknown[] = [];
    const call = { settled: false } as Call;
    const recorder = guardRecorder(
      broken,
      (bug) => bugs.push(bug),
      (given) => forgotten.push(given),
    );
    expect(recorder.item(call, { value: {} })).toBe(true);
    recorder.answered(call, {});
    expect(bugs).toHaveLength(2);
    expect(call.settled).toBe(true);
    expect(forgotten).toEqual([call, call]);
  });

  it("survives a report that throws", () => {
    const report = (): void => {
      throw new Error("logger");
    };
    const recorder = guardRecorder(broken, report, () => {});
    expect(() => recorder.failed({} as Call, new Error("theirs"))).not.toThrow();
  });
});
