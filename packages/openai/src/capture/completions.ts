/** Reads legacy completions: like chat, but for the text of a chunk, which is the choice's own. */
import { type AnswerReader, textOf } from "../answer.ts";
import { chatReader, firstChoice } from "./chat.ts";

export const completionsReader: AnswerReader = {
  whole(data, answer) {
    chatReader.whole(data, answer);
  },

  item(chunk, answer) {
    chatReader.item(chunk, answer);
    return textOf(firstChoice(chunk)?.["text"]) !== null;
  },
};
