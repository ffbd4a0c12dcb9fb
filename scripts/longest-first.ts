/**
 * The order of the test files: those that take longest come first, so that at the end no worker waits for a single one.
 *
 * Vitest itself begins with the largest files, which says little of files that start real processes and wait for them.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Ends of paths. */
const long: readonly string[] = [
  "tracker/test/exit-table.test.ts",
  "storage/test/postgres-store.test.ts",
  "chaos/collector.test.ts",
  "chaos/collector-wrong.test.ts",
  "chaos/chaos.test.ts",
  "collector/test/http.test.ts",
  "collector/test/prices.test.ts",
  "openai/test/differential/processes.test.ts",
  "storage/test/postgres-schema.test.ts",
  "collector/src/time-ranges.test.ts",
  "collector/test/limits.test.ts",
  "collector/test/queries.test.ts",
  "e2e/main-job.test.ts",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array's, but Vitest's own order
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = long.findIndex((end) => moduleId.endsWith(end));
  return place === -1 ? long.length : place;
}
