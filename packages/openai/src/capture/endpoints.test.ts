import { describe, expect, it } from "vitest";

import { endpointOf } from "./endpoints.ts";

describe("endpointOf", () => {
  it.each([
    ["/chat/completions", "chat.completions"],
    ["/chat/completions/", "chat.completions"],
    ["chat/completions?api-version=1", "chat.completions"],
    ["https://gateway.example/openai/v1/chat/completions", "chat.completions"],
    ["/responses?beta=true", "responses"],
    ["/responses/compact", "responses.compact"],
    ["/embeddings", "embeddings"],
    ["/images/generations", "images.generations"],
    ["/videos/video_68d7512d/remix", "videos.remix"],
    ["/videos/characters", "/videos/characters"],
    ["/threads/thread_123/runs", "/threads/{id}/runs"],
    ["", "/"],
  ])("knows POST %s as %s", (path, operation) => {
    expect(endpointOf("post", path)?.operation).toBe(operation);
  });

  it.each([
    ["get", "/chat/completions"],
    ["delete", "/responses/resp_1"],
    ["get", "/videos/video_1"],
    ["get", "/batches/batch_1"],
    ["post", "/chat/completions/chatcmpl-abc"],
    ["post", "/responses/resp_1/cancel"],
    ["post", "/responses/input_tokens"],
    ["post", "/batches/batch_1/cancel"],
    ["post", "/fine_tuning/jobs/ftjob-abc/pause"],
    ["post", "/threads/thread_1/runs/run_1"],
    ["post", "/evals/eval_1/runs/run_1"],
  ])("does not record %s %s: it makes nothing new", (method, path) => {
    expect(endpointOf(method, path)).toBeUndefined();
  });

  it("always records the endpoints it knows by name, the others only with usage", () => {
    expect(endpointOf("POST", "/embeddings")?.always).toBe(true);
    expect(endpointOf("POST", "/moderations")?.always).toBe(true);
    expect(endpointOf("POST", "/new_things")?.always).toBe(false);
  });
});
