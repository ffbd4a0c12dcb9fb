import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the sources, so that coverage is of the sources; tests/ run on what was built and packed. */
const alias = [
  { find: /^@cmdrdata\/storage\/(sqlite|contract)$/, replacement: source("./packages/storage/src/$1/index.ts") },
  { find: /^@cmdrdata\/([a-z]+)$/, replacement: source("./packages/$1/src/index.ts") },
  { find: /^cmdrdata-openai$/, replacement: source("./packages/openai/src/index.ts") },
];

const units = ["protocol", "pricing", "tracker", "testkit", "storage", "openai", "collector"].map((name) => ({
  resolve: { alias },
  test: {
    name,
    include: [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/**/*.test.ts`],
    testTimeout: 20_000,
  },
}));

export default defineConfig({
  test: {
    projects: [
      ...units,
      {
        resolve: { alias },
        test: { name: "cmdrdata", include: ["apps/cmdrdata/src/**/*.test.ts"], testTimeout: 20_000 },
      },
      { test: { name: "scripts", include: ["scripts/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.test-d.ts", "packages/testkit/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
