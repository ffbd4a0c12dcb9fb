// `npm run openai:namespace`: writes the namespace of TrackedOpenAI, which carries the SDK's types under the
// names they have on `OpenAI` (`OpenAI.ChatCompletion`, `OpenAI.Chat.Completions`, …), from what the supported majors declare.
// TypeScript has no "extends" for namespaces. A name that one of the majors lacks is written so that its absence is no error.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "./build.mjs";
import { openAIMajors, prepareOpenAI, workspaceMajor } from "./openai-versions.mjs";
import { root } from "./steps.mjs";

const begin = "  // begin: written by scripts/openai-namespace.mjs\n";
const end = "  // end\n";

/**
 * @typedef {{ isType: boolean, parameters: string }} Member `parameters` of a generic type, e.g. "<Item>"
 */

/** @param {string} folder of an installed openai @returns {Map<string, Member>} */
function namespaceOf(folder) {
  const text = readFirst(folder, ["client.d.ts", "index.d.ts"]);
  const body = text.slice(text.indexOf("export declare namespace OpenAI {"));
  /** @type {Map<string, Member>} */
  const members = new Map();
  const add = (/** @type {string} */ name, isType = true, parameters = "") => members.set(name, { isType, parameters });
  for (const [, name = ""] of body.matchAll(/^ {4}export type (\w+) =/gm)) add(name);
  for (const [, name = ""] of body.matchAll(/^ {4}export import (\w+) =/gm)) add(name, false);
  const lists = [...body.matchAll(/^ {4}export \{([^}]*)\}/gm)].map(([list]) => list);
  for (const [, type, name = ""] of lists.join().matchAll(/(type )?\b\w+ as (\w+)/g)) add(name, type !== undefined);
  // The only generic types among them are those of pages.
  const pages = readFirst(folder, ["core/pagination.d.ts", "pagination.d.ts"]);
  for (const [, name = "", parameter = ""] of pages.matchAll(/export interface (\w+)<(\w+)/g)) {
    if (members.has(name)) add(name, true, `<${parameter}>`);
  }
  return members;
}

/** @param {string} folder @param {readonly string[]} names of files, of which one is there in each major */
function readFirst(folder, names) {
  const file = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  return readFileSync(file ?? join(folder, names[0] ?? ""), "utf8");
}

/** @param {readonly Map<string, Member>[]} majors @returns {string} the lines between the marks */
function renderNamespace(majors) {
  const names = [...new Set(majors.flatMap((members) => [...members.keys()]))].toSorted();
  return names.map((name) => renderMember(name, majors)).join("");
}

/** @param {string} name @param {readonly Map<string, Member>[]} majors */
function renderMember(name, majors) {
  const declared = majors.map((members) => members.get(name)).filter((member) => member !== undefined);
  // A type where any of them has a type only: an alias of it is an error, a type of a class is none.
  const isType = declared.some((member) => member.isType);
  const parameters = declared.at(-1)?.parameters ?? "";
  const line = isType
    ? `  export type ${name}${parameters} = OpenAI.${name}${parameters};\n`
    : `  export import ${name} = OpenAI.${name};\n`;
  return declared.length === majors.length ? line : `  /** @ts-ignore not in every openai */\n${line}`;
}

/** @param {string} source of tracked-openai.ts @param {string} lines */
function withNamespace(source, lines) {
  const from = source.indexOf(begin) + begin.length;
  const to = source.indexOf(end, from);
  if (from < begin.length || to < from) throw new Error("tracked-openai.ts: expected the marks of the namespace");
  return source.slice(0, from) + lines + source.slice(to);
}

/** The majors, oldest first; installs those that are not there. */
async function installedMajors() {
  const folders = [];
  for (const { major } of openAIMajors) {
    const folder = major === workspaceMajor ? root : await prepareOpenAI(major);
    folders.push(join(folder, "node_modules", "openai"));
  }
  return folders;
}

const file = join(root, "packages", "openai", "src", "tracked-openai.ts");

/** @returns {Promise<{ source: string, written: string }>} the file as it is, and as it must be */
async function namespaceNow() {
  const source = readFileSync(file, "utf8");
  return { source, written: withNamespace(source, renderNamespace((await installedMajors()).map(namespaceOf))) };
}

/**
 * @param {(text: string) => void} [say]
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function checkNamespace(say = (text) => void process.stdout.write(text)) {
  const { source, written } = await namespaceNow();
  const same = source === written;
  say(
    same
      ? "ok     the namespace of TrackedOpenAI\n"
      : "FAILED the namespace of TrackedOpenAI: npm run openai:namespace\n",
  );
  return { passed: Number(same), failed: Number(!same) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await build();
  writeFileSync(file, (await namespaceNow()).written);
}
