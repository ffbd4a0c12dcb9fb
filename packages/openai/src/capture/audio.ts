/**
 * Reads audio. Transcriptions report tokens or seconds, by model; where they do not, and in translations, the length of
 * the audio is in the verbose answers; plain texts and subtitles tell nothing. Speech comes as sound and is counted by
 * the characters of its input.
 */
import { type AnswerReader, type Asked, objectOf } from "../answer.ts";
import { genericReader } from "./generic.ts";
import { fieldOf } from "./request-body.ts";
import { secondsOf } from "./seconds.ts";

export const transcriptReader: AnswerReader = {
  whole(data, answer) {
    genericReader.whole(data, answer);
    const seconds = secondsOf(data["duration"]);
    if (answer.usage === null && seconds !== null) answer.quantities = { audio_seconds: seconds };
  },

  // The id of an event is that of a segment.
  item(event, answer) {
    answer.usage = objectOf(event["usage"]) ?? answer.usage;
    return event["type"] === "transcript.text.delta";
  },
};

/** The characters of a speech request, as Unicode counts them: one emoji of two UTF-16 units is one. */
export function spokenCharacters(body: unknown): Asked {
  const input = fieldOf(body, "input");
  return { quantities: typeof input === "string" ? { characters: codePoints(input) } : {} };
}

function codePoints(text: string): number {
  let surrogatePairs = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ((text.codePointAt(at) as number) <= 0xffff) continue;
    surrogatePairs += 1;
    at += 1;
  }
  return text.length - surrogatePairs;
}
