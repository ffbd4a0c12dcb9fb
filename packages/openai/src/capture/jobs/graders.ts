/**
 * Reads a run of a grader, which ends with its call: what the models that graded used, one event for each; else the number
 * of tokens that its `metadata` tells.
 */
import { type AnswerReader, type JobResult, objectOf, type RawObject, textOf } from "../../answer.ts";
import { completeResult, readModelUsage } from "./job-kinds.ts";

const operation = "graders.run";

export const gradersReader: AnswerReader = {
  whole(run, answer) {
    const results = readModels(objectOf(run["model_grader_token_usage_per_model"]) ?? {});
    if (results.length > 0) {
      const head = { id: null, attributedBy: [], createdAtMs: null, endedAtMs: null, status: null, failure: null };
      answer.jobs = [{ ...head, operation, results }];
      return;
    }
    const metadata = objectOf(run["metadata"]);
    const tokens = metadata?.["token_usage"];
    answer.model = textOf(metadata?.["sampled_model_name"]);
    if (typeof tokens === "number") answer.usage = { total_tokens: tokens };
  },

  item: () => false,
};

function readModels(usages: RawObject): readonly JobResult[] {
  return Object.entries(usages).flatMap(([model, value]) => {
    const usage = objectOf(value);
    return usage === undefined ? [] : completeResult(readModelUsage(model, usage), operation, {});
  });
}
