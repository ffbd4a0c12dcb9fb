/** Reads any JSON that has a `usage` object, its own or that of the `response` inside it. */
import { type AnswerReader, objectOf, textOf } from "../answer.ts";

export const genericReader: AnswerReader = {
  whole(data, answer) {
    answer.model = textOf(data["model"]) ?? answer.model;
    answer.responseId = textOf(data["id"]) ?? answer.responseId;
    answer.serviceTier = textOf(data["service_tier"]) ?? answer.serviceTier;
    answer.usage = objectOf(data["usage"]) ?? answer.usage;
  },

  item(item, answer) {
    genericReader.whole(objectOf(item["response"]) ?? item, answer);
    return false;
  },
};
