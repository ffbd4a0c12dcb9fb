/**
 * Jobs in their true shape, as openai 6.49.0 and 7.57.0 declare them and the API reference shows them (2026-11-25): while
 * they run, at their end, and what is counted then. Numbers and texts are made up.
 */
import { response, responsesUsage } from "./fixtures.ts";

export interface JobFixture {
  /** As `object` names it. */
  readonly object: string;
  readonly operation: string;
  readonly open: { readonly id: string } & Record<string, unknown>;
  readonly ended: { readonly id: string } & Record<string, unknown>;
  /** What each event of its end has at least. */
  readonly results: readonly object[];
}

const at = "2026-11-25T00:00:00.000Z";
const createdAt = Date.parse(at) / 1_000;
const took = (seconds: number): object => ({
  timestamp: new Date((createdAt + seconds) * 1_000).toISOString(),
  latency: { request_start_time: createdAt, request_end_time: createdAt + seconds, duration_ms: seconds * 1_000 },
});

const running = {
  ...response,
  background: true,
  created_at: createdAt,
  status: "queued",
  output: [],
  usage: null,
  tool_usage: undefined,
};
const imageUsage = {
  input_tokens: 61,
  input_tokens_details: { text_tokens: 21, image_tokens: 40 },
  output_tokens: 1_056,
  output_tokens_details: { text_tokens: 0, image_tokens: 1_056 },
  total_tokens: 1_117,
};
/** What an ordinary response tells of a tool that made images, and what is counted for it. */
export const imageTool = {
  tools: [{ type: "web_search" }, { type: "image_generation", model: "gpt-image-1" }],
  tool_usage: { image_gen: imageUsage, web_search: { num_requests: 2 } },
};
export const imagesMade = {
  operation: "responses.image_generation",
  model: "gpt-image-1",
  service_tier: null,
  input_tokens: 61,
  output_tokens: 1_056,
  usage: { source: "reported", input: { image: 40 }, output: { image: 1_056 }, quantities: {}, raw: imageUsage },
};

const background: JobFixture = {
  object: "response",
  operation: "responses",
  open: running,
  ended: {
    ...running,
    ...imageTool,
    status: "completed",
    completed_at: createdAt + 75,
    output: [...response.output, { type: "file_search_call", id: "fs_1", status: "completed", queries: ["canary"] }],
    usage: responsesUsage,
  },
  results: [
    {
      operation: "responses.result",
      model: "gpt-5-mini-2025-08-07",
      service_tier: "flex",
      input_tokens: 36,
      output_tokens: 87,
      total_tokens: 123,
      usage: {
        source: "reported",
        input: { cached: 12, cache_write: 3 },
        output: { reasoning: 64 },
        quantities: { web_search_calls: 2, file_search_calls: 1 },
        raw: responsesUsage,
      },
      request: { response_id: running.id, finish_reason: "completed", success: true },
      ...took(75),
    },
    imagesMade,
  ],
};

const validating = {
  id: "batch_67a8f0c4d5e081909f0e1d2c3b4a5968",
  object: "batch",
  endpoint: "/v1/chat/completions",
  errors: null,
  input_file_id: "file-abc123",
  completion_window: "24h",
  status: "validating",
  output_file_id: null,
  error_file_id: null,
  created_at: createdAt,
  in_progress_at: null,
  completed_at: null,
  cancelled_at: null,
  request_counts: { total: 0, completed: 0, failed: 0 },
  // The API shows counts of 0 until it has counted.
  usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  metadata: { note: "a canary" },
};
const batchUsage = {
  input_tokens: 9_000,
  input_tokens_details: { cached_tokens: 1_000 },
  output_tokens: 4_000,
  output_tokens_details: { reasoning_tokens: 500 },
  total_tokens: 13_000,
};
const batch: JobFixture = {
  object: "batch",
  operation: "batches",
  open: validating,
  ended: {
    ...validating,
    status: "completed",
    model: "gpt-4o-mini-2024-07-18",
    completed_at: createdAt + 3_600,
    request_counts: { total: 100, completed: 95, failed: 5 },
    usage: batchUsage,
  },
  results: [
    {
      operation: "batches.result",
      model: "gpt-4o-mini-2024-07-18",
      service_tier: "batch",
      input_tokens: 9_000,
      output_tokens: 4_000,
      usage: { input: { cached: 1_000 }, output: { reasoning: 500 }, raw: batchUsage },
      request: { response_id: validating.id, finish_reason: "completed" },
      ...took(3_600),
    },
  ],
};

const training = {
  object: "fine_tuning.job",
  id: "ftjob-abc123",
  model: "gpt-4o-mini-2024-07-18",
  created_at: createdAt,
  error: null,
  fine_tuned_model: null,
  finished_at: null,
  hyperparameters: { n_epochs: 4 },
  organization_id: "org-123",
  result_files: [],
  status: "running",
  trained_tokens: null,
  training_file: "file-abc123",
  validation_file: null,
};
const fineTuning: JobFixture = {
  object: "fine_tuning.job",
  operation: "fine_tuning.jobs",
  open: training,
  ended: {
    ...training,
    status: "succeeded",
    fine_tuned_model: "ft:gpt-4o-mini-2024-07-18:org::id",
    finished_at: createdAt + 600,
    trained_tokens: 5_768,
  },
  results: [
    {
      operation: "fine_tuning.jobs.result",
      model: "gpt-4o-mini-2024-07-18",
      input_tokens: null,
      usage: { source: "reported", quantities: { trained_tokens: 5_768 }, raw: null },
      ...took(600),
    },
  ],
};

