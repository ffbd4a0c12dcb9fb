/**
 * One sample per endpoint of the coverage table: the call, the API's answer in its true shape (as openai 6.49.0 declares
 * it and the API reference shows it, 2026-11-23; numbers and texts are made up), and what is recorded of it.
 */
import { expect } from "vitest";

import { audioSamples } from "./audio-samples.ts";
import { chatChunks, chatCompletion, embedding, response, responseEvents, responsesUsage } from "./fixtures.ts";
import { question } from "./harness.ts";
import { imagesMade, imageTool, jobs } from "./job-fixtures.ts";
import { jobSamples } from "./job-samples.ts";
import { file, json, nothing, only, prompt, type Sample, stream } from "./sample.ts";

const png = (): File => file("otter.png", "image/png");

const completionUsage = {
  prompt_tokens: 5,
  completion_tokens: 7,
  total_tokens: 12,
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const completionHead = {
  id: "cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7",
  object: "text_completion",
  created: 1_795_478_403,
  model: "gpt-3.5-turbo-instruct:20230824-v2",
};
const completion = {
  ...completionHead,
  choices: [{ text: "\n\nThis is indeed a test", index: 0, logprobs: null, finish_reason: "length" }],
  usage: completionUsage,
};
/** Of a stream that was asked for its usage. */
const completionChunks = [
  ...["This", " is", ""].map((text, at) => ({
    ...completionHead,
    choices: [{ text, index: 0, logprobs: null, finish_reason: at === 2 ? "length" : null }],
    usage: null,
  })),
  { ...completionHead, choices: [], usage: completionUsage },
];
const completionRead = {
  model: "gpt-3.5-turbo-instruct:20230824-v2",
  requested_model: "gpt-3.5-turbo-instruct",
  input_tokens: 5,
  output_tokens: 7,
  total_tokens: 12,
  usage: { source: "reported", output: { reasoning: 0 }, quantities: {}, raw: completionUsage },
  request: { response_id: completionHead.id, finish_reason: "length" },
};

const imageUsage = {
  total_tokens: 1_612,
  input_tokens: 556,
  output_tokens: 1_056,
  input_tokens_details: { text_tokens: 233, image_tokens: 323 },
  output_tokens_details: { text_tokens: 0, image_tokens: 1_056 },
};
const pictured = { created: 1_795_478_404, background: "opaque", output_format: "png", quality: "medium" };
const gptImages = { ...pictured, size: "1024x1024", data: [{ b64_json: "iVBORw0KGgo=" }], usage: imageUsage };
const square = { size: "1024x1024" };
const dalleImages = { created: 1_795_478_405, data: [{ url: "https://img.test/1" }, { url: "https://img.test/2" }] };
/** As the API streams them; their usage has no details of the output. */
const { output_tokens_details: _details, ...streamedImageUsage } = imageUsage;
function imageEvents(name: "image_generation" | "image_edit"): object[] {
  const image = { b64_json: "iVBORw0KGgo=", created_at: 1_795_478_406, size: "1024x1024", quality: "high" };
  return [
    { type: `${name}.partial_image`, partial_image_index: 0, ...image },
    { type: `${name}.completed`, ...image, usage: streamedImageUsage },
  ];
}
const gptImagesRead = {
  model: null,
  requested_model: "gpt-image-1",
  input_tokens: 556,
  output_tokens: 1_056,
  total_tokens: 1_612,
  usage: { source: "reported", input: { image: 323 }, output: { image: 1_056 }, quantities: {}, raw: imageUsage },
};
const streamedImagesRead = {
  ...gptImagesRead,
  usage: { source: "reported", input: { image: 323 }, output: {}, quantities: {}, raw: streamedImageUsage },
  latency: { time_to_first_token_ms: expect.any(Number) as number },
};

const chat: readonly Sample[] = [
  {
    path: "/chat/completions",
    name: "plain",
    call: (client, extra) => client.chat.completions.create({ ...question, ...extra }),
    reply: json(chatCompletion),
    expected: { input_tokens: 1_117, output_tokens: 46 },
  },
  {
    path: "/chat/completions",
    name: "streamed",
    call: (client, extra) => client.chat.completions.create({ ...question, stream: true, ...extra }),
    reply: stream(chatChunks(true)),
    expected: { input_tokens: 1_117, output_tokens: 46 },
  },
  {
    path: "/completions",
    name: "plain",
    call: (client, extra) => client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt, ...extra }),
    reply: json(completion),
    expected: completionRead,
  },
  {
    path: "/completions",
    name: "streamed",
    call: (client, extra) =>
      client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt, stream: true, ...extra }),
    reply: stream(completionChunks),
    expected: { ...completionRead, latency: { time_to_first_token_ms: expect.any(Number) as number } },
  },
  {
    path: "/responses",
    name: "plain",
    call: (client, extra) => client.responses.create({ model: "gpt-5-mini", input: prompt, ...extra }),
    reply: json(response),
    expected: { input_tokens: 36, output_tokens: 87, usage: { quantities: { web_search_calls: 2 } } },
  },
  {
    path: "/responses",
    name: "streamed",
    call: (client, extra) => client.responses.create({ model: "gpt-5-mini", input: prompt, stream: true, ...extra }),
    reply: stream(responseEvents()),
    expected: { input_tokens: 36, output_tokens: 87, usage: { quantities: { web_search_calls: 2 } } },
  },
  {
    path: "/responses",
    name: "with images",
    call: (client, extra) => client.responses.create({ model: "gpt-5-mini", input: prompt, ...extra }),
    reply: json({ ...response, ...imageTool }),
    expected: {
      input_tokens: 36,
      output_tokens: 87,
      usage: { quantities: { web_search_calls: 2 }, raw: responsesUsage },
    },
    results: [imagesMade],
  },
  {
    path: "/responses",
    name: "in the background",
    call: (client, extra) =>
      client.responses.create({ model: "gpt-5-mini", input: prompt, background: true, ...extra }),
    reply: json(jobs.background.open),
    expected: { ...nothing, request: { response_id: jobs.background.open.id } },
  },
  {
    path: "/responses",
    name: "in the background, streamed",
    call: (client, extra) =>
      client.responses.create({ model: "gpt-5-mini", input: prompt, background: true, stream: true, ...extra }),
    reply: stream([
      { type: "response.created", sequence_number: 0, response: jobs.background.open },
      { type: "response.output_text.delta", sequence_number: 1, item_id: "msg_1", delta: "In a quiet" },
      { type: "response.completed", sequence_number: 2, response: jobs.background.ended },
    ]),
    expected: { ...nothing, request: { response_id: jobs.background.open.id } },
    results: jobs.background.results,
  },
  {
    path: "/responses/compact",
    name: "plain",
    call: (client, extra) => client.responses.compact({ model: "gpt-5-mini", input: prompt, ...extra }),
    reply: json({ id: "resp_001", object: "response.compaction", created_at: 1, output: [], usage: responsesUsage }),
    expected: { requested_model: "gpt-5-mini", input_tokens: 36, output_tokens: 87, usage: { raw: responsesUsage } },
  },
  {
    path: "/embeddings",
    name: "plain",
    call: (client, extra) => client.embeddings.create({ model: "text-embedding-3-small", input: prompt, ...extra }),
    reply: json(embedding),
    expected: { input_tokens: 8, output_tokens: null },
  },
  {
    path: "/decisions",
    name: "plain",
    call: (client, extra) => client.post("/decisions", { body: { model: "gpt-5-decide", input: prompt, ...extra } }),
    reply: json({ id: "dec_1", object: "decision", model: "gpt-5-decide-2026-09-01", usage: responsesUsage }),
    expected: {
      model: "gpt-5-decide-2026-09-01",
      requested_model: "gpt-5-decide",
      input_tokens: 36,
      usage: { input: { cached: 12, cache_write: 3 }, output: { reasoning: 64 } },
    },
  },
  {
    path: "/moderations",
    name: "plain",
    call: (client, extra) => client.moderations.create({ model: "omni-moderation-latest", input: prompt, ...extra }),
    reply: json({ id: "modr-970d409ef3bef3b70c73d8232df86e7d", model: "omni-moderation-2024-09-26", results: [] }),
    expected: { model: "omni-moderation-2024-09-26", requested_model: "omni-moderation-latest", ...nothing },
  },
];

