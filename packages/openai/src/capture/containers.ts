/** Reads a container, which is billed by the session: what decides the price is its memory. */
import { type AnswerReader, textOf } from "../answer.ts";

export const containerReader: AnswerReader = {
  whole(container, answer) {
    answer.responseId = textOf(container["id"]);
    const memory = textOf(container["memory_limit"]);
    if (memory !== null) answer.usage = { memory_limit: memory };
  },

  item: () => false,
};