const filming = {
  id: "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5",
  object: "video",
  created_at: createdAt,
  status: "in_progress",
  completed_at: null,
  expires_at: null,
  error: null,
  model: "sora-2",
  progress: 33,
  prompt: "a canary",
  remixed_from_video_id: null,
  seconds: "8",
  size: "720x1280",
};
const video: JobFixture = {
  object: "video",
  operation: "videos",
  open: filming,
  ended: { ...filming, status: "failed", error: { code: "moderation_blocked", message: "canary" } },
  results: [
    {
      operation: "videos.result",
      model: "sora-2",
      timestamp: at,
      usage: { source: "none", quantities: {} },
      error: { occurred: true, type: "failed", code: "moderation_blocked", message: "the provider reports a failure" },
      request: { response_id: filming.id, finish_reason: "failed", success: false },
    },
  ],
};

const runUsage = { prompt_tokens: 123, completion_tokens: 456, total_tokens: 579 };
const queued = {
  id: "run_abc123",
  object: "thread.run",
  created_at: createdAt,
  assistant_id: "asst_abc123",
  thread_id: "thread_abc123",
  status: "queued",
  started_at: null,
  expires_at: createdAt + 600,
  cancelled_at: null,
  failed_at: null,
  completed_at: null,
  last_error: null,
  required_action: null,
  incomplete_details: null,
  model: "gpt-4o-2024-08-06",
  instructions: "You are a canary.",
  tools: [],
  metadata: {},
  usage: null,
};
const run: JobFixture = {
  object: "thread.run",
  operation: "threads.runs",
  open: queued,
  ended: { ...queued, status: "completed", expires_at: null, completed_at: createdAt + 12, usage: runUsage },
  results: [
    {
      operation: "threads.runs.result",
      model: "gpt-4o-2024-08-06",
      input_tokens: 123,
      output_tokens: 456,
      usage: { raw: runUsage },
      ...took(12),
    },
  ],
};

const modelUsage = (model_name: string, prompt_tokens: number): Record<string, unknown> => ({
  model_name,
  invocation_count: 3,
  prompt_tokens,
  completion_tokens: 20,
  total_tokens: prompt_tokens + 20,
  cached_tokens: 64,
});
const evaluating = {
  object: "eval.run",
  id: "evalrun_67e57965b480819094274e3a32235e4c",
  eval_id: "eval_67e579652b548190aaa83ada4b125f47",
  report_url: "https://platform.openai.com/evaluations/eval_67e579652b548190aaa83ada4b125f47",
  status: "queued",
  model: "gpt-4o-mini",
  name: "a canary",
  created_at: createdAt,
  result_counts: { total: 0, errored: 0, failed: 0, passed: 0 },
  per_model_usage: null,
  per_testing_criteria_results: null,
  data_source: { type: "completions" },
  error: null,
  metadata: {},
};
const models = [modelUsage("gpt-4o-mini-2024-07-18", 100), modelUsage("o3-2025-04-16", 900)];
const evaluation: JobFixture = {
  object: "eval.run",
  operation: "evals.runs",
  open: evaluating,
  ended: { ...evaluating, status: "completed", per_model_usage: models },
  results: models.map((usage) => ({
    operation: "evals.runs.result",
    model: usage["model_name"],
    input_tokens: usage["prompt_tokens"],
    output_tokens: 20,
    usage: { source: "reported", input: { cached: 64 }, raw: usage },
    timestamp: at,
  })),
};

const working = {
  id: "turn_abc123",
  agent_id: "agent_abc123",
  object: "agent.session.turn",
  created_at: createdAt,
  started_at: createdAt,
  completed_at: null,
  error: null,
  session_id: "asess_abc123",
  status: "in_progress",
  subagent_id: null,
  usage: null,
};
const turn: JobFixture = {
  object: "agent.session.turn",
  operation: "agents.sessions",
  open: working,
  ended: { ...working, status: "completed", completed_at: createdAt + 40, usage: responsesUsage },
  results: [
    {
      operation: "agents.sessions.result",
      model: null,
      input_tokens: 36,
      output_tokens: 87,
      usage: { raw: responsesUsage },
      ...took(40),
    },
  ],
};

export const session = {
  id: "asess_abc123",
  object: "agent.session",
  agent: { id: "agent_abc123", model: "gpt-5.5" },
  created_at: createdAt,
  error: null,
  last_active_at: createdAt,
  metadata: {},
  required_actions: [],
  status: "in_progress",
  usage: null,
  vault_ids: [],
};

export const jobs = { background, batch, fineTuning, video, run, evaluation, turn };
export const jobList: readonly JobFixture[] = Object.values(jobs);
