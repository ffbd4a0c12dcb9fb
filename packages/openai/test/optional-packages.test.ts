/** What is optional is loaded when it is needed, and not before: seen in a program that uses what was built. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { chatChunks } from "./fixtures.ts";
import { useBench } from "./harness.ts";

const makeBench = useBench();
const program = fileURLToPath(new URL("programs/loads.cjs", import.meta.url));

it("loads the tokenizer for the first estimate, and OpenTelemetry and prom-client never", async () => {
  const { server } = makeBench();
  server.next.push({ kind: "json", body: { usage: { prompt_tokens: 1 } } });
  // With its usage asked for or not: the program's server is nobody's that is known.
  server.next.push({ kind: "stream", steps: chatChunks(true) }, { kind: "stream", steps: chatChunks(false) });
  const calls = ["whole", "stream", "cut"];
  const { stdout } = await promisify(execFile)(process.execPath, [program, server.baseURL, ...calls], {
    timeout: 30_000,
  });
  expect(JSON.parse(stdout)).toEqual([
    { call: "whole", source: "reported", loaded: [] },
    { call: "stream", source: "reported", loaded: [] },
    { call: "cut", source: "estimated", loaded: ["gpt-tokenizer"] },
  ]);
});
