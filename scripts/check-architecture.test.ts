import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { architectureProblems } from "./check-architecture.mjs";
import { root } from "./steps.mjs";

const copies: string[] = [];
let copy: string;

/** A copy of the sources in which a violation can be planted. */
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "cmdrdata-architecture-"));
  copies.push(copy);
  for (const group of ["packages", "apps"]) {
    cpSync(join(root, group), join(copy, group), {
      recursive: true,
      filter: (path) => !/(dist|node_modules)$/.test(path),
    });
  }
});
afterAll(() => copies.forEach((folder) => rmSync(folder, { recursive: true })));

const plant = (file: string, text: string): void => writeFileSync(join(copy, file), text);

describe("check-architecture", () => {
  it("finds nothing in this repository", () => expect(architectureProblems(copy)).toEqual([]));

  it.each([
    [
      "an upward import",
      "packages/protocol/src/bad.ts",
      'import { x } from "@cmdrdata/tracker";',
      "level 0 depends on @cmdrdata/tracker of level 1",
    ],
    [
      "a sideways import",
      "packages/pricing/src/bad.ts",
      'import type { UsageStore } from "@cmdrdata/storage";',
      "level 1 depends on @cmdrdata/storage of level 1",
    ],
    [
      "a subpath import",
      "packages/tracker/src/bad.ts",
      'export { y } from "@cmdrdata/storage/sqlite";',
      "level 1 depends on @cmdrdata/storage of level 1",
    ],
    [
      "a dynamic import",
      "packages/openai/src/bad.ts",
      'await import("@cmdrdata/collector");',
      "level 2 depends on @cmdrdata/collector of level 2",
    ],
    [
      "testkit outside of tests",
      "packages/tracker/src/bad.ts",
      'import { fakeClock } from "@cmdrdata/testkit";',
      "level 1 depends on @cmdrdata/testkit of level 1",
    ],
    [
      "a path out of the package",
      "packages/tracker/src/bad.ts",
      'import "../../protocol/src/index.ts";',
      "leaves the package",
    ],
    [
      "a feature importing a feature",
      "packages/collector/src/query/bad.ts",
      'import "../ingest/commit.ts";',
      "feature folder query imports feature folder ingest",
    ],
    [
      "an engine importing the other",
      "packages/storage/src/postgres/bad.ts",
      'import "../sqlite/migrate.ts";\nimport "../sql/sql.ts";',
      "feature folder postgres imports feature folder sqlite",
    ],
    [
      "shared SQL importing an engine",
      "packages/storage/src/sql/bad.ts",
      'import "../postgres/migrate.ts";',
      "feature folder sql imports feature folder postgres",
    ],
    [
      "an import of Node's where there may be none",
      "packages/tracker/src/bad.ts",
      'import type { Socket } from "node:net";\nimport {\n  connect,\n} from "node:tls";',
      "imports node:tls, which not every runtime has",
    ],
    [
      "a dynamic import of Node's where there may be none",
      "packages/openai/src/bad.ts",
      'const fs = await import("node:fs");',
      "imports node:fs, which not every runtime has",
    ],
  ])("fails on %s", (_name, file, text, problem) => {
    plant(file, text);
    expect(architectureProblems(copy)).toEqual([expect.stringContaining(problem)]);
  });

  it("allows testkit in tests, and fails on an upward dependency in a package.json", () => {
    plant("packages/tracker/src/fine.test.ts", 'import { fakeClock } from "@cmdrdata/testkit";');
    plant("packages/protocol/package.json", '{"name":"@cmdrdata/protocol","dependencies":{"cmdrdata":"0.1.0"}}');
    plant("packages/pricing/package.json", '{"name":"@cmdrdata/unheard-of"}');
    expect(architectureProblems(copy)).toEqual([
      expect.stringContaining("@cmdrdata/unheard-of has no level"),
      expect.stringContaining("level 0 depends on cmdrdata of level 3"),
    ]);
  });
});
