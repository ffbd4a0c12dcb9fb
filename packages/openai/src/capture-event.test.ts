import { emptyEvent, type UsageEvent } from "@cmdrdata/protocol";
import type { Tracker } from "@cmdrdata/tracker";
import { expect, it } from "vitest";

import { captureChecked, captureLater } from "./capture-event.ts";
import { nextTurn } from "./clock.ts";

const fallback = { ...emptyEvent, id: "1" };
const made = { ...fallback, input_tokens: 5 };
const never = (): never => {
  throw new Error("not expected");
};

it("hands a checked event over as it is, and whole to a tracker that knows no other", () => {
  const taken: unknown[] = [];
  captureChecked({ captureChecked: (event: unknown) => taken.push(["checked", event]), capture: never } as never, made);
  captureChecked({ capture: (event: unknown) => taken.push(["whole", event]) } as never, made);
  expect(taken).toEqual([
    ["checked", made],
    ["whole", made],
  ]);
});

it("leaves it to the tracker when that can", () => {
  const taken: unknown[] = [];
  const tracker = { captureLater: (...given: unknown[]) => taken.push(given) } as unknown as Tracker;
  const complete = async (): Promise<UsageEvent> => made;
  captureLater(tracker, { fallback, complete, materialBytes: 7, report: never });
  expect(taken).toEqual([[fallback, complete, 7]]);
});

it.each([
  ["what was made", async () => made, made],
  ["the fallback when making it fails", () => Promise.reject(new Error("no")), fallback],
])("gives another tracker %s, later", async (_, complete, expected) => {
  const taken: UsageEvent[] = [];
  const tracker = { capture: (event: UsageEvent) => taken.push(event) } as unknown as Tracker;
  captureLater(tracker, { fallback, complete, materialBytes: 0, report: never });
  expect(taken).toEqual([]);
  await nextTurn();
  await nextTurn();
  expect(taken).toEqual([expected]);
});

it("reports what another tracker throws", async () => {
  const reported: unknown[] = [];
  const full = new Error("full");
  const tracker = {
    capture: () => {
      throw full;
    },
  } as unknown as Tracker;
  captureLater(tracker, {
    fallback,
    complete: async () => made,
    materialBytes: 0,
    report: (bug) => reported.push(bug),
  });
  await nextTurn();
  await nextTurn();
  expect(reported).toEqual([full]);
});
