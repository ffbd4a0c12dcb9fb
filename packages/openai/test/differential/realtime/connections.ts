/**
 * The connection classes that programs are run with: the SDK's own, and the tracked one in its place. Of the workspace's
 * openai or of another major's, as in ../subjects.ts.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { folder } from "../subjects.ts";

/** What programs use of a connection. */
export interface Connection {
  readonly url: URL;
  readonly socket: Socket & { readonly platformSocket?: Socket };
  on(event: string, listener: (told: never) => unknown): Connection;
  once(event: string, listener: (told: never) => unknown): Connection;
  emitted(event: string): Promise<unknown>;
  send(event: object): void;
  close(props?: { readonly code: number; readonly reason: string }): void;
}

interface Socket {
  addEventListener(type: string, listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

export interface ConnectionClass {
  new (props: object, client: object): Connection;
  create(client: object, props: object): Promise<Connection>;
  azure(client: object, props: object): Promise<Connection>;
}

export interface Pair {
  readonly bare: ConnectionClass;
  readonly tracked: ConnectionClass;
}

const isWorkspace = process.env["CMDRDATA_OPENAI_FOLDER"] === undefined;

/** @throws where the major has no such module */
export async function loadPair(name: "ws" | "websocket"): Promise<Pair> {
  const className = name === "ws" ? "OpenAIRealtimeWS" : "OpenAIRealtimeWebSocket";
  const [bare, tracked] = isWorkspace
    ? await loadWorkspacePair(name)
    : [await load(`openai/realtime/${name}.mjs`), await load(`cmdrdata-openai/dist/esm/realtime-${name}.js`)];
  return { bare: bare[className] as ConnectionClass, tracked: tracked[className] as ConnectionClass };
}

type Module = Readonly<Record<string, unknown>>;

async function loadWorkspacePair(name: "ws" | "websocket"): Promise<[Module, Module]> {
  if (name === "ws") return [await import("openai/realtime/ws"), await import("../../../src/realtime-ws.ts")];
  return [await import("openai/realtime/websocket"), await import("../../../src/realtime-websocket.ts")];
}

/** The class that all majors have. */
export async function loadBetaClass(): Promise<ConnectionClass> {
  const module: Module = isWorkspace
    ? await import("openai/beta/realtime/ws")
    : await load("openai/beta/realtime/ws.mjs");
  return module["OpenAIRealtimeWS"] as ConnectionClass;
}

/** @throws where the major has none */
export async function loadResponsesClass(): Promise<new (client: object, options: object) => Connection> {
  const module: Module = isWorkspace
    ? await import("openai/resources/responses/ws")
    : await load("openai/resources/responses/ws.mjs");
  return module["ResponsesWS"] as new (client: object, options: object) => Connection;
}

async function load(path: string): Promise<Module> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(folder, "node_modules", path)).href)) as Module;
}
