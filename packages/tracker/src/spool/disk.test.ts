import { describe, expect, it } from "vitest";

import { openDisk } from "./disk.ts";

type Runtime = Parameters<typeof openDisk>[0];

/** A runtime that has these of Node's modules. */
const runtime = (modules: Readonly<Record<string, object>>, more: object = {}): Runtime =>
  ({ process: { getBuiltinModule: (name: string) => modules[name] }, ...more }) as unknown as Runtime;

const enough = { "node:fs": {}, "node:path": {}, "node:crypto": {}, "node:zlib": { crc32: () => 7 } };

describe("openDisk", () => {
  it("has all of this process", () => {
    const disk = openDisk();
    expect(disk?.crc32("a")).toBe(disk?.crc32(Buffer.from("a")));
    expect(disk?.sha256("a")).toMatch(/^[0-9a-f]{64}$/);
    expect(disk?.randomId()).not.toBe(disk?.randomId());
    expect([disk?.userId, typeof disk?.thread, disk?.resolve(".")]).toEqual([
      process.getuid?.(),
      "number",
      process.cwd(),
    ]);
  });

  it("does with what is needed, and counts what has no numbers as one thread of nobody's", () => {
    expect(openDisk(runtime(enough))).toMatchObject({ userId: undefined, thread: 0 });
  });

  it.each<[string, Runtime]>([
    ["without a process", {}],
    ["that gives no modules", { process: {} } as unknown as Runtime],
    ["without files", runtime({ ...enough, "node:fs": undefined as unknown as object })],
    ["without checksums", runtime({ ...enough, "node:zlib": {} })],
    ["whose files are in memory", runtime(enough, { navigator: { userAgent: "Cloudflare-Workers" } })],
  ])("is none on a runtime %s", (_, without) => {
    expect(openDisk(without)).toBeUndefined();
  });
});
