// `npm run api:report`: writes what each package that programs import declares, into packages/*/api.md, so that a change of the
// public face shows in review. `npm run check` fails where the report and the code differ, and on an `any` in it.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "./build.mjs";
import { root } from "./steps.mjs";

const packages = ["protocol", "tracker", "openai"];

/**
 * @param {boolean} update write the reports; else compare
 * @returns {Promise<string[]>} what is wrong
 */
export async function apiReports(update) {
  const folder = mkdtempSync(join(tmpdir(), "cmdrdata-api-"));
  try {
    const problems = [];
    for (const name of packages) problems.push(...(await reportOf(name, folder, update)));
    return problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} name @param {string} folder for reports that may differ @param {boolean} update */
async function reportOf(name, folder, update) {
  const written = await extract(name, folder);
  const committed = join(root, "packages", name, "api.md");
  if (update) copyFileSync(written, committed);
  const text = readFileSync(written, "utf8");
  const problems = [];
  if (!existsSync(committed) || readFileSync(committed, "utf8") !== text) {
    problems.push(`packages/${name}/api.md differs from the code: npm run api:report`);
  }
  const code = text.slice(text.indexOf("```ts")).replaceAll(/\/\/.*$/gm, "");
  for (const line of code.split("\n"))
    if (/\bany\b/.test(line)) problems.push(`packages/${name}: any in "${line.trim()}"`);
  return problems;
}

/** @param {string} name @param {string} folder @returns {Promise<string>} path of the report */
async function extract(name, folder) {
  const { Extractor, ExtractorConfig } = await import("@microsoft/api-extractor");
  const projectFolder = join(root, "packages", name);
  const reportFileName = `${name}.api.md`;
  const extractorConfig = ExtractorConfig.prepare({
    configObjectFullPath: join(projectFolder, "api-extractor.json"),
    packageJsonFullPath: join(projectFolder, "package.json"),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: join(projectFolder, "dist", "esm", "index.d.ts"),
      compiler: { overrideTsconfig: { compilerOptions, include: ["dist/esm/**/*.d.ts"] } },
      apiReport: { enabled: true, reportFileName, reportFolder: folder, reportTempFolder: join(folder, "temp") },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
  });
  Extractor.invoke(extractorConfig, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return join(folder, reportFileName);
}

/** For the compiler that API Extractor brings: TypeScript 7 has no interface for it. */
const compilerOptions = {
  target: "es2022",
  module: "nodenext",
  moduleResolution: "nodenext",
  strict: true,
  skipLibCheck: true,
  types: ["node"],
  lib: ["es2023"],
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await build();
  const problems = await apiReports(!process.argv.includes("--check"));
  process.stdout.write(problems.map((problem) => `${problem}\n`).join(""));
  process.exitCode = problems.length === 0 ? 0 : 1;
}
