/** The example in docs/tracing.md is a program, and does what the page says. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { useBench } from "./harness.ts";

const makeBench = useBench();
const program = new URL("programs/traced.mjs", import.meta.url);

it("docs/tracing.md shows the program", () => {
  const page = readFileSync(new URL("../../../docs/tracing.md", import.meta.url), "utf8");
  expect(/```js\n([\s\S]*?)```/.exec(page)?.[1]).toBe(readFileSync(program, "utf8"));
});

it("the program's call is a span below its own", async () => {
  const { server } = makeBench();
  const env = { ...process.env, OPENAI_API_KEY: "sk-x", OPENAI_BASE_URL: server.baseURL };
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(program)], { env });
  const [call = "", own = ""] = stdout.split(/(?<=^\}\n)/m);
  expect(
    [call, own].map((span) => /name: '(.*)'/.exec(span.replace(/instrumentationScope: \{[^}]*\}/, ""))?.[1]),
  ).toEqual(["chat gpt-4o", "answer a question"]);
  const id = /\n {2}id: '(\w+)'/.exec(own)?.[1];
  expect(id).toMatch(/^\w{16}$/);
  expect(/parentSpanContext: \{[^}]*spanId: '(\w+)'/.exec(call)?.[1]).toBe(id);
  expect(stdout).not.toContain("canary");
});
