// Whom the tracker trusts on another runtime: real TLS servers with certificates of every kind.
//   node runtimes/tls.mjs bun|deno <binary> <file URL of the testkit>
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const [kind, binary, testkit] = process.argv.slice(2);
const { scriptedCollector, selfSigned, testAuthority } = await import(testkit);
const folder = import.meta.dirname;
const caFile = join(folder, "ca.pem");
const authority = testAuthority();
writeFileSync(caFile, authority.cert);
const past = { from: new Date("2020-01-01T00:00:00Z"), until: new Date("2021-01-01T00:00:00Z") };

assert.deepEqual(await send(authority.issue(), caFile), { delivered: 1, held: 0, message: null });
for (const [tls, ca, reason] of [
  [selfSigned(), "", /self-signed/],
  [authority.issue(), "", /authority that is not trusted/],
  [authority.issue({ host: "example.com" }), caFile, /another host/],
  // Deno does not say why.
  [authority.issue(past), caFile, kind === "deno" ? /not trusted/ : /has expired/],
]) {
  const { message, ...counts } = await send(tls, ca);
  assert.deepEqual(counts, { delivered: 0, held: 1 });
  assert.match(message, reason);
}

async function send(tls, ca) {
  const collector = await scriptedCollector([], tls);
  const args = kind === "deno" ? ["run", "-A", "--no-prompt"] : ["run"];
  // The variable that turns all checks off does not.
  const env = { ...process.env, CMDRDATA_CA_FILE: ca, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
  const child = spawn(binary, [...args, join(folder, "one-event.mjs"), collector.url], { env });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  await new Promise((resolve) => child.on("close", resolve));
  const outcome = JSON.parse(output);
  assert.equal(collector.requests.length, outcome.delivered);
  await collector.close();
  return outcome;
}
