/**
 * Reads the Responses API: the response object itself, or the events of a stream, of which `response.created` names the
 * response and `response.completed`, `.incomplete` or `.failed` carries the final one with its usage.
 */
import { type Answer, type AnswerReader, objectOf, type RawObject, textOf } from "../answer.ts";
import { readImageJob, readJob } from "./jobs/job-kinds.ts";
import { readTools } from "./jobs/response-tools.ts";

export const responsesReader: AnswerReader = {
  whole(response, answer) {
    answer.model = textOf(response["model"]) ?? answer.model;
    answer.responseId = textOf(response["id"]) ?? answer.responseId;
    answer.serviceTier = textOf(response["service_tier"]) ?? answer.serviceTier;
    if (response["background"] === true) readBackground(response, answer);
    else readUsed(response, answer);
  },

  item(event, answer) {
    const type = textOf(event["type"]) ?? "";
    const response = objectOf(event["response"]);
    if (response !== undefined) responsesReader.whole(response, answer);
    if (type === "error" && !answer.usedElsewhere)
      answer.failure = { code: event["code"] ?? objectOf(event["error"])?.["code"] };
    return type.endsWith(".delta");
  },
};

function readUsed(response: RawObject, answer: Answer): void {
  answer.usage = objectOf(response["usage"]) ?? answer.usage;
  answer.quantities = readTools(response);
  readStatus(response, answer);
  const images = readImageJob(response);
  if (images !== undefined) answer.jobs = [images];
}

/** It runs on when this call, or the stream of it, is over: whoever sees its end has its result. */
function readBackground(response: RawObject, answer: Answer): void {
  const job = readJob(response);
  answer.jobs = job === undefined ? null : [job];
  answer.usedElsewhere = true;
}

/** A response still queued or in progress has not finished: no reason. */
function readStatus(response: RawObject, answer: Answer): void {
  const status = textOf(response["status"]);
  if (status === "failed") answer.failure = { code: objectOf(response["error"])?.["code"] };
  if (status === null || status === "in_progress" || status === "queued") return;
  answer.finishReason = textOf(objectOf(response["incomplete_details"])?.["reason"]) ?? status;
}
