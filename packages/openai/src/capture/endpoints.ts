/**
 * Which requests are recorded, under which name, and how their answer is read. To add an endpoint, add a row.
 *
 * Only a POST makes something new. GETs, and POSTs to something that exists already (cancel, update), repeat the usage
 * of the call that made it and are not counted again. A path without a row is recorded when its answer has `usage`.
 */
import type { AnswerReader, Coverage, Endpoint } from "../answer.ts";
import { spokenCharacters, transcriptReader } from "./audio.ts";
import { chatReader } from "./chat.ts";
import { completionsReader } from "./completions.ts";
import { genericReader } from "./generic.ts";
import { imagesReader } from "./images.ts";
import { askedVideoSeconds, jobReader, videoReader } from "./jobs.ts";
import { responsesReader } from "./responses.ts";

const chat = { usageOnRequest: true, streamed: true, note: "a stream is asked for its usage: option `includeUsage`" };
const streamed = { streamed: true };
const images = ["tokens", "images"] as const;
const atTheEnd = "what it uses is known when the job has finished";
const dalle = "tokens for GPT image models; images where no tokens are reported";

/** All that are recorded whatever their answer says, by path; an id in a path is `{id}`. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  "/chat/completions": row("chat.completions", chatReader, ["tokens"], chat),
  "/completions": row("completions", completionsReader, ["tokens"], chat),
  "/responses": row("responses", responsesReader, ["tokens", "web_search_calls"], streamed),
  "/responses/compact": row("responses.compact", responsesReader, ["tokens"]),
  "/embeddings": row("embeddings", genericReader, ["tokens"]),
  "/images/generations": row("images.generations", imagesReader, images, { ...streamed, note: dalle }),
  "/images/edits": row("images.edits", imagesReader, images, { ...streamed, note: dalle }),
  "/images/variations": row("images.variations", imagesReader, ["images"]),
  "/audio/transcriptions": row("audio.transcriptions", transcriptReader, ["tokens", "audio_seconds"], {
    ...streamed,
    note: "as the model reports it, else the duration in `verbose_json`; `text`, `srt` and `vtt` tell nothing",
  }),
  "/audio/translations": row("audio.translations", transcriptReader, ["audio_seconds"], {
    note: "the duration in `verbose_json`; the other formats tell nothing",
  }),
  "/audio/speech": row("audio.speech", genericReader, ["characters"], {
    asked: spokenCharacters,
    doneAtHeaders: true,
    note: "code points of `input`, recorded when the response arrives; the tokens in `stream_format: sse` are not read",
  }),
  "/moderations": row("moderations", genericReader, [], { note: "reports no usage" }),
  "/videos": row("videos", videoReader, ["video_seconds"], { asked: askedVideoSeconds }),
  "/videos/edits": row("videos.edits", videoReader, ["video_seconds"]),
  // The answer has the length of the whole video, not of what was added.
  "/videos/extensions": row("videos.extensions", jobReader, ["video_seconds"], {
    asked: askedVideoSeconds,
    note: "the seconds that are added, as asked for",
  }),
  "/videos/{id}/remix": row("videos.remix", videoReader, ["video_seconds"]),
  "/decisions": row("decisions", genericReader, ["tokens"]),
  "/fine_tuning/jobs": row("fine_tuning.jobs", jobReader, [], { note: atTheEnd }),
  "/batches": row("batches", jobReader, [], { note: atTheEnd }),
};

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
  if (method.toLowerCase() !== "post") return undefined;
  if (Object.hasOwn(endpoints, path)) return endpoints[path];
  const plain = plainPath(path);
  if (Object.hasOwn(endpoints, plain)) return endpoints[plain];
  if (madeByNamed.test(plain) || repeatsUsage.test(plain)) return undefined;
  // Ids would make a new operation of every thread.
  const operation = plain.replaceAll(idSegment, "/{id}");
  if (Object.hasOwn(endpoints, operation)) return endpoints[operation];
  return { ...row(operation, genericReader, ["tokens"]), always: false };
}

type Specials = Partial<Pick<Endpoint, "usageOnRequest" | "asked" | "doneAtHeaders"> & Omit<Coverage, "reports">>;

function row(
  operation: string,
  reader: AnswerReader,
  reports: Coverage["reports"],
  { usageOnRequest = false, asked = null, doneAtHeaders = false, streamed: streams = false, note = "" }: Specials = {},
): Endpoint {
  const coverage = { reports, streamed: streams, note };
  return { operation, reader, always: true, usageOnRequest, asked, doneAtHeaders, coverage };
}

/** Without origin, API version, query and closing slash. */
function plainPath(path: string): string {
  const rooted = /^[a-z]+:\/\//i.test(path) ? new URL(path).pathname.replace(/^\/(openai\/)?v\d+(?=\/)/, "") : path;
  const [plain = ""] = rooted.split(/[?#]/, 1);
  return `/${plain.replace(/^\/+|\/+$/g, "")}`;
}
