/**
 * docs/compatibility.md, the peer range and the versions that are tested say the same as the tables in the code: of the
 * majors (tests/openai-versions/majors.json) and of the programs. `npm run docs:compatibility` writes the page.
 */
import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { majorOf } from "./differential/program.ts";
import { programs } from "./differential/programs/all.ts";

interface Major {
  readonly major: number;
  readonly version: string;
  readonly nodes: readonly number[];
  readonly nodeInTest: number;
  readonly types: string;
}

const root = new URL("../../../", import.meta.url);
const page = new URL("docs/compatibility.md", root);
const begin = "<!-- begin: written by npm run docs:compatibility -->\n";
const end = "<!-- end -->\n";

const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), "utf8"));
const majors = readJson("tests/openai-versions/majors.json") as readonly Major[];
const all = Object.values(programs).flat();

function renderTable(): string {
  const rows = majors.map(({ major, version, nodes, types }) => {
    const lacking = all.filter(({ since }) => since !== undefined && since.major > major);
    const leftOut = lacking.map(({ since }) => since?.needs).join(", ");
    const count = `${all.length - lacking.length} of ${all.length}`;
    return `| ${major} | ${version} | ${nodes.join(", ")} | ${count} | ${leftOut === "" ? "nothing" : leftOut} | ${types} |`;
  });
  return [
    "| openai | tested with | on Node | programs | left out: what the major lacks | tracking fields typed |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

it("docs/compatibility.md says what the tables say", () => {
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from >= begin.length && to >= from).toBe(true);
  const written = text.slice(0, from) + renderTable() + text.slice(to);
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, written);
  expect(readFileSync(page, "utf8")).toBe(written);
});

describe.each(majors)("openai $major", ({ major, version, nodes, nodeInTest }) => {
  const { peerDependencies, devDependencies } = readJson("packages/openai/package.json") as {
    readonly peerDependencies: { readonly openai: string };
    readonly devDependencies: { readonly openai: string };
  };

  it("is in the peer range, which ends where the table ends", () => {
    const [, from = "", below = ""] = /^>=([\d.]+) <(\d+)$/.exec(peerDependencies.openai) ?? [];
    expect([majorOf(from), Number(below) - 1]).toEqual([majors[0]?.major, majors.at(-1)?.major]);
    expect(readFileSync(page, "utf8")).toContain(`\`${peerDependencies.openai}\``);
    expect(majorOf(version)).toBe(major);
  });

  it("is installed in the version that the table names", () => {
    if (devDependencies.openai === version) return;
    const folder = `tests/openai-versions/openai-${major}`;
    const { dependencies } = readJson(`${folder}/package.json`) as { readonly dependencies: object };
    const { packages } = readJson(`${folder}/package-lock.json`) as {
      readonly packages: Readonly<Record<string, { readonly version: string }>>;
    };
    expect(dependencies).toMatchObject({ openai: version });
    expect(packages["node_modules/openai"]?.version).toBe(version);
  });

  it("is tested on a Node that it is for", () => {
    expect(nodes).toContain(nodeInTest);
  });
});
