/**
 * Reads what starts a job that runs on for minutes or days. What it uses is known at its end only; the counts it may show
 * at its start are placeholders and are not taken (C2). Only the seconds of a video are known when it is made.
 */
import {
  type Answer,
  type AnswerReader,
  type Asked,
  type Format,
  type Job,
  objectOf,
  objectsOf,
  type RawObject,
  textOf,
} from "../../answer.ts";
import { fieldOf } from "../request-body.ts";
import { secondsOf } from "../seconds.ts";
import { readJob } from "./job-kinds.ts";

export const jobReader: AnswerReader = {
  whole(job, answer) {
    answer.model = textOf(job["model"]) ?? answer.model;
    answer.responseId = textOf(job["id"]) ?? answer.responseId;
    const jobs = readJobs(job);
    // That it failed at once, the event of the call says itself.
    if (job["status"] === "failed") answer.failure = { code: objectOf(job["error"])?.["code"] };
    showJobs(answer.failure === null ? jobs : jobs.map((each) => ({ ...each, results: [] })), answer);
  },

  // What a run says while it runs, and how it ends, is its result's.
  item(item, answer) {
    for (const data of carriedBy(item)) {
      const job = readJob(data);
      if (job === undefined) continue;
      answer.model ??= textOf(data["model"]);
      answer.responseId ??= job.id;
      showJobs([job], answer);
    }
    return textOf(item["event"] ?? item["type"])?.endsWith("delta") === true;
  },
};

/** Of an answer that only shows jobs which other calls made. */
export const shownJobsReader: AnswerReader = {
  whole(data, answer) {
    showJobs(readJobs(data), answer);
  },

  item(item, answer) {
    for (const data of carriedBy(item)) showJobs(readJobs(data), answer);
    return false;
  },
};

/** Of a video that is made longer: its seconds are those of the whole. */
export const extensionReader: AnswerReader = {
  ...jobReader,

  whole(video, answer) {
    jobReader.whole(video, answer);
    if (answer.failure === null) answer.format = sizeOf(video["size"]);
  },
};

export const videoReader: AnswerReader = {
  ...jobReader,

  whole(video, answer) {
    extensionReader.whole(video, answer);
    const seconds = secondsOf(video["seconds"]);
    if (seconds !== null && answer.failure === null) answer.quantities = { video_seconds: seconds };
  },
};

/** The seconds and the size that a request for a video asks for, where it says. */
export function askedVideo(body: unknown): Asked {
  const seconds = secondsOf(fieldOf(body, "seconds"));
  return {
    quantities: seconds === null ? {} : { video_seconds: seconds },
    format: sizeOf(fieldOf(body, "size")),
  };
}

function sizeOf(value: unknown): Format | null {
  const size = textOf(value);
  return size === null ? null : { size };
}

function showJobs(jobs: readonly Job[], answer: Answer): void {
  if (jobs.length === 0) return;
  answer.jobs = jobs;
  answer.usedElsewhere = true;
}

/** The job itself, or those of a list of them. */
function readJobs(data: RawObject): readonly Job[] {
  const list = Array.isArray(data["data"]) ? objectsOf(data["data"]) : [data];
  return list.map(readJob).filter((job) => job !== undefined);
}

/** What an item of a stream may carry a job in: its response, its run (`{ event, data }`), its turn, its session. */
function carriedBy(item: RawObject): readonly RawObject[] {
  const carried = objectsOf([item["response"], item["data"], item["turn"], item["session"]]);
  return carried.length === 0 ? [item] : carried;
}
