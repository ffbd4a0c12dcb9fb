/** Calls that start a job which runs on. */
import { expect } from "vitest";

import { jobs, session } from "./job-fixtures.ts";
import { json, nothing, only, prompt, type Sample, stream } from "./sample.ts";

const video = { ...jobs.video.open, status: "queued", progress: 0 };
const portrait = { size: "720x1280" };
const filmed = { model: "sora-2", ...only({ video_seconds: 8 }, portrait), request: { response_id: video.id } };
const begun = (model: string | null, id: string): object => ({ model, ...nothing, request: { response_id: id } });

const { run, turn } = jobs;
const named = (event: string, data: object): object => ({ event, data });
const runEvents = [
  named("thread.created", { id: "thread_abc123", object: "thread", created_at: 1, metadata: {} }),
  named("thread.run.created", run.open),
  named("thread.message.delta", { id: "msg_1", object: "thread.message.delta", delta: { content: ["canary"] } }),
  named("thread.run.step.completed", { id: "step_1", object: "thread.run.step", usage: { total_tokens: 9 } }),
  named("thread.run.completed", run.ended),
];
const began = { latency: { time_to_first_token_ms: expect.any(Number) as number } };
const turnEvents = [
  { type: "agent.session.created", session, session_id: session.id },
  { type: "agent.session.turn.created", turn: turn.open, session_id: session.id, turn_id: turn.open.id },
  { type: "agent.session.turn.output_text.delta", delta: "canary", session_id: session.id },
  { type: "agent.session.turn.completed", turn: turn.ended, usage: turn.ended["usage"], session_id: session.id },
];
const grader = { type: "score_model" as const, name: "canary", model: "gpt-5-mini", input: [] };
const graded = {
  reward: 1,
  sub_rewards: {},
  metadata: { name: "canary", type: "score_model", errors: {}, execution_time: 1, scores: {}, token_usage: 95 },
};

