/**
 * Answers of the OpenAI API in their true shape, as openai 6.49.0 declares them and the API reference shows them
 * (2026-11-23). Numbers and texts are made up.
 */

export const chatUsage = {
  prompt_tokens: 1_117,
  completion_tokens: 46,
  total_tokens: 1_163,
  prompt_tokens_details: { cached_tokens: 1_024, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 16,
    audio_tokens: 0,
    accepted_prediction_tokens: 4,
    rejected_prediction_tokens: 2,
  },
};

export const chatCompletion = {
  id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  object: "chat.completion",
  created: 1_795_478_400,
  model: "gpt-4o-2024-08-06",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "Hello! How can I help?", refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: chatUsage,
  service_tier: "default",
  system_fingerprint: "fp_fc9f1d7035",
};

/** A turn in which the model calls a tool. */
export const chatToolCall = {
  ...chatCompletion,
  id: "chatcmpl-toolturn1",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: null,
        refusal: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
      },
      logprobs: null,
      finish_reason: "tool_calls",
    },
  ],
};

const chunkHead = {
  id: "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
  object: "chat.completion.chunk",
  created: 1_795_478_401,
  model: "gpt-4o-mini-2024-07-18",
  service_tier: "default",
  system_fingerprint: "fp_34a54ae93c",
};

export const streamedWords = ["", "Hello", " there", "!"];

/** The chunks of a chat stream; like the API, with usage only where the request asks for it. */
export function chatChunks(withUsage: boolean): object[] {
  const usage = withUsage ? { usage: null } : {};
  const words = streamedWords.map((content, index) => ({
    ...chunkHead,
    choices: [
      {
        index: 0,
        delta: index === 0 ? { role: "assistant", content } : { content },
        logprobs: null,
        finish_reason: null,
      },
    ],
    ...usage,
  }));
  const last = { ...chunkHead, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }], ...usage };
  return [...words, last, ...(withUsage ? [{ ...chunkHead, choices: [], usage: chatUsage }] : [])];
}

export const responsesUsage = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 12, cache_write_tokens: 3 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 123,
};

export const response = {
  id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
  object: "response",
  created_at: 1_795_478_402,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "gpt-5-mini-2025-08-07",
  output: [
    {
      type: "message",
      id: "msg_67ccd2bf17f0819081ff3bb2cf6508e6",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "In a quiet wood, …", annotations: [] }],
    },
  ],
  service_tier: "flex",
  tool_usage: { web_search: { num_requests: 2 } },
  usage: responsesUsage,
  metadata: {},
};

/** The events of a streamed response; `end` is how its last event is called. */
export function responseEvents(end: "completed" | "incomplete" | "failed" = "completed"): object[] {
  const open = { ...response, status: "in_progress", output: [], usage: null, tool_usage: undefined };
  const id = response.output[0]?.id;
  const item = { type: "message", id, status: "in_progress", role: "assistant", content: [] as object[] };
  const part = { type: "output_text", text: "", annotations: [] };
  const at = { item_id: id, output_index: 0, content_index: 0 };
  const ending = {
    completed: {},
    incomplete: { incomplete_details: { reason: "max_output_tokens" } },
    failed: { error: { code: "server_error", message: "The model failed to make a response." } },
  };
  return [
    { type: "response.created", sequence_number: 0, response: open },
    { type: "response.in_progress", sequence_number: 1, response: open },
    { type: "response.output_item.added", sequence_number: 2, output_index: 0, item },
    { type: "response.content_part.added", sequence_number: 3, ...at, part },
    { type: "response.output_text.delta", sequence_number: 4, ...at, delta: "In a quiet ", logprobs: [] },
    { type: "response.output_text.delta", sequence_number: 5, ...at, delta: "wood, …", logprobs: [] },
    { type: "response.output_text.done", sequence_number: 6, ...at, text: "In a quiet wood, …", logprobs: [] },
    { type: "response.content_part.done", sequence_number: 7, ...at, part: { ...part, text: "In a quiet wood, …" } },
    { type: "response.output_item.done", sequence_number: 8, output_index: 0, item: response.output[0] },
    { type: `response.${end}`, sequence_number: 9, response: { ...response, status: end, ...ending[end] } },
  ];
}

/** 0.5, -0.25 and 1 as the API sends them in base64: 32-bit floats, little endian. */
export const embedding = {
  object: "list",
  data: [{ object: "embedding", index: 0, embedding: "AAAAPwAAgL4AAIA/" }],
  model: "text-embedding-3-small",
  usage: { prompt_tokens: 8, total_tokens: 8 },
};

export const badKeyError = {
  error: {
    message: "Incorrect API key provided: sk-proj-********************************abcd. You can find your API key at …",
    type: "invalid_request_error",
    param: null,
    code: "invalid_api_key",
  },
};

export const rateLimitError = {
  error: {
    message: "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 29000.",
    type: "tokens",
    param: null,
    code: "rate_limit_exceeded",
  },
};
