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
    ["/threads/runs", "threads.runs"],
    ["/threads/thread_123/runs", "threads.runs"],
    ["/evals/eval_abc/runs", "evals.runs"],
    ["/threads/thread_123/messages", "/threads/{id}/messages"],
    ["/agents/sessions/ases_1/events", "/agents/sessions/{id}/events"],
    ["", "/"],
  ])("knows POST %s as %s", (path, operation) => {
    expect(endpointOf("post", path)?.operation).toBe(operation);
  });

  it.each([
    ["get", "/chat/completions"],
    ["delete", "/responses/resp_1"],
    ["get", "/files/file-1"],
    ["get", "/videos/video_1/content"],
    ["get", "/responses/resp_1/input_items"],
    ["post", "/chat/completions/chatcmpl-abc"],
    ["post", "/responses/input_tokens"],
    ["post", "/uploads/upload_1/cancel"],
    ["post", "/threads/thread_1/messages/msg_1"],
    ["delete", "/evals/eval_1/runs/run_1"],
  ])("does not record %s %s: it makes nothing new", (method, path) => {
    expect(endpointOf(method, path)).toBeUndefined();
  });

  it.each([
    ["get", "/videos/video_1"],
    ["get", "/batches"],
    ["get", "/batches/batch_abc"],
    ["get", "https://gateway.example/v1/responses/resp_1?beta=true"],
    ["post", "/responses/resp_1/cancel?beta=true"],
    ["post", "/batches/batch_1/cancel"],
    ["post", "/fine_tuning/jobs/ftjob-abc/pause"],
    ["post", "/threads/thread_1/runs/run_1"],
    ["post", "/threads/thread_1/runs/run_1/submit_tool_outputs"],
    ["post", "/evals/eval_1/runs/run_1"],
  ])("only looks for the end of a job in %s %s", (method, path) => {
    expect(endpointOf(method, path)).toMatchObject({ jobs: "shown", always: false });
  });

  it("always records the endpoints it knows by name, the others only with usage", () => {
    expect(endpointOf("POST", "/embeddings")?.always).toBe(true);
    expect(endpointOf("POST", "/moderations")?.always).toBe(true);
    expect(endpointOf("POST", "/new_things")?.always).toBe(false);
  });
});