export const jobSamples: readonly Sample[] = [
  {
    path: "/videos",
    name: "as the answer says",
    call: (client, extra) => client.videos.create({ model: "sora-2", prompt, ...extra }),
    reply: json(video),
    expected: { requested_model: "sora-2", ...filmed },
  },
  {
    path: "/videos",
    name: "as the request says",
    call: (client, extra) => client.videos.create({ seconds: "12", size: "1024x1792", prompt, ...extra }),
    reply: json({ ...video, seconds: undefined, size: undefined }),
    expected: { requested_model: null, ...filmed, ...only({ video_seconds: 12 }, { size: "1024x1792" }) },
  },
  {
    path: "/videos",
    name: "that failed at once",
    call: (client, extra) => client.videos.create({ seconds: "12", prompt, ...extra }),
    reply: json({ ...video, status: "failed", error: { code: "moderation_blocked", message: "canary" } }),
    expected: { model: "sora-2", ...nothing, error: { type: "failed", code: "moderation_blocked" } },
  },
  {
    path: "/videos/edits",
    name: "plain",
    call: (client, extra) => client.videos.edit({ video: { id: video.id }, prompt, ...extra }),
    reply: json(video),
    expected: filmed,
  },
  {
    path: "/videos/extensions",
    name: "by what is added",
    call: (client, extra) => client.videos.extend({ video: { id: video.id }, prompt, seconds: "4", ...extra }),
    reply: json({ ...video, seconds: "12" }),
    expected: { ...filmed, ...only({ video_seconds: 4 }, portrait) },
  },
  {
    path: "/videos/{id}/remix",
    name: "plain",
    call: (client, extra) => client.videos.remix(video.id, { prompt, ...extra }),
    reply: json({ ...video, remixed_from_video_id: video.id }),
    expected: filmed,
  },
  {
    path: "/fine_tuning/jobs",
    name: "plain",
    call: (client, extra) =>
      client.fineTuning.jobs.create({ model: "gpt-4o-mini", training_file: "file-abc123", ...extra }),
    reply: json(jobs.fineTuning.open),
    expected: { requested_model: "gpt-4o-mini", ...begun("gpt-4o-mini-2024-07-18", "ftjob-abc123") },
  },
  {
    path: "/batches",
    name: "plain",
    call: (client, extra) =>
      client.batches.create({
        endpoint: "/v1/chat/completions",
        input_file_id: "file-abc123",
        completion_window: "24h",
        ...extra,
      }),
    reply: json(jobs.batch.open),
    expected: begun(null, jobs.batch.open.id),
  },
  {
    path: "/threads/runs",
    name: "plain",
    call: (client, extra) => client.beta.threads.createAndRun({ assistant_id: "asst_abc123", ...extra }),
    reply: json(run.open),
    expected: begun("gpt-4o-2024-08-06", run.open.id),
  },
  {
    path: "/threads/runs",
    name: "streamed",
    call: (client, extra) => client.beta.threads.createAndRun({ assistant_id: "asst_abc123", stream: true, ...extra }),
    reply: stream(runEvents),
    expected: { ...begun("gpt-4o-2024-08-06", run.open.id), ...began },
    results: run.results,
  },
  {
    path: "/threads/{id}/runs",
    name: "plain",
    call: (client, extra) =>
      client.beta.threads.runs.create("thread_abc123", { assistant_id: "asst_abc123", model: "gpt-4o", ...extra }),
    reply: json(run.open),
    expected: { requested_model: "gpt-4o", ...begun("gpt-4o-2024-08-06", run.open.id) },
  },
  {
    path: "/threads/{id}/runs",
    name: "streamed",
    call: (client, extra) =>
      client.beta.threads.runs.create("thread_abc123", { assistant_id: "asst_abc123", stream: true, ...extra }),
    reply: stream(runEvents.slice(1)),
    expected: { ...begun("gpt-4o-2024-08-06", run.open.id), ...began },
    results: run.results,
  },
  {
    path: "/evals/{id}/runs",
    name: "plain",
    call: (client, extra) =>
      client.evals.runs.create("eval_67e579652b548190aaa83ada4b125f47", {
        data_source: { type: "jsonl", source: { type: "file_id", id: "file-abc123" } },
        ...extra,
      }),
    reply: json(jobs.evaluation.open),
    expected: begun("gpt-4o-mini", jobs.evaluation.open.id),
  },
  {
    path: "/fine_tuning/alpha/graders/run",
    name: "by models",
    call: (client, extra) => client.fineTuning.alpha.graders.run({ grader, model_sample: "canary", ...extra }),
    reply: json({
      ...graded,
      model_grader_token_usage_per_model: {
        "gpt-5-mini-2025-08-07": { prompt_tokens: 90, completion_tokens: 5, total_tokens: 95, cached_tokens: 10 },
        "o3-2025-04-16": { prompt_tokens: 80, completion_tokens: 4, total_tokens: 84, cached_tokens: 0 },
      },
    }),
    expected: { model: null, ...nothing },
    results: [
      {
        operation: "graders.run.result",
        model: "gpt-5-mini-2025-08-07",
        total_tokens: 95,
        usage: { input: { cached: 10 } },
      },
      { operation: "graders.run.result", model: "o3-2025-04-16", total_tokens: 84, usage: { input: { cached: 0 } } },
    ],
  },
  {
    path: "/fine_tuning/alpha/graders/run",
    name: "in all",
    call: (client, extra) => client.fineTuning.alpha.graders.run({ grader, model_sample: "canary", ...extra }),
    reply: json({ ...graded, model_grader_token_usage_per_model: {} }),
    expected: { model: null, input_tokens: null, total_tokens: 95, usage: { source: "reported" } },
  },
  {
    path: "/agents/sessions",
    name: "plain",
    call: (client, extra) => client.post("/agents/sessions", { body: { agent: { id: "agent_abc123" }, ...extra } }),
    reply: json(session),
    expected: begun(null, session.id),
  },
  {
    path: "/agents/sessions",
    name: "streamed",
    call: (client, extra) =>
      client.post("/agents/sessions", {
        body: { agent: { id: "agent_abc123" }, stream: true, ...extra },
        stream: true,
      }),
    reply: stream(turnEvents),
    expected: { ...begun(null, session.id), ...began },
    results: turn.results,
  },
  {
    path: "/containers",
    name: "plain",
    call: (client, extra) => client.containers.create({ name: "canary", memory_limit: "4g", ...extra }),
    reply: json({
      id: "cntr_682e30645a488191b6363a0cbefc0f0a025ec61b66250591",
      object: "container",
      created_at: 1_795_478_410,
      status: "running",
      expires_after: { anchor: "last_active_at", minutes: 20 },
      last_active_at: 1_795_478_410,
      memory_limit: "4g",
      name: "canary",
    }),
    expected: {
      usage: { source: "reported", quantities: { container_sessions: 1 }, raw: { memory_limit: "4g" } },
      request: { response_id: "cntr_682e30645a488191b6363a0cbefc0f0a025ec61b66250591" },
    },
  },
];
