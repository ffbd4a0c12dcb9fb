import { describe, expect, it } from "vitest";

import { endpointProblem } from "./endpoint-policy.ts";

describe("endpointProblem", () => {
  it.each([
    "https://collector.example.com/api/events",
    "https://10.0.0.1:8443/api/events",
    "HTTPS://collector.example.com",
    "http://localhost:8787/api/events",
    "http://LOCALHOST/api/events",
    "http://127.0.0.1:8787/api/events",
    "http://127.1.2.3/api/events",
    "http://[::1]:8787/api/events",
    "http://[0:0:0:0:0:0:0:1]/api/events",
  ])("takes %s", (endpoint) => {
    expect(endpointProblem(endpoint, false)).toBeUndefined();
  });

  it.each([
    "http://collector.example.com/api/events",
    "http://10.0.0.1/api/events",
    "http://0.0.0.0/api/events",
    "http://[::]/api/events",
    "http://localhost.example.com/api/events",
    "http://127.0.0.1.example.com/api/events",
    "http://[::ffff:10.0.0.1]/api/events",
  ])("takes %s only with security.allowInsecureHttp", (endpoint) => {
    expect(endpointProblem(endpoint, false)).toMatch(/^expected https:\/\/ .*security\.allowInsecureHttp/);
    expect(endpointProblem(endpoint, true)).toBeUndefined();
  });

  it.each(["https://user:hunter2@example.com/", "http://hunter2@127.0.0.1/", "https://:hunter2@example.com/"])(
    "refuses credentials in %s, without repeating them",
    (endpoint) => {
      for (const insecure of [false, true]) {
        expect(endpointProblem(endpoint, insecure)).toMatch(/^expected a URL without user name and password/);
        expect(endpointProblem(endpoint, insecure)).not.toContain("hunter2");
      }
    },
  );

  it.each(["ftp://example.com/", "file:///etc/passwd", "ws://localhost/", "javascript:alert(1)"])(
    "refuses the scheme of %s",
    (endpoint) => {
      expect(endpointProblem(endpoint, true)).toMatch(/^expected https:\/\/, got /);
    },
  );

  it.each(["", "my-collector", "/api", "https://", "tk-0123456789abcdefghij"])(
    "refuses %j: it is no URL",
    (endpoint) => {
      const problem = endpointProblem(endpoint, true);
      expect(problem).toBe("expected a URL like https://collector.example.com/api/events, got another text");
    },
  );
});
