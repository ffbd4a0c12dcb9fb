/**
 * Reads what the tools of a response used. Searches of the web and images are in `tool_usage`: counting the output's items
 * counts too many (C5). Searches of files are not in it: there the items are all there is.
 */
import type { Quantities } from "@cmdrdata/protocol";

import { type JobResult, objectOf, objectsOf, type RawObject, textOf } from "../../answer.ts";
import { count } from "../usage.ts";

export function readTools(response: RawObject): Quantities {
  const searches = count(objectOf(objectOf(response["tool_usage"])?.["web_search"])?.["num_requests"]);
  const fileSearches = objectsOf(response["output"]).filter(({ type }) => type === "file_search_call").length;
  if (fileSearches === 0) return searches === null ? none : { web_search_calls: searches };
  return { ...(searches === null ? none : { web_search_calls: searches }), file_search_calls: fileSearches };
}

const none: Quantities = {};

/** @returns what the image model used, beside the usage of the response; nothing where it was not at work */
export function readImageGeneration(response: RawObject): readonly Partial<JobResult>[] {
  const usage = objectOf(objectOf(response["tool_usage"])?.["image_gen"]);
  if (usage === undefined || (count(usage["total_tokens"]) ?? 0) === 0) return [];
  return [
    {
      operation: "responses.image_generation",
      part: "image_generation",
      model: imageModel(response["tools"]),
      serviceTier: null,
      usage,
    },
  ];
}

/** As the response repeats its tools. */
function imageModel(tools: unknown): string | null {
  const tool = objectsOf(tools).find(({ type }) => type === "image_generation");
  return textOf(tool?.["model"]);
}
