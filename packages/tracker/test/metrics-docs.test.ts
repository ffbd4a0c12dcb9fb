import { readFileSync } from "node:fs";

import { anEvent } from "@cmdrdata/testkit";
import { describe, expect, it } from "vitest";

import { measureNames } from "../src/index.ts";
import { makeTracker } from "./make-tracker.ts";

const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");

/** The names in the first column of the table under this heading. */
function namesUnder(heading: string): string[] {
  const section = page.split(/\n#{2,3} /).find((part) => part.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name).toSorted();
}

/** Paths of all fields; what `placeholders` names has keys that are not the type's. */
function pathsOf(value: object, placeholders: Readonly<Record<string, string>>, leaves: readonly string[]): string[] {
  const walk = (item: unknown, path: string): string[] => {
    if (typeof item !== "object" || item === null || leaves.includes(path)) return [path];
    return Object.entries(item).flatMap(([name, each]) => {
      const shown = placeholders[path] ?? name;
      return walk(each, path === "" ? shown : `${path}.${shown}`);
    });
  };
  return [...new Set(walk(value, ""))].toSorted();
}

describe("docs/metrics.md", () => {
  it("has every field of health(), and no other", () => {
    const { tracker } = makeTracker();
    tracker.capture(anEvent({ provider: "openai" }));
    const leaves = ["providers.<name>.errorsByType"];
    expect(namesUnder("`health()`")).toEqual(pathsOf(tracker.health(), { providers: "<name>" }, leaves));
  });

  it("has every field of metrics(), and no other", () => {
    const { tracker } = makeTracker();
    tracker.capture(anEvent());
    const placeholders = { dropped: "<reason>", failures: "<code>", histograms: "<name>", providers: "<name>" };
    const leaves = ["histograms.<name>", "providers.<name>"];
    expect(namesUnder("`metrics()`")).toEqual(pathsOf(tracker.metrics(), placeholders, leaves));
  });

  it.each([
    ["Reasons of `dropped`", "dropped"],
    ["Codes of `failures`", "failures"],
    ["Histograms", "histograms"],
  ] as const)("has a row for each of the %s", (heading, field) => {
    expect(namesUnder(heading)).toEqual(Object.keys(makeTracker().tracker.metrics()[field]).toSorted());
  });

  it("explains each histogram that there is", () => {
    expect(namesUnder("Histograms")).toEqual(measureNames.toSorted());
  });
});
