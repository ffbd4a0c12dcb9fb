import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { resolveServeOptions } from "./serve-options.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cmdrdata-config-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string): string {
  const file = join(folder, "config.json");
  writeFileSync(file, text);
  return file;
}

it("is used where neither a flag nor the environment says anything", () => {
  const config = write(JSON.stringify({ port: 9_001, host: "0.0.0.0", logLevel: "warn", data: "/from-file" }));
  const env = { CMDRDATA_CONFIG: config, CMDRDATA_HOST: "127.0.0.2" };
  expect(resolveServeOptions({ data: "/from-flag" }, env)).toMatchObject({
    port: 9_001,
    host: "127.0.0.2",
    logLevel: "warn",
    data: "/from-flag",
  });
});

it("adds what is wrong in it to what is wrong elsewhere, without showing a value", () => {
  const config = write(JSON.stringify({ colour: "tk-secret", config: "x", port: true, host: null, logLevel: "loud" }));
  const resolve = () => resolveServeOptions({ config, authFailures: "0" }, {});
  expect(resolve).toThrow(
    /"colour".*"config".*port: expected a text or a number, got boolean.*host: .*got null.*--log-level.*--auth-failures/,
  );
  expect(resolve).not.toThrow(/tk-secret/);
});

it("says what it is when it is no object, no JSON, or not there", () => {
  expect(() => resolveServeOptions({ config: write("[]") }, {})).toThrow("--config: expected a JSON object in");
  const broken = () => resolveServeOptions({ config: write('{"databaseUrl": "postgres://u:secret@h/d"') }, {});
  expect(broken).toThrow("it is no JSON");
  expect(broken).not.toThrow(/secret/);
  expect(() => resolveServeOptions({ config: join(folder, "none.json") }, {})).toThrow("ENOENT");
});
