// Fails when a package depends upward or sideways: by import, by package.json or by a tsconfig reference; when a feature
// folder imports another one of its package; when an import leaves its package by a relative path; or when a package that
// runs in every runtime imports one of Node's modules.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

import { root } from "./steps.mjs";

/** Level of each package, as in ARCHITECTURE.md: a package depends on lower levels only. */
const levels = new Map([
  ["@cmdrdata/protocol", 0],
  ["@cmdrdata/pricing", 1],
  ["@cmdrdata/tracker", 1],
  ["@cmdrdata/storage", 1],
  ["@cmdrdata/testkit", 1],
  ["cmdrdata-openai", 2],
  ["@cmdrdata/collector", 2],
  ["cmdrdata", 3],
]);
/** Packages that run in every runtime: they ask for what is Node's (`nodeBuiltin`), and import nothing of it but types. */
const everywhere = new Set(["@cmdrdata/protocol", "@cmdrdata/tracker", "cmdrdata-openai"]);
/** What tests may import from any level. */
const testOnly = "@cmdrdata/testkit";

/**
 * Checks a repository.
 * @param {string} folder
 * @returns {string[]} one line per violation
 */
export function architectureProblems(folder) {
  const packages = ["packages", "apps"].flatMap((group) => subfolders(join(folder, group)));
  return packages.flatMap((path) => packageProblems(folder, path));
}

/** @param {string} folder @param {string} path */
function packageProblems(folder, path) {
  const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const level = levels.get(manifest.name);
  const where = relative(folder, path);
  if (level === undefined) return [`${where}: ${manifest.name} has no level in scripts/check-architecture.mjs`];
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).map((name) => ({
    name,
    at: `${where}/package.json`,
  }));
  const dev = Object.keys(manifest.devDependencies ?? {}).map((name) => ({ name, at: `${where}/package.json (dev)` }));
  const files = sourceFiles(path);
  const imports = files.flatMap((file) => importsOf(file).map((specifier) => ({ file, specifier })));
  const problems = [...declared, ...dev.filter(({ name }) => name !== testOnly)].flatMap((each) =>
    levelProblem(each.name, each.at, level),
  );
  if (everywhere.has(manifest.name)) problems.push(...files.flatMap((file) => builtinProblems(folder, file)));
  for (const { file, specifier } of imports) {
    const at = relative(folder, file);
    if (specifier.startsWith(".")) problems.push(...relativeProblems(path, file, specifier, at));
    else if (packageName(specifier) !== manifest.name && !(isTest(file) && specifier.startsWith(testOnly)))
      problems.push(...levelProblem(packageName(specifier), at, level));
  }
  return problems;
}

/** @param {string} name @param {string} at @param {number} level */
function levelProblem(name, at, level) {
  const other = levels.get(name);
  if (other === undefined || other < level) return [];
  return [`${at}: level ${level} depends on ${name} of level ${other}`];
}

/** @param {string} path @param {string} file @param {string} specifier @param {string} at */
function relativeProblems(path, file, specifier, at) {
  const target = resolve(dirname(file), specifier);
  if (relative(path, target).startsWith("..")) return [`${at}: ${specifier} leaves the package`];
  const [from, to] = [featureOf(path, file), featureOf(path, target)];
  if (isTest(file) || from === undefined || to === undefined || from === to) return [];
  if (isFacade(path, from) || isForAll(path, to)) return [];
  return [`${at}: feature folder ${from} imports feature folder ${to}`];
}

/** The folder under src/ that a file is in; undefined for files directly in src/. @param {string} path @param {string} file */
function featureOf(path, file) {
  const parts = relative(join(path, "src"), file).split(sep);
  return parts.length > 1 && parts[0] !== ".." ? parts[0] : undefined;
}

/** The folder that is allowed to know the others: the HTTP layer of the collector. @param {string} path @param {string} feature */
function isFacade(path, feature) {
  return path.endsWith(join("packages", "collector")) && feature === "http";
}

/** The folder that the others may know: the SQL of storage that is the same on both engines. @param {string} path @param {string} feature */
function isForAll(path, feature) {
  return path.endsWith(join("packages", "storage")) && feature === "sql";
}

/** @param {string} specifier */
function packageName(specifier) {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** @param {string} file */
function isTest(file) {
  return /\.test(-d)?\.ts$/.test(file) || file.split(sep).includes("test");
}

/** @param {string} folder @param {string} file */
function builtinProblems(folder, file) {
  if (isTest(file)) return [];
  const imported = readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\b(?! type\b)(?:[^;"']*\bfrom)?\s*["'](node:[^"']+)["']|(?<!typeof )\b(?:import|require)\(\s*["'](node:[^"']+)["']/gm,
  );
  return [...imported].map(
    ([, name, called]) => `${relative(folder, file)}: imports ${name ?? called}, which not every runtime has`,
  );
}

/** @param {string} file */
function importsOf(file) {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import|require)\s*\(?\s*["']([^"'\n]+)["']/g)].map((match) => match[1]);
}

/** @param {string} path */
function sourceFiles(path) {
  return ["src", "test", "bin", "cjs"].flatMap((name) => {
    const folder = join(path, name);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.[cm]?[jt]s$/.test(file))
      .map((file) => join(folder, file));
  });
}

/** @param {string} folder */
function subfolders(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "package.json")))
    .map((entry) => join(folder, entry.name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = architectureProblems(root);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`architecture: ${problems.length === 0 ? "clean" : `${problems.length} problems`}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