const images: readonly Sample[] = [
  {
    path: "/images/generations",
    name: "plain",
    call: (client, extra) => client.images.generate({ model: "gpt-image-1", prompt, ...extra }),
    reply: json(gptImages),
    expected: gptImagesRead,
  },
  {
    path: "/images/generations",
    name: "by the image",
    call: (client, extra) => client.images.generate({ model: "dall-e-2", n: 2, prompt, ...extra }),
    reply: json(dalleImages),
    expected: { requested_model: "dall-e-2", ...only({ images: 2 }, square) },
  },
  {
    path: "/images/generations",
    name: "by the image, of a size and a quality",
    call: (client, extra) =>
      client.images.generate({ model: "dall-e-3", size: "1024x1792", quality: "hd", prompt, ...extra }),
    reply: json(dalleImages),
    expected: { requested_model: "dall-e-3", ...only({ images: 2 }, { size: "1024x1792", quality: "hd" }) },
  },
  {
    path: "/images/generations",
    name: "streamed",
    call: (client, extra) => client.images.generate({ model: "gpt-image-1", prompt, stream: true, ...extra }),
    reply: stream(imageEvents("image_generation")),
    expected: streamedImagesRead,
  },
  {
    path: "/images/edits",
    name: "plain",
    call: (client, extra) => client.images.edit({ model: "gpt-image-1", image: png(), prompt, ...extra }),
    reply: json(gptImages),
    expected: gptImagesRead,
  },
  {
    path: "/images/edits",
    name: "streamed",
    call: (client, extra) => client.images.edit({ model: "gpt-image-1", image: png(), prompt, stream: true, ...extra }),
    reply: stream(imageEvents("image_edit")),
    expected: streamedImagesRead,
  },
  {
    path: "/images/edits",
    name: "by the image",
    call: (client, extra) => client.images.edit({ model: "dall-e-2", image: png(), prompt, size: "256x256", ...extra }),
    reply: json(dalleImages),
    expected: { requested_model: "dall-e-2", ...only({ images: 2 }, { size: "256x256" }) },
  },
  {
    path: "/images/variations",
    name: "plain",
    call: (client, extra) => client.images.createVariation({ model: "dall-e-2", image: png(), ...extra }),
    reply: json(dalleImages),
    expected: { requested_model: "dall-e-2", ...only({ images: 2 }, square) },
  },
];

export const samples: readonly Sample[] = [...chat, ...images, ...audioSamples, ...jobSamples];
