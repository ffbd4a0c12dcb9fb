import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { selfSigned, testAuthority } from "@cmdrdata/testkit";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

import { securityProblems, trustedAuthorities } from "./security-options.ts";

const folder = mkdtempSync(join(tmpdir(), "cmdrdata-ca-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

const [one, other] = [testAuthority("one").cert, testAuthority("other").cert];

function file(name: string, content: string): Record<string, string> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { CMDRDATA_CA_FILE: path };
}

describe("security.ca", () => {
  it.each([
    ["a text", one, 1],
    ["a text with two", `the first:\n${one}\nand ${other}`, 2],
    ["bytes", Buffer.from(one), 1],
    ["bytes that are no Buffer", new TextEncoder().encode(one), 1],
    ["a list", [one, Buffer.from(other)], 2],
  ])("takes %s", (_form, ca, count) => {
    expect(securityProblems({ ca }, {})).toEqual([]);
    expect(trustedAuthorities({ ca }, {})).toHaveLength(count);
  });

  it.each([
    ["a number", 7, "security.ca: expected certificates in PEM, got a number"],
    ["null", null, "security.ca: expected certificates in PEM, got an object"],
    ["a list with a flag", [one, true], "security.ca: expected certificates in PEM, got a boolean"],
    ["an empty list", [], "security.ca: expected certificates in PEM, got none"],
    ["a text without one", "ca.pem", "security.ca: expected certificates in PEM, got none"],
    ["only a private key", selfSigned().key, "security.ca: expected certificates in PEM, got none"],
    [
      "a damaged one",
      [one, other.replace(/\n[^-]{60}/, "\n")],
      "security.ca: expected certificates in PEM, number 2 is not readable",
    ],
  ])("refuses %s, and never repeats it", (_form, ca, problem) => {
    expect(securityProblems({ ca }, {})).toEqual([problem]);
  });

  it("takes nothing but the certificates of a text", () => {
    const server = selfSigned();
    expect(trustedAuthorities({ ca: server.key + server.cert }, {})).toEqual([server.cert.trimEnd()]);
  });
});

describe("CMDRDATA_CA_FILE", () => {
  it("is read where the option does not say", () => {
    const env = file("both.pem", one + other);
    expect(securityProblems(undefined, env)).toEqual([]);
    expect(trustedAuthorities(undefined, env)).toEqual([one.trimEnd(), other.trimEnd()]);
    expect(trustedAuthorities({ ca: other }, env)).toEqual([other.trimEnd()]);
    expect(trustedAuthorities({}, { CMDRDATA_CA_FILE: "" })).toBeUndefined();
  });

  it("is checked, and said to be wrong under its own name", () => {
    const missing = { CMDRDATA_CA_FILE: join(folder, "missing.pem") };
    expect(securityProblems({}, missing)).toEqual([
      "CMDRDATA_CA_FILE: expected a file of certificates in PEM, got ENOENT",
    ]);
    expect(securityProblems({}, file("empty.pem", "nothing"))).toEqual([
      "CMDRDATA_CA_FILE: expected certificates in PEM, got none",
    ]);
    expect(securityProblems({ ca: one }, missing)).toEqual([]);
  });
});

describe("where the runtime makes the connections", () => {
  it("refuses authorities, which nobody would look at", () => {
    const env = file("one.pem", one);
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    const notHere = "this runtime has no way to trust authorities of one's own";
    expect(securityProblems({ ca: one }, {})).toEqual([`security.ca: ${notHere}`]);
    expect(securityProblems({}, env)).toEqual([`CMDRDATA_CA_FILE: ${notHere}`]);
    vi.stubGlobal("process", {});
    expect(securityProblems({ ca: one }, {})).toEqual([`security.ca: ${notHere}`]);
    expect(securityProblems({}, env)).toEqual([`CMDRDATA_CA_FILE: ${notHere}`]);
    expect(securityProblems({}, {})).toEqual([]);
  });
});

describe("security", () => {
  it("is an object of what there is", () => {
    expect(securityProblems({}, {})).toEqual([]);
    expect(securityProblems("none", {})).toEqual(["security: expected an object"]);
    expect(securityProblems({ allowInsecureHttp: "yes", rejectUnauthorized: false }, {})).toEqual([
      "security.rejectUnauthorized: unknown option; expected one of allowInsecureHttp, ca",
      "security.allowInsecureHttp: expected true or false",
    ]);
  });
});
