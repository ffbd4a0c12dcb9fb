import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { redactSecrets } from "./redact.ts";

describe("redactSecrets", () => {
  it.each([
    ["tk-0123456789abcdefghij is bad", "[redacted] is bad"],
    ["sk-proj-abc_DEF-123456", "[redacted]"],
    ["sk-admin-abc_DEF-123456 and sk-svcacct-x0123456", "[redacted] and [redacted]"],
    ["TK-0123456789", "[redacted]"],
    ["MY_sk-0123456789", "MY_[redacted]"],
    ["a%20sk-0123456789abcdef0", "a%20[redacted]"],
    ["ek_68af296e8e408191a1120ab6383263c2", "[redacted]"],
    ["whsec_0123456789abcdef", "[redacted]"],
    ["org-0123456789abcdef in proj_0123456789abcdef", "[redacted] in [redacted]"],
    ["authorization: Bearer abc.def.ghi", "authorization: [redacted]"],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: [redacted]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "[redacted]"],
    ['{"key":"tk-0123456789"}', '{"key":"[redacted]"}'],
    ['{"api-key":"0123456789abcdef"}', '{"api-key":"[redacted]"}'],
    ["api_key=abc&model=gpt-4o", "api_key=[redacted]&model=gpt-4o"],
    ["https://h/p?sig=a%2Bb&se=1", "https://h/p?sig=[redacted]&se=1"],
    ["https://user:hunter2@host/path", "https://[redacted]@host/path"],
    ["password: hunter2, token=abc", "password: [redacted], token=[redacted]"],
    ["task-force, risk-free, desk-01", "task-force, risk-free, desk-01"],
    ["connect ECONNREFUSED 127.0.0.1:8787", "connect ECONNREFUSED 127.0.0.1:8787"],
    ["CMDR_FIELD_TYPE in metadata.monkey", "CMDR_FIELD_TYPE in metadata.monkey"],
  ])("%s", (text, redacted) => {
    expect(redactSecrets(text)).toBe(redacted);
  });

  it("leaves no key in any text, whatever stands around it", () => {
    const key = fc.stringMatching(/^(?:tk|sk|sk-proj|sk-admin)-[A-Za-z0-9_-]{20,60}$/);
    fc.assert(
      fc.property(fc.string(), key, fc.string(), (before, secret, after) => {
        expect(redactSecrets(`${before}${secret}${after}`)).not.toContain(secret);
        expect(redactSecrets(JSON.stringify({ text: `\n${secret}` }))).not.toContain(secret);
        expect(redactSecrets(encodeURIComponent(` ${secret}`))).not.toContain(secret);
      }),
    );
  });

  it("takes time in proportion to the text", () => {
    for (const text of ["a".repeat(200_000), "sk-".repeat(60_000), "https://".repeat(25_000), "token".repeat(40_000)]) {
      const start = process.cpuUsage();
      redactSecrets(text.slice(0, 4_000));
      const { user } = process.cpuUsage(start);
      expect(user).toBeLessThan(200_000);
    }
  });
});
