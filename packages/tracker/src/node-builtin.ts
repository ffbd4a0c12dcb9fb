/**
 * Modules of Node's own, asked for when they are needed and never imported: an import of `node:https` fails where there is
 * none, as in a worker at the edge, and stops bundlers. What asks for one says what it does where there is none.
 */
import type * as crypto from "node:crypto";
import type * as fs from "node:fs";
import type * as http from "node:http";
import type * as https from "node:https";
import type * as zlib from "node:zlib";

/** The modules that are asked for. */
interface NodeBuiltins {
  readonly "node:crypto": typeof crypto;
  readonly "node:fs": typeof fs;
  readonly "node:http": typeof http;
  readonly "node:https": typeof https;
  readonly "node:zlib": typeof zlib;
}

/** What is looked at to know the runtime: `globalThis`, or in a test a part of it. */
export interface RuntimeGlobals {
  readonly process?: { readonly getBuiltinModule?: (name: string) => object | undefined };
  readonly navigator?: { readonly userAgent?: string };
}

/** @returns the module, or `undefined` where this runtime has none of this name */
export function nodeBuiltin<Name extends keyof NodeBuiltins>(
  name: Name,
  globals: RuntimeGlobals = globalThis,
): NodeBuiltins[Name] | undefined {
  return globals.process?.getBuiltinModule?.(name) as NodeBuiltins[Name] | undefined;
}

/** What Node's own connections are made with. */
export interface NodeSockets {
  readonly http: NodeBuiltins["node:http"];
  readonly https: NodeBuiltins["node:https"];
  readonly zlib: NodeBuiltins["node:zlib"];
}

/**
 * @returns `undefined` where connections are the runtime's own affair. Cloudflare's has modules of these names, which send
 *   through its `fetch`: they know no authorities of one's own, and keep no connection.
 */
export function nodeSockets(globals: RuntimeGlobals = globalThis): NodeSockets | undefined {
  if (globals.navigator?.userAgent === "Cloudflare-Workers") return undefined;
  const sockets = {
    http: nodeBuiltin("node:http", globals),
    https: nodeBuiltin("node:https", globals),
    zlib: nodeBuiltin("node:zlib", globals),
  };
  return Object.values(sockets).includes(undefined) ? undefined : (sockets as NodeSockets);
}
