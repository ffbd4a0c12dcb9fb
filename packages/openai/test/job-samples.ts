/** Calls that start a job which runs on. */
import { json, nothing, only, prompt, type Sample } from "./sample.ts";

const video = {
  id: "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5",
  object: "video",
  created_at: 1_795_478_407,
  status: "queued",
  completed_at: null,
  expires_at: null,
  error: null,
  model: "sora-2",
  progress: 0,
  prompt,
  remixed_from_video_id: null,
  seconds: "8",
  size: "720x1280",
};
const filmed = { model: "sora-2", ...only({ video_seconds: 8 }), request: { response_id: video.id } };

const job = {
  object: "fine_tuning.job",
  id: "ftjob-abc123",
  model: "gpt-4o-mini-2024-07-18",
  created_at: 1_795_478_408,
  fine_tuned_model: null,
  organization_id: "org-123",
  result_files: [],
  status: "validating_files",
  training_file: "file-abc123",
  trained_tokens: null,
};
/** The API shows counts of 0 until it has counted. */
const batch = {
  id: "batch_abc123",
  object: "batch",
  endpoint: "/v1/chat/completions",
  errors: null,
  input_file_id: "file-abc123",
  completion_window: "24h",
  status: "validating",
  created_at: 1_795_478_409,
  request_counts: { total: 0, completed: 0, failed: 0 },
  usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  metadata: {},
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
    call: (client, extra) => client.videos.create({ seconds: "12", prompt, ...extra }),
    reply: json({ ...video, seconds: undefined }),
    expected: { requested_model: null, ...filmed, ...only({ video_seconds: 12 }) },
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
    expected: { ...filmed, ...only({ video_seconds: 4 }) },
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
    reply: json(job),
    expected: { model: job.model, requested_model: "gpt-4o-mini", ...nothing, request: { response_id: job.id } },
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
    reply: json(batch),
    expected: { model: null, ...nothing, request: { response_id: batch.id } },
  },
];
