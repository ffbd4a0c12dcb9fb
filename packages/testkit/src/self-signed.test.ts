import { X509Certificate } from "node:crypto";

import { describe, expect, it } from "vitest";

import { selfSigned, testAuthority } from "./self-signed.ts";

describe("selfSigned", () => {
  it("is for the host it is told, and for its own key", () => {
    const { cert, key } = selfSigned({ host: "collector.example.com" });
    const certificate = new X509Certificate(cert);
    expect(certificate.checkHost("collector.example.com")).toBe("collector.example.com");
    expect(certificate.checkHost("other.example.com")).toBeUndefined();
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(key).toContain("BEGIN PRIVATE KEY");
    expect(new X509Certificate(selfSigned().cert).checkIP("127.0.0.1")).toBe("127.0.0.1");
  });
});

describe("testAuthority", () => {
  it("vouches for what it issues, and for nothing else", () => {
    const authority = new X509Certificate(testAuthority("one").cert);
    const one = testAuthority("one");
    const issued = new X509Certificate(one.issue().cert);
    expect(new X509Certificate(one.cert).ca).toBe(true);
    expect(issued.ca).toBe(false);
    expect(issued.verify(new X509Certificate(one.cert).publicKey)).toBe(true);
    expect(issued.verify(authority.publicKey)).toBe(false);
  });

  it("dates a certificate as it is told", () => {
    const from = new Date("2020-01-02T03:04:05Z");
    const until = new Date("2021-01-02T03:04:05Z");
    const certificate = new X509Certificate(testAuthority().issue({ from, until }).cert);
    expect([new Date(certificate.validFrom), new Date(certificate.validTo)]).toEqual([from, until]);
  });
});
