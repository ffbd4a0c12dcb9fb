import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type AnswerReader, emptyAnswer, type RawObject } from "../answer.ts";
import { transcriptReader } from "./audio.ts";
import { chatReader, isUsageChunk } from "./chat.ts";
import { completionsReader } from "./completions.ts";
import { genericReader } from "./generic.ts";
import { imagesReader } from "./images.ts";
import { extensionReader, jobReader, videoReader } from "./jobs/made-jobs.ts";
import { responsesReader } from "./responses.ts";

const readers = { chatReader, completionsReader, responsesReader, imagesReader, transcriptReader, genericReader };
const whole = (reader: AnswerReader, data: RawObject) => {
  const answer = emptyAnswer();
  reader.whole(data, answer);
  return answer;
};

describe.each(Object.entries(readers))("%s", (_name, reader) => {
  it("throws on nothing that is JSON, and takes only texts and objects for what they are", () => {
    const names = ["model", "id", "usage", "choices", "response", "status", "error", "type", "delta", "tool_usage"];
    const data = fc.dictionary(fc.constantFrom(...names), fc.jsonValue());
    fc.assert(
      fc.property(data, (json) => {
        const answer = emptyAnswer();
        reader.whole(json, answer);
        reader.item(json, answer);
        for (const text of [answer.model, answer.responseId, answer.finishReason]) {
          expect(text === null || typeof text === "string").toBe(true);
        }
        expect(Array.isArray(answer.usage)).toBe(false);
      }),
    );
  });

  it("forgets nothing that an earlier item said", () => {
    const said = { model: "m", id: "i", service_tier: "flex", usage: { total_tokens: 1 } };
    const answer = whole(reader, said);
    reader.item({}, answer);
    reader.item({ response: {}, choices: [] }, answer);
    expect(answer).toMatchObject({ model: "m", responseId: "i", serviceTier: "flex", usage: { total_tokens: 1 } });
  });
});

describe("chat chunks", () => {
  it.each([
    [{ content: "" }, false],
    [{ role: "assistant" }, false],
    [{ content: "a" }, true],
    [{ tool_calls: [{}] }, true],
    [{ refusal: "no" }, true],
  ])("with the delta %j bring output: %s", (delta, brings) => {
    expect(chatReader.item({ choices: [{ delta }] }, emptyAnswer())).toBe(brings);
  });

  it("without a delta bring none", () => {
    for (const chunk of [{}, { choices: [] }, { choices: [{}] }])
      expect(chatReader.item(chunk, emptyAnswer())).toBe(false);
  });

  it("of usage have usage and no choice", () => {
    expect(isUsageChunk({ choices: [], usage: {} })).toBe(true);
    expect(isUsageChunk({ choices: [], usage: null })).toBe(false);
    expect(isUsageChunk({ choices: [{}], usage: {} })).toBe(false);
    expect(isUsageChunk({ usage: {} })).toBe(false);
  });
});

describe("responses", () => {
  it.each([
    ["queued", null, null],
    ["in_progress", null, null],
    [undefined, null, null],
    ["completed", "completed", null],
    ["cancelled", "cancelled", null],
    ["failed", "failed", { code: undefined }],
  ])("with status %s have the finish reason %s", (status, finishReason, failure) => {
    expect(whole(responsesReader, { status })).toMatchObject({ finishReason, failure });
  });
});

describe("jobs", () => {
  const counts = { usage: { total_tokens: 0 }, status: "validating" };

  it.each(Object.entries({ jobReader, videoReader }))("(%s) have used nothing yet that is known", (_name, reader) => {
    const answer = whole(reader, { id: "job_1", model: "m", ...counts });
    expect(reader.item(counts, answer)).toBe(false);
    expect(answer).toMatchObject({ responseId: "job_1", model: "m", usage: null, quantities: {}, failure: null });
  });

  it("that failed at once say so", () => {
    expect(whole(jobReader, { status: "failed", error: { code: "c" } }).failure).toEqual({ code: "c" });
    expect(whole(videoReader, { status: "failed", error: null, seconds: "8" })).toMatchObject({
      failure: { code: undefined },
      quantities: {},
    });
    expect(whole(videoReader, { status: "failed", size: "720x1280" }).format).toBeNull();
  });

  it("that make a video tell its size, where it is a text", () => {
    for (const reader of [videoReader, extensionReader]) {
      expect(whole(reader, { size: "720x1280", seconds: "8" }).format).toEqual({ size: "720x1280" });
      expect(whole(reader, { size: 720 }).format).toBeNull();
    }
  });
});

describe("transcripts", () => {
  it("have the length of the audio only where no usage is reported", () => {
    expect(whole(transcriptReader, { duration: 2.5 }).quantities).toEqual({ audio_seconds: 2.5 });
    expect(whole(transcriptReader, { duration: "2.5" }).quantities).toEqual({ audio_seconds: 2.5 });
    expect(whole(transcriptReader, { duration: 2.5, usage: { total_tokens: 1 } }).quantities).toEqual({});
  });

  it("do not take the id of a segment for theirs", () => {
    const answer = emptyAnswer();
    transcriptReader.item({ type: "transcript.text.segment", id: "seg_001", text: "…" }, answer);
    expect(answer.responseId).toBeNull();
  });
});
