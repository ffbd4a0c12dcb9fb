import { expect, it } from "vitest";

import { describeRuntime } from "./runtime.ts";

it("names Node, Bun, Deno and workerd, of which the others also claim to be Node", () => {
  expect(describeRuntime()).toBe(`node/${process.versions.node}`);
  expect(describeRuntime({ process: { versions: { node: "24.0.0", bun: "1.3.0" } } })).toBe("bun/1.3.0");
  expect(describeRuntime({ process: { versions: { node: "24.0.0" } }, Deno: { version: { deno: "2.5.0" } } })).toBe(
    "deno/2.5.0",
  );
  const worker = { userAgent: "Cloudflare-Workers" };
  expect(describeRuntime({ process: { versions: { node: "24.0.0" } }, navigator: worker })).toBe("workerd");
  expect(describeRuntime({})).toBeNull();
});
