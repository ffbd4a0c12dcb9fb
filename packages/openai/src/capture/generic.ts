/**
 * Reads any JSON that has a `usage` object, its own or that of the `response` inside it; of an item that the SDK gives as
 * `{ event, data }`, that of the data.
 */
import { type AnswerReader, objectOf, textOf } from "../answer.ts";

export const genericReader: AnswerReader = {
  whole(data, answer) {
    answer.model = textOf(data["model"]) ?? answer.model;
    answer.responseId = textOf(data["id"]) ?? answer.responseId;
    answer.serviceTier = textOf(data["service_tier"]) ?? answer.serviceTier;
    answer.usage = objectOf(data["usage"]) ?? answer.usage;
  },

  item(item, answer) {
    const data = (typeof item["event"] === "string" ? objectOf(item["data"]) : undefined) ?? item;
    genericReader.whole(objectOf(data["response"]) ?? data, answer);
    return false;
  },
};
