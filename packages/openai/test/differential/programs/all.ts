import type { Program } from "../program.ts";
import { brokenStreams } from "./broken-streams.ts";
import { calls } from "./calls.ts";
import { failures } from "./failures.ts";
import { downloads, lists, uploads } from "./files.ts";
import { objects } from "./objects.ts";
import { runners } from "./runners.ts";
import { streams } from "./streams.ts";

/** Every program of the suite, by what it is about. */
export const programs: Readonly<Record<string, readonly Program[]>> = {
  objects,
  calls,
  failures,
  streams,
  "broken streams": brokenStreams,
  runners,
  lists,
  uploads,
  downloads,
};
