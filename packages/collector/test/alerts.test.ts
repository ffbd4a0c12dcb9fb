/** The alert rules of docs/alerts.yml: that the page shows them, that what they ask for is served, and what they fire on. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, it, type TestContext } from "vitest";

import { startCollector } from "./running-collector.ts";

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rulesFile = fileOf("../../../docs/alerts.yml");
const casesFile = fileOf("./__fixtures__/alerts.yml");
const rules = readFileSync(rulesFile, "utf8");
const cases = readFileSync(casesFile, "utf8");
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);

/** @returns what `promtool` said, where it is there: it is Prometheus' own, and not in npm */
function promtool(
  context: TestContext,
  ...args: readonly string[]
): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync("promtool", args, { encoding: "utf8" });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    context.skip("promtool is not on the path: see CONTRIBUTING.md");
  }
  return { code: status, said: `${stdout}${stderr}` };
}

it("are shown in docs/collector.md as they are in their file", () => {
  const page = readFileSync(fileOf("../../../docs/collector.md"), "utf8");
  expect([...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text)).toEqual([rules]);
});

it("ask for series and labels that /metrics has", async () => {
  const collector = await startCollector();
  try {
    const served = await (await fetch(`${collector.url}/metrics`)).text();
    const asked = [...rules.matchAll(/^ +expr: (.*)$/gm)].flatMap(([, expression = ""]) => {
      const labels = [...expression.matchAll(/(\w+)(?:=~?|!=|!~)"/g)].map(([, label]) => label);
      const groups = [...expression.matchAll(/by \(([\w, ]+)\)/g)].flatMap(([, names = ""]) => names.split(", "));
      return [...expression.matchAll(/cmdrdata_\w+/g)].map(([name]) => ({ name, labels: [...labels, ...groups] }));
    });
    expect(asked.map(({ name }) => name)).toHaveLength(alerts.length);
    for (const { name, labels } of asked) {
      const line = served.split("\n").find((each) => each.startsWith(`${name}{`) || each.startsWith(`${name} `));
      expect(line, name).toBeDefined();
      for (const label of labels) expect(line).toMatch(new RegExp(`[{,]${label}="`));
    }
  } finally {
    await collector.close();
  }
});

it("each have a case in which they fire, and one in which they do not", () => {
  const asked = [...cases.matchAll(/alertname: (\w+)\n( +exp_alerts:)?/g)];
  const named = (fires: boolean) =>
    new Set(asked.filter(([, , alert]) => (alert !== undefined) === fires).map(([, name]) => name));
  expect([named(true), named(false)]).toEqual([new Set(alerts), new Set(alerts)]);
});

it("are rules to Prometheus", (context) => {
  const { code, said } = promtool(context, "check", "rules", rulesFile);
  expect([code, said]).toEqual([0, expect.stringContaining(`SUCCESS: ${alerts.length} rules found`)]);
});

it("fire on what they are for, and on nothing else", (context) => {
  const { code, said } = promtool(context, "test", "rules", casesFile);
  expect(code, said).toBe(0);
});
