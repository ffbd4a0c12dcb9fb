import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { defineConfig, type Plugin } from "vitest/config";

import { LongestFirst } from "./scripts/longest-first.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the sources, so that coverage is of the sources; tests/ run on what was built and packed. */
const alias = [
  {
    find: /^@cmdrdata\/storage\/(sqlite|postgres|contract)$/,
    replacement: source("./packages/storage/src/$1/index.ts"),
  },
  { find: /^@cmdrdata\/([a-z]+)$/, replacement: source("./packages/$1/src/index.ts") },
  { find: /^cmdrdata-openai$/, replacement: source("./packages/openai/src/index.ts") },
];

/** Tests, and the programs they start, leave nothing in the spool of whoever runs them, and take nothing from it. */
const env = { CMDRDATA_DURABILITY: "memory" };

const seededFastCheck = source("./scripts/seeded-fast-check.ts");

/** Loaded by those tests that import it: a set-up file would load it for all. */
const plugins: Plugin[] = [
  {
    name: "seeded-fast-check",
    enforce: "pre",
    resolveId: (name, importer) =>
      name === "fast-check" && importer !== seededFastCheck ? seededFastCheck : undefined,
  },
];

/** Projects whose tests use PostgreSQL share one server, started when there are any. */
const postgres = source("./packages/testkit/src/postgres/vitest-setup.ts");
const onPostgres: readonly string[] = ["storage", "collector"];

const units = ["protocol", "pricing", "tracker", "testkit", "storage", "openai", "collector"].map((name) => ({
  plugins,
  resolve: { alias },
  test: {
    name,
    include: [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/**/*.test.ts`],
    testTimeout: 120_000,
    env,
    globalSetup: onPostgres.includes(name) ? [postgres] : [],
  },
}));

export default defineConfig({
  test: {
    // Many of them wait: for processes, for a server, for a disk. One worker for each core, and one more, keeps the cores busy.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      ...units,
      {
        plugins,
        resolve: { alias },
        test: {
          name: "cmdrdata",
          include: ["apps/cmdrdata/src/**/*.test.ts"],
          testTimeout: 120_000,
          env,
          globalSetup: [postgres],
        },
      },
      { plugins, test: { name: "scripts", include: ["scripts/**/*.test.ts"], testTimeout: 120_000 } },
      {
        plugins,
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          env,
        },
      },
      {
        plugins,
        test: {
          name: "chaos",
          include: ["tests/chaos/**/*.test.ts"],
          testTimeout: 120_000,
          maxConcurrency: 2,
          env,
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"],
      // Exceptions, with their reasons, are listed in CONTRIBUTING.md.
      exclude: [
        "**/*.test.ts",
        "**/*.test-d.ts",
        "**/*.generated.ts",
        "packages/testkit/**",
        "packages/storage/src/contract/**",
        "packages/collector/src/*/*-worker.ts",
        "apps/cmdrdata/src/main.ts",
      ],
      reporter: ["text"],
      thresholds: {
        "packages/{protocol,pricing}/src/**": { lines: 100, branches: 100, functions: 100, statements: 100 },
        "packages/tracker/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
        "packages/storage/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
        "packages/openai/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
        "packages/collector/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
        "apps/cmdrdata/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
      },
    },
  },
});
