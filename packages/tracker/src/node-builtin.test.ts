import * as http from "node:http";
import * as https from "node:https";
import * as zlib from "node:zlib";

import { expect, it } from "vitest";

import { nodeBuiltin, nodeSockets } from "./node-builtin.ts";

const modules: Readonly<Record<string, object>> = { "node:http": http, "node:https": https, "node:zlib": zlib };
const process = { getBuiltinModule: (name: string): object | undefined => modules[name] };

it("asks the runtime for a module, and does without where it has none", () => {
  expect(nodeBuiltin("node:crypto")?.createHash).toBeTypeOf("function");
  expect(nodeBuiltin("node:http", { process })).toBe(http);
  expect(nodeBuiltin("node:crypto", { process })).toBeUndefined();
  expect(nodeBuiltin("node:http", { process: {} })).toBeUndefined();
  expect(nodeBuiltin("node:http", {})).toBeUndefined();
});

it("takes sockets only where all of it is there, and where they are the program's own", () => {
  expect(nodeSockets({ process })).toEqual({ http, https, zlib });
  expect(
    nodeSockets({ process: { getBuiltinModule: (name) => (name === "node:zlib" ? undefined : {}) } }),
  ).toBeUndefined();
  expect(nodeSockets({ process, navigator: { userAgent: "Cloudflare-Workers" } })).toBeUndefined();
  expect(nodeSockets({ process, navigator: { userAgent: "Node.js/24" } })).toBeDefined();
});
