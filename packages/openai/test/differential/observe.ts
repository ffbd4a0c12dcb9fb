/** Runs a program and keeps what it saw, what the server saw, what the process saw, and the events that were made. */
import { get } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { TrackedClientOptions } from "../../src/index.ts";
import { recordingTracker, silent } from "../harness.ts";
import type { ScriptedOpenAI, SeenRequest } from "../scripted-openai.ts";
import { addLine } from "./line.ts";
import { createPicture, type Picture } from "./picture.ts";
import type { Program, Stage, UsageSource } from "./program.ts";
import type { Subjects } from "./subjects.ts";

interface Observed {
  /** Notes in their order, and at last what the program returned or threw. */
  readonly program: readonly unknown[];
  readonly unhandled: readonly unknown[];
  readonly wire: readonly unknown[];
}

/** How the client is made: as the SDK's own, or tracked, with or without asking for the usage of streams. */
export type Way = "bare" | "never" | "always";

export interface Run {
  readonly observed: Observed;
  readonly events: readonly UsageSource[];
  readonly lost: readonly UsageSource[];
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** One run after another on one server: the process's unhandled rejections are those of the run. */
export function createObserver(subjects: Subjects, server: ScriptedOpenAI) {
  const picture = createPicture(subjects);
  return async (program: Program, way: Way): Promise<Run> => {
    server.requests.length = 0;
    server.next.length = 0;
    const tracker = recordingTracker();
    const options = optionsOf(program, way, { server, tracker });
    const notes: unknown[] = [];
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(picture(reason));
    process.on("unhandledRejection", listen);
    try {
      notes.push(
        await play(
          program,
          stageOf(subjects, way, { server, options, note: (what) => notes.push(picture(what)) }),
          picture,
        ),
      );
      await settle(server);
    } finally {
      process.off("unhandledRejection", listen);
    }
    const wire = server.requests.map((request) => wirePicture(request));
    // Estimates are made later; the first of a process waits for the tokenizer to load.
    await tracker.flush();
    const sources = (): UsageSource[] => tracker.events.map((event) => event.usage.source);
    const events = sources();
    if (way !== "bare") await awaitLost(sources, events.length + (program.lost?.length ?? 0));
    await tracker.flush();
    return { observed: { program: notes, unhandled, wire }, events, lost: sources().slice(events.length) };
  };
}

interface StageParts extends Pick<Stage, "options" | "note" | "server"> {}

function stageOf(subjects: Subjects, way: Way, parts: StageParts): Stage {
  const { tracked, ...rest } = subjects;
  const Client = (way === "bare" ? subjects.sdk.OpenAI : tracked.OpenAI) as Stage["Client"];
  const AzureClient = (way === "bare" ? subjects.sdk.AzureOpenAI : tracked.AzureOpenAI) as Stage["AzureClient"];
  return {
    ...rest,
    ...parts,
    Client,
    AzureClient,
    client: new Client(parts.options),
    line: () => addLine(parts.server),
  };
}

function optionsOf(
  { options }: Program,
  way: Way,
  { server, tracker }: { readonly server: ScriptedOpenAI; readonly tracker: ReturnType<typeof recordingTracker> },
): TrackedClientOptions {
  const base = { apiKey: "sk-test-0123456789", baseURL: server.baseURL, logger: silent, maxRetries: 0, ...options };
  return way === "bare" ? base : { ...base, tracker, customerId: "acme", includeUsage: way };
}

async function play(program: Program, stage: Stage, picture: Picture): Promise<unknown> {
  try {
    return { returned: picture(await program.run(stage)) };
  } catch (error) {
    return { threw: picture(error) };
  }
}

/** Long enough for all that is under way to end: another request makes a round trip after it. */
async function settle(server: ScriptedOpenAI): Promise<void> {
  const before = server.requests.length;
  await new Promise<void>((done, fail) => {
    get(`${server.baseURL}/models`, { agent: false }, (answer) => answer.resume().on("end", done)).on("error", fail);
  });
  server.requests.length = before;
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
}

/** In so many rounds the garbage collector has taken all that it will. */
const rounds = 300;

async function awaitLost(sources: () => UsageSource[], count: number): Promise<void> {
  for (let round = 0; round < rounds && sources().length < count; round += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
}

const injected = '{"stream_options":{"include_usage":true},';

/** A request without the boundary of its form, which is chance, and without the question for usage (E2). */
function wirePicture({ method, path, rawHeaders, bytes, answer }: SeenRequest): object {
  const body = Buffer.from(bytes).toString("latin1");
  const asked = body.startsWith(injected);
  const [, boundary = ""] = /boundary="?([^";\n]+)/.exec(rawHeaders.join("\n")) ?? [];
  const plain = (text: string): string => (boundary === "" ? text : text.replaceAll(boundary, "BOUNDARY"));
  const headers = rawHeaders.map((text, at) => {
    const isLength = asked && rawHeaders[at - 1]?.toLowerCase() === "content-length";
    return isLength ? String(Number(text) - injected.length + 1) : plain(text);
  });
  return {
    method,
    path,
    headers,
    body: plain(asked ? `{${body.slice(injected.length)}` : body),
    aborted: answer.aborted,
  };
}
