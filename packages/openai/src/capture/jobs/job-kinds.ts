/**
 * The jobs that run on after the call that made them, by the `object` that their answers name: where their results are
 * seen, and how they are read. docs/coverage.md is written from this table.
 */
import { type Coverage, type Job, type JobResult, objectOf, objectsOf, type RawObject, textOf } from "../../answer.ts";
import { count } from "../usage.ts";
import { readImageGeneration, readTools } from "./response-tools.ts";

export interface JobKind {
  /** Of the call that makes such a job. */
  readonly operation: string;
  /** Requests whose answers show it, beside those of the call that made it. */
  readonly shownBy: readonly string[];
  readonly reports: Coverage["reports"];
  readonly note: string;
  /** What a job tells that has ended, one for each model. */
  readonly results: (job: RawObject) => readonly Told[];
}

/** A result as far as it differs from what its kind has in common. */
export type Told = Partial<JobResult>;

export const jobKinds: Readonly<Record<string, JobKind>> = {
  response: {
    operation: "responses",
    shownBy: ["GET /responses/{id}", "POST /responses/{id}/cancel"],
    reports: ["tokens", "web_search_calls", "file_search_calls"],
    note: "only those made with `background: true`; also where their stream is read",
    results: (response) => [
      { ...usageOf(response), quantities: readTools(response) },
      ...readImageGeneration(response),
    ],
  },
  batch: {
    operation: "batches",
    shownBy: ["GET /batches", "GET /batches/{id}", "POST /batches/{id}/cancel"],
    reports: ["tokens"],
    note: "`usage` of the batch, in the tier `batch`; batches that tell no `usage` have no result",
    results: (batch) => [{ ...usageOf(batch), serviceTier: "batch" }],
  },
  "fine_tuning.job": {
    operation: "fine_tuning.jobs",
    shownBy: [
      "GET /fine_tuning/jobs",
      "GET /fine_tuning/jobs/{id}",
      "POST /fine_tuning/jobs/{id}/cancel",
      "POST /fine_tuning/jobs/{id}/pause",
      "POST /fine_tuning/jobs/{id}/resume",
    ],
    reports: ["trained_tokens"],
    note: "reinforcement fine-tuning is billed by the hour, which the job does not tell",
    results: readTraining,
  },
  video: {
    operation: "videos",
    shownBy: ["GET /videos", "GET /videos/{id}"],
    reports: [],
    note: "only of one that failed: its seconds are counted when it is made, and came to nothing",
    results: ({ status }) => (status === "failed" ? [{}] : []),
  },
  "thread.run": {
    operation: "threads.runs",
    shownBy: [
      "GET /threads/{id}/runs",
      "GET /threads/{id}/runs/{id}",
      "POST /threads/{id}/runs/{id}",
      "POST /threads/{id}/runs/{id}/cancel",
      "POST /threads/{id}/runs/{id}/submit_tool_outputs",
    ],
    reports: ["tokens"],
    note: "`usage` of the run; also where its stream is read",
    results: (run) => [usageOf(run)],
  },
  "eval.run": {
    operation: "evals.runs",
    shownBy: [
      "GET /evals/{id}/runs",
      "GET /evals/{id}/runs/{id}",
      "POST /evals/{id}/runs/{id}",
      "POST /evals/{id}/runs/{id}/cancel",
    ],
    reports: ["tokens"],
    note: "`per_model_usage`: one event for each model",
    results: readModels,
  },
  "agent.session.turn": {
    operation: "agents.sessions",
    shownBy: [
      "GET /agents/sessions/{id}/events",
      "GET /agents/sessions/{id}/turns",
      "GET /agents/sessions/{id}/turns/{id}",
    ],
    reports: ["tokens"],
    note: "`usage` of the turn, best effort as OpenAI says, without a model; for whom the session was made",
    results: (turn) => [usageOf(turn)],
  },
  // Its usage is the sum of its turns': here only whom it is for.
  "agent.session": {
    operation: "agents.sessions",
    shownBy: [],
    reports: [],
    note: "",
    results: () => [],
  },
};

