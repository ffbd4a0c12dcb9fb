/**
 * Which requests are recorded, under which name, and how their answer is read. To add an endpoint, add a row.
 *
 * Only a POST makes something new. GETs, and POSTs to something that exists already (cancel, update), repeat the usage
 * of the call that made it and are not counted again; those that show jobs are read for the end of one (jobs/). A path
 * without a row is recorded when its answer has `usage`.
 */
import type { AnswerReader, Coverage, Endpoint } from "../answer.ts";
import { spokenCharacters, transcriptReader } from "./audio.ts";
import { chatReader } from "./chat.ts";
import { completionsReader } from "./completions.ts";
import { containerReader } from "./containers.ts";
import { genericReader } from "./generic.ts";
import { askedImages, imagesReader } from "./images.ts";
import { gradersReader } from "./jobs/graders.ts";
import { jobKinds } from "./jobs/job-kinds.ts";
import { askedVideo, extensionReader, jobReader, shownJobsReader, videoReader } from "./jobs/made-jobs.ts";
import { responsesReader } from "./responses.ts";

const chat = { usageOnRequest: true, streamed: true, note: "a stream is asked for its usage: option `includeUsage`" };
const streamed = { streamed: true };
const made = { jobs: "made" } as const;
const images = ["tokens", "images"] as const;
const tools = ["tokens", "web_search_calls", "file_search_calls"] as const;
const dalle = "tokens for GPT image models; images, with `size` and `quality`, where no tokens are reported";
/** What OpenAI takes where the request names no model; edits take a GPT image model, which reports tokens. */
const madeByDalle = askedImages("dall-e-2");
const sized = "with its `size`";
const atTheEnd = "what it uses is its result's";

/** All that are recorded whatever their answer says, by path; an id in a path is `{id}`. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  "/chat/completions": row("chat.completions", chatReader, ["tokens"], chat),
  "/completions": row("completions", completionsReader, ["tokens"], chat),
  "/responses": row("responses", responsesReader, tools, {
    ...streamed,
    ...made,
    note:
      "images that its tool makes are an event `responses.image_generation` of their own, with the image model; " +
      "with `background: true` what it uses is its result's",
  }),
  "/responses/compact": row("responses.compact", responsesReader, ["tokens"]),
  "/embeddings": row("embeddings", genericReader, ["tokens"]),
  "/images/generations": row("images.generations", imagesReader, images, {
    ...streamed,
    asked: madeByDalle,
    note: dalle,
  }),
  "/images/edits": row("images.edits", imagesReader, images, { ...streamed, asked: askedImages(null), note: dalle }),
  "/images/variations": row("images.variations", imagesReader, ["images"], {
    asked: madeByDalle,
    note: "with `size` and `quality`",
  }),
  "/audio/transcriptions": row("audio.transcriptions", transcriptReader, ["tokens", "audio_seconds"], {
    ...streamed,
    note: "as the model reports it, else the duration in `verbose_json`; `text`, `srt` and `vtt` tell nothing",
  }),
  "/audio/translations": row("audio.translations", transcriptReader, ["audio_seconds"], {
    note: "the duration in `verbose_json`; the other formats tell nothing",
  }),
  "/audio/speech": row("audio.speech", genericReader, ["characters", "tokens"], {
    asked: spokenCharacters,
    doneAtHeaders: true,
    note:
      "code points of `input`, recorded when the response arrives; with `stream_format: sse` when its body is read, " +
      "with the tokens where it is read with `text()`",
  }),
  "/moderations": row("moderations", genericReader, [], { note: "reports no usage" }),
  "/videos": row("videos", videoReader, ["video_seconds"], { ...made, asked: askedVideo, note: sized }),
  "/videos/edits": row("videos.edits", videoReader, ["video_seconds"], { ...made, note: sized }),
  // The answer has the length of the whole video, not of what was added.
  "/videos/extensions": row("videos.extensions", extensionReader, ["video_seconds"], {
    ...made,
    asked: askedVideo,
    note: `the seconds that are added, as asked for; ${sized}`,
  }),
  "/videos/{id}/remix": row("videos.remix", videoReader, ["video_seconds"], { ...made, note: sized }),
  "/decisions": row("decisions", genericReader, ["tokens"]),
  "/fine_tuning/jobs": row("fine_tuning.jobs", jobReader, [], { ...made, note: atTheEnd }),
  "/fine_tuning/alpha/graders/run": row("graders.run", gradersReader, ["tokens"], {
    ...made,
    note: "an event `graders.run.result` for each model that graded; else `metadata.token_usage`",
  }),
  "/batches": row("batches", jobReader, [], { ...made, note: atTheEnd }),
  "/threads/runs": row("threads.runs", jobReader, [], { ...streamed, ...made, note: atTheEnd }),
  "/threads/{id}/runs": row("threads.runs", jobReader, [], { ...streamed, ...made, note: atTheEnd }),
  "/evals/{id}/runs": row("evals.runs", jobReader, [], { ...made, note: atTheEnd }),
  "/agents/sessions": row("agents.sessions", jobReader, [], {
    ...streamed,
    ...made,
    note: "what it uses is the result of each turn",
  }),
  "/containers": row("containers", containerReader, ["container_sessions"], {
    asked: () => ({ quantities: { container_sessions: 1 } }),
    note: "one session; its `memory_limit`, by which it is billed, is in `usage.raw`",
  }),
};

/** What is billed and not counted, with the reason; docs/coverage.md lists it. */
export const gaps: Readonly<Record<string, string>> = {
  "`/vector_stores`, files": "billed by size and day; the API tells the size of a moment",
  "containers that the code interpreter makes":
    "a response names them in its output, again each time it uses one, and not when a session begins",
  "`/realtime` and `/live/sessions` over WebRTC and SIP":
    "their events do not pass through this process; a connection to the call beside it (`callID`, sideband) has them, " +
    "and is counted when it is tracked",
  "`/realtime/translations`": "reports no usage",
  "agents' subagents":
    "the API tells the root agent's tokens of a turn; those of others only where their turns are asked for",
  "`/chatkit/sessions`": "reports no usage",
};

