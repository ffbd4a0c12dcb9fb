// The OpenAI API as a `fetch` inside the process: the same bytes for every subject, and nothing of a network in the numbers.
const completion = JSON.stringify({
  id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  object: "chat.completion",
  created: 1_795_478_400,
  model: "gpt-4o-2024-08-06",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content:
          "A canary is a small bird; miners once took it along, since it fell silent before the air killed a man.",
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: {
    prompt_tokens: 19,
    completion_tokens: 24,
    total_tokens: 43,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  },
  service_tier: "default",
  system_fingerprint: "fp_fc9f1d7035",
});

const head = {
  id: "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
  object: "chat.completion.chunk",
  created: 1_795_478_401,
  model: "gpt-4o-2024-08-06",
  service_tier: "default",
  system_fingerprint: "fp_fc9f1d7035",
};

/** How many chunks with a word a stream has. */
const words = 200;

/** @param {boolean} withUsage */
function streamBytes(withUsage) {
  const usage = withUsage ? { usage: null } : {};
  // In the order, and with the padding, that the API has (`stream_options.include_obfuscation`, on by default).
  const chunk = (delta, finish_reason = null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...usage,
    obfuscation: "bxUQdGk9sP".slice(0, 10 - ((delta.content ?? "").length % 8)),
  });
  const chunks = [
    chunk({ role: "assistant", content: "", refusal: null }),
    ...Array.from({ length: words }, (_, index) => chunk({ content: ` word${index % 10}` })),
    chunk({}, "stop"),
    ...(withUsage ? [{ ...head, choices: [], usage: JSON.parse(completion).usage }] : []),
  ];
  const encoder = new TextEncoder();
  const lines = [...chunks.map((each) => JSON.stringify(each)), "[DONE]"];
  // As a socket delivers them: several events in one piece of a few kilobytes.
  const pieces = [];
  for (let at = 0; at < lines.length; at += 8) {
    pieces.push(
      encoder.encode(
        lines
          .slice(at, at + 8)
          .map((line) => `data: ${line}\n\n`)
          .join(""),
      ),
    );
  }
  return pieces;
}

const plainStream = streamBytes(false);
const usageStream = streamBytes(true);
const jsonHeaders = { "content-type": "application/json", "x-request-id": "req_0123456789abcdef" };
const streamHeaders = { "content-type": "text/event-stream; charset=utf-8", "x-request-id": "req_0123456789abcdef" };

/** Answers like the API: a stream where the body asks for one, with usage where it asks for that. */
export async function fakeFetch(_url, { body }) {
  if (!body.includes('"stream":true')) return new Response(completion, { headers: jsonHeaders });
  const pieces = body.includes('"include_usage":true') ? usageStream : plainStream;
  let at = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (at < pieces.length) controller.enqueue(pieces[at++]);
      else controller.close();
    },
  });
  return new Response(stream, { headers: streamHeaders });
}
