/**
 * What is counted on the connections of the Realtime and Live APIs, and how it is read from the server's events. Shapes as
 * openai 7.57.0 declares them (`resources/realtime/realtime.d.ts`, `resources/live/live.d.ts`, read 2026-11-25); older ones
 * differ in what they lack. To count something else, add a row and tell `follow-events.ts` where it begins and ends.
 */
import { type Answer, type Coverage, type Endpoint, objectOf, type RawObject, textOf } from "../answer.ts";

/** One response of the model. */
export const realtimeResponse: Endpoint = turn("realtime.response", readResponse, {
  reports: ["tokens"],
  note: "`usage.raw` has the cached tokens by kind; one that is cancelled is an error `aborted`",
});

/** The transcript of what a user said, made by a model of its own. */
export const realtimeTranscription: Endpoint = turn("realtime.transcription", readTranscript, {
  reports: ["tokens", "audio_seconds"],
  note: "as the model that transcribes reports it",
});

/** A session of the Live API, in all. */
export const liveSession: Endpoint = turn("live.session", readLiveSession, {
  reports: ["audio_seconds"],
  note: "the last total that the session told; responses it delegates are events `responses`",
});

/** Where each is counted, for docs/coverage.md: `ends` are the server's events that end it. */
export const turns: readonly {
  readonly path: string;
  readonly ends: readonly string[];
  readonly endpoint: Endpoint;
}[] = [
  { path: "/realtime", ends: ["response.done"], endpoint: realtimeResponse },
  {
    path: "/realtime",
    ends: ["conversation.item.input_audio_transcription.completed"],
    endpoint: realtimeTranscription,
  },
  { path: "/live/sessions", ends: ["session.closed"], endpoint: liveSession },
];

/** Whether an event brings output of the model. */
export function isOutput(event: RawObject): boolean {
  return textOf(event["type"])?.endsWith(".delta") === true;
}

function readResponse(event: RawObject, answer: Answer): void {
  const response = objectOf(event["response"]);
  if (response === undefined) return;
  answer.responseId = textOf(response["id"]) ?? answer.responseId;
  answer.usage = objectOf(response["usage"]) ?? answer.usage;
  readStatus(response, answer);
}

function readStatus(response: RawObject, answer: Answer): void {
  const status = textOf(response["status"]);
  if (status === null || status === "in_progress") return;
  const details = objectOf(response["status_details"]);
  answer.finishReason = textOf(details?.["reason"]) ?? status;
  if (status === "failed") answer.failure = { code: objectOf(details?.["error"])?.["code"] };
}

function readTranscript(event: RawObject, answer: Answer): void {
  answer.responseId = textOf(event["item_id"]) ?? answer.responseId;
  answer.usage = objectOf(event["usage"]) ?? answer.usage;
  const error = objectOf(event["error"]);
  if (error !== undefined) answer.failure = { code: error["code"] };
}

/** Its usage is the seconds since the session began: each total takes the place of the one before. */
function readLiveSession(event: RawObject, answer: Answer): void {
  const session = objectOf(event["session"]);
  answer.responseId = textOf(session?.["id"]) ?? answer.responseId;
  answer.model = textOf(session?.["model"]) ?? answer.model;
  answer.finishReason = textOf(event["reason"]) ?? answer.finishReason;
  answer.usage = objectOf(event["usage"]) ?? answer.usage;
  const seconds = answer.usage?.["seconds"];
  if (typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0)
    answer.quantities = { audio_seconds: seconds };
}

function turn(
  operation: string,
  read: (event: RawObject, answer: Answer) => void,
  { reports, note }: Pick<Coverage, "reports" | "note">,
): Endpoint {
  const reader = {
    whole: read,
    item(event: RawObject, answer: Answer): boolean {
      read(event, answer);
      return isOutput(event);
    },
  };
  const nothingSpecial = { usageOnRequest: false, asked: null, doneAtHeaders: false, jobs: null };
  return { operation, reader, always: true, ...nothingSpecial, coverage: { reports, streamed: true, note } };
}
