// The collector from its tarball: `npx cmdrdata serve` starts, takes an event, reports it, and ends on SIGTERM with 0.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const key = `tk-${"a".repeat(30)}`;
const folder = mkdtempSync(join(tmpdir(), "cmdrdata-installed-"));
const child = spawn(
  process.execPath,
  ["node_modules/cmdrdata/bin/cmdrdata.js", "serve", "--data", folder, "--port", "0"],
  {
    env: { ...process.env, CMDRDATA_BOOTSTRAP_KEY: key },
    stdio: ["ignore", "pipe", "inherit"],
  },
);
try {
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line);
    if (entry.msg !== "ready") continue;
    url = entry.url;
    break;
  }
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const event = { id: "a", customer_id: "acme", model: "gpt-4o", input_tokens: 1000, output_tokens: 100 };
  const posted = await fetch(`${url}/api/events`, { method: "POST", headers, body: JSON.stringify(event) });
  assert.equal((await posted.json()).accepted, 1);
  const report = await (await fetch(`${url}/api/v1/usage`, { headers })).json();
  assert.equal(report.total.cost_usd, "0.0035");
} finally {
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  rmSync(folder, { recursive: true });
  assert.equal(code, 0);
}
