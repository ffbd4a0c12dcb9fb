/**
 * Reads the Responses API: the response object itself, or the events of a stream, of which `response.created` names the
 * response and `response.completed`, `.incomplete` or `.failed` carries the final one with its usage.
 */
import { type Answer, type AnswerReader, objectOf, type RawObject, textOf } from "../answer.ts";
import { count } from "./usage.ts";

export const responsesReader: AnswerReader = {
  whole(response, answer) {
    answer.model = textOf(response["model"]) ?? answer.model;
    answer.responseId = textOf(response["id"]) ?? answer.responseId;
    answer.serviceTier = textOf(response["service_tier"]) ?? answer.serviceTier;
    answer.usage = objectOf(response["usage"]) ?? answer.usage;
    // The number of billed searches: counting the output's search items counts too many (C5).
    const searches = count(objectOf(objectOf(response["tool_usage"])?.["web_search"])?.["num_requests"]);
    if (searches !== null) answer.quantities = { web_search_calls: searches };
    readStatus(response, answer);
  },

  item(event, answer) {
    const type = textOf(event["type"]) ?? "";
    const response = objectOf(event["response"]);
    if (response !== undefined) responsesReader.whole(response, answer);
    if (type === "error") answer.failure = { code: event["code"] };
    return type.endsWith(".delta");
  },
};

/** A response still queued or in progress has not finished: no reason. */
function readStatus(response: RawObject, answer: Answer): void {
  const status = textOf(response["status"]);
  if (status === "failed") answer.failure = { code: objectOf(response["error"])?.["code"] };
  if (status === null || status === "in_progress" || status === "queued") return;
  answer.finishReason = textOf(objectOf(response["incomplete_details"])?.["reason"]) ?? status;
}