/** Only shows jobs that other calls made: no event of its own, and none when it fails. */
const shown: Endpoint = { ...row("jobs", shownJobsReader, [], { jobs: "shown" }), always: false };

const jobPaths = Object.values(jobKinds).flatMap((kind) => kind.shownBy);
const shownByGet = pathsOf(jobPaths, "GET ");
const shownByPost = pathsOf(jobPaths, "POST ");
/** Of the endpoints with an id in their path. */
const withId = Object.keys(endpoints)
  .filter((path) => path.includes("{id}"))
  .map((path) => ({ form: pathsOf([path], ""), endpoint: endpoints[path] }));

/** Below these, everything is about something that a named endpoint made. */
const madeByNamed = /^\/(chat\/completions|responses|embeddings)\//;
/** POSTs that change something made before, by their last segment: an action, or its id (ids have digits). */
const repeatsUsage = /\/(cancel|pause|resume|[^/]*\d[^/]*)$/;
const idSegment = /\/[^/]*\d[^/]*(?=\/)/g;

/**
 * @param path - of the request as the SDK has it, e.g. `/chat/completions`; a whole URL is fine
 * @returns `undefined` for a request that is not recorded
 */
export function endpointOf(method: string, path: string): Endpoint | undefined {
  const verb = method.toLowerCase();
  if (verb === "get") return shownByGet.test(plainPath(path)) ? shown : undefined;
  if (verb !== "post") return undefined;
  if (Object.hasOwn(endpoints, path)) return endpoints[path];
  const plain = plainPath(path);
  if (Object.hasOwn(endpoints, plain)) return endpoints[plain];
  if (shownByPost.test(plain)) return shown;
  if (madeByNamed.test(plain) || repeatsUsage.test(plain)) return undefined;
  const named = withId.find(({ form }) => form.test(plain));
  if (named !== undefined) return named.endpoint;
  // Ids would make a new operation of every thread.
  return { ...row(plain.replaceAll(idSegment, "/{id}"), genericReader, ["tokens"]), always: false };
}

type Specials = Partial<
  Pick<Endpoint, "usageOnRequest" | "asked" | "doneAtHeaders" | "jobs"> & Omit<Coverage, "reports">
>;

function row(operation: string, reader: AnswerReader, reports: Coverage["reports"], specials: Specials = {}): Endpoint {
  const { usageOnRequest = false, asked = null, doneAtHeaders = false, jobs = null } = specials;
  const coverage = { reports, streamed: specials.streamed ?? false, note: specials.note ?? "" };
  return { operation, reader, always: true, usageOnRequest, asked, doneAtHeaders, jobs, coverage };
}

/** @returns what matches the paths after this prefix, with any id in the place of `{id}` */
function pathsOf(paths: readonly string[], prefix: string): RegExp {
  const forms = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  return new RegExp(`^(${forms.join("|").replaceAll("{id}", "[^/]+")})$`);
}

/** Without origin, API version, query and closing slash. */
function plainPath(path: string): string {
  const rooted = /^[a-z]+:\/\//i.test(path) ? new URL(path).pathname.replace(/^\/(openai\/)?v\d+(?=\/)/, "") : path;
  const [plain = ""] = rooted.split(/[?#]/, 1);
  return `/${plain.replace(/^\/+|\/+$/g, "")}`;
}
