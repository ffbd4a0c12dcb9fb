/**
 * What the programs are run with: the SDK, and cmdrdata-openai on that SDK.
 *
 * By default the workspace's: openai 6 and the sources. `CMDRDATA_OPENAI_FOLDER` names another folder (one of
 * tests/openai-versions, prepared by scripts/openai-versions.mjs), whose `openai` and copy of the built packages are taken.
 */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import type * as Sdk from "openai";
import type * as ZodHelpers from "openai/helpers/zod";
import type * as Streaming from "openai/streaming";
import type * as Version from "openai/version";
import type * as Zod from "zod";

import type * as Tracked from "../../src/index.ts";

export interface Subjects {
  readonly sdk: typeof Sdk;
  readonly tracked: typeof Tracked;
  readonly stream: typeof Streaming.Stream;
  readonly zodHelpers: Pick<typeof ZodHelpers, "zodResponseFormat" | "zodTextFormat">;
  readonly z: typeof Zod.z;
  readonly version: string;
}

/** The folder from which programs of their own (child processes) take both packages. */
export const folder: string = process.env["CMDRDATA_OPENAI_FOLDER"] ?? fileURLToPath(new URL("../..", import.meta.url));

export async function loadSubjects(): Promise<Subjects> {
  if (process.env["CMDRDATA_OPENAI_FOLDER"] === undefined) return loadWorkspace();
  const modules = join(folder, "node_modules");
  const load = (path: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(join(modules, path)).href);
  const { z } = (await load("zod/index.js")) as typeof Zod;
  const { Stream } = (await load("openai/streaming.mjs")) as typeof Streaming;
  const { VERSION } = (await load("openai/version.mjs")) as typeof Version;
  return {
    sdk: (await load("openai/index.mjs")) as typeof Sdk,
    tracked: (await load("cmdrdata-openai/dist/esm/index.js")) as typeof Tracked,
    stream: Stream,
    zodHelpers: (await load("openai/helpers/zod.mjs")) as typeof ZodHelpers,
    z,
    version: VERSION,
  };
}

async function loadWorkspace(): Promise<Subjects> {
  const { z } = await import("zod");
  const { Stream } = await import("openai/streaming");
  const { VERSION } = await import("openai/version");
  return {
    sdk: await import("openai"),
    tracked: await import("../../src/index.ts"),
    stream: Stream,
    zodHelpers: await import("openai/helpers/zod"),
    z,
    version: VERSION,
  };
}