const ends: ReadonlySet<unknown> = new Set([
  "completed",
  "succeeded",
  "incomplete",
  "failed",
  "cancelled",
  "canceled",
  "expired",
]);
const endTimes = ["completed_at", "finished_at", "failed_at", "cancelled_at", "expired_at"];

/** @returns `undefined` for anything else than a job that runs on */
export function readJob(data: RawObject): Job | undefined {
  const { object } = data;
  if (typeof object !== "string" || !Object.hasOwn(jobKinds, object) || textOf(data["id"]) === null) return undefined;
  // Any other response has told its usage when it was made.
  if (object === "response" && data["background"] !== true) return undefined;
  const kind = jobKinds[object] as JobKind;
  const job = describe(data, kind, kind.results);
  return { ...job, attributedBy: [data["id"], data["session_id"]].flatMap((id) => textOf(id) ?? []) };
}

/** The images that a tool of an ordinary response made: another model's work, with usage of its own. */
export function readImageJob(response: RawObject): Job | undefined {
  const images = readImageGeneration(response);
  return images.length === 0 ? undefined : describe(response, jobKinds["response"] as JobKind, () => images);
}

function describe(data: RawObject, kind: JobKind, resultsOf: JobKind["results"]): Job {
  const { status } = data;
  const failed = status === "failed";
  const results = ends.has(status) ? resultsOf(data).map((told) => completeResult(told, kind.operation, data)) : [];
  return {
    operation: kind.operation,
    id: textOf(data["id"]),
    attributedBy: [],
    createdAtMs: timeOf(data["created_at"]),
    endedAtMs: endTimes.map((name) => timeOf(data[name])).find((time) => time !== null) ?? null,
    status: textOf(objectOf(data["incomplete_details"])?.["reason"]) ?? textOf(status),
    failure: failed ? { code: objectOf(data["error"] ?? data["last_error"])?.["code"] } : null,
    // An end that tells nothing may tell more when it is seen again; one that failed has no more to tell.
    results: results.filter((result) => failed || tells(result)),
  };
}

/** @param data - where the model and the tier stand that the result does not tell itself */
export function completeResult(told: Told, operation: string, data: RawObject): JobResult {
  return {
    operation: told.operation ?? `${operation}.result`,
    part: told.part ?? "",
    model: told.model === undefined ? textOf(data["model"]) : told.model,
    serviceTier: told.serviceTier === undefined ? textOf(data["service_tier"]) : told.serviceTier,
    usage: told.usage ?? null,
    quantities: told.quantities ?? {},
    input: told.input ?? {},
  };
}

function tells({ usage, quantities }: JobResult): boolean {
  return usage !== null || Object.values(quantities).some((quantity) => quantity > 0);
}

function usageOf(job: RawObject): Told {
  return { usage: objectOf(job["usage"]) ?? null };
}

function readTraining(job: RawObject): readonly Told[] {
  const trained = count(job["trained_tokens"]);
  return [{ quantities: trained === null ? {} : { trained_tokens: trained } }];
}

function readModels(run: RawObject): readonly Told[] {
  const used = objectsOf(run["per_model_usage"]);
  if (used.length === 0) return [{}];
  return used.map((usage, index) => {
    const model = textOf(usage["model_name"]);
    const before = used.slice(0, index).filter((other) => textOf(other["model_name"]) === model).length;
    return { ...readModelUsage(model, usage), part: before === 0 ? (model ?? "") : `${model ?? ""}#${before}` };
  });
}

/** What one of several models used: its cached tokens stand beside its prompt tokens, not below them. */
export function readModelUsage(model: string | null, usage: RawObject): Told {
  const cached = count(usage["cached_tokens"]);
  return { model, usage, input: cached === null ? {} : { cached } };
}

function timeOf(seconds: unknown): number | null {
  return typeof seconds === "number" && seconds > 0 && seconds < latestSecond ? Math.round(seconds * 1_000) : null;
}

/** The end of the year 9999: later ones have no date. */
const latestSecond = 253_402_300_800;
