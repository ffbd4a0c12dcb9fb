import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { selfSigned } from "@cmdrdata/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readCertificate } from "./certificate.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cmdrdata-tls-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("readCertificate", () => {
  it("reads a certificate and its key", () => {
    const { cert, key } = selfSigned();
    expect(readCertificate({ cert: write("c", cert), key: write("k", key) })).toEqual({ cert, key });
  });

  it("refuses files that are not there, another certificate's key, and what is no key, without quoting it", () => {
    const { cert, key } = selfSigned();
    const invalid = expect.objectContaining({ code: "CMDR_OPTIONS_INVALID" }) as Error;
    const path = write("c", cert);
    expect(() => readCertificate({ cert: join(folder, "none"), key: path })).toThrow(invalid);
    expect(() => readCertificate({ cert: path, key: write("other", selfSigned().key) })).toThrow(invalid);
    const broken = write("broken", key.slice(0, 200));
    expect(() => readCertificate({ cert: path, key: broken })).toThrow(invalid);
    expect(() => readCertificate({ cert: path, key: broken })).not.toThrow(key.slice(40, 80));
  });
});
