import { describe, expect, it } from "vitest";

import { createKeyDesk } from "./key-desk.ts";

describe("createKeyDesk", () => {
  it("fails no request when the use of a key cannot be noted", async () => {
    const warnings: unknown[] = [];
    const desk = createKeyDesk({
      keys: {
        findKey: async (hash) => ({ hash, endsAtMs: null }) as never,
      },
      admin: {
        noteKeyUse: () => Promise.reject(new Error("disk full")),
      },
      clock: { now: () => 0, monotonicNow: () => 0 },
      logger: { warn: (...words: unknown[]) => void warnings.push(words) } as never,
    });
    expect(await desk.findKey("ab")).toMatchObject({ hash: "ab" });
    await desk.flush();
    await desk.flush();
    expect(warnings).toHaveLength(1);
  });
});
