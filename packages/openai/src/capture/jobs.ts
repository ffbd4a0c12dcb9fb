/**
 * Reads what starts a job that runs on for minutes or days: videos, batches, fine-tuning. What a batch or a fine-tuning
 * job uses is known at its end only; the counts it may show at its start are placeholders and are not taken (C2).
 */
import type { Quantities } from "@cmdrdata/protocol";

import { type AnswerReader, objectOf, textOf } from "../answer.ts";
import { fieldOf } from "./request-body.ts";
import { secondsOf } from "./seconds.ts";

export const jobReader: AnswerReader = {
  whole(job, answer) {
    answer.model = textOf(job["model"]) ?? answer.model;
    answer.responseId = textOf(job["id"]) ?? answer.responseId;
    if (job["status"] === "failed") answer.failure = { code: objectOf(job["error"])?.["code"] };
  },

  item: () => false,
};

export const videoReader: AnswerReader = {
  ...jobReader,

  whole(video, answer) {
    jobReader.whole(video, answer);
    const seconds = secondsOf(video["seconds"]);
    if (seconds !== null && answer.failure === null) answer.quantities = { video_seconds: seconds };
  },
};

/** The seconds that a request for a video asks for, where it says. */
export function askedVideoSeconds(body: unknown): Quantities {
  const seconds = secondsOf(fieldOf(body, "seconds"));
  return seconds === null ? {} : { video_seconds: seconds };
}
