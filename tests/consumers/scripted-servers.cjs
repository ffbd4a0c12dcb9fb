// An OpenAI API and a collector, as far as the programs here need them, in one server on a free port.
const http = require("node:http");
const { gunzipSync } = require("node:zlib");

const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1795428000,
  model: "gpt-4o-2024-08-06",
  choices: [
    { index: 0, finish_reason: "stop", logprobs: null, message: { role: "assistant", content: "Hi", refusal: null } },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
};

const chunk = { id: "chatcmpl-2", object: "chat.completion.chunk", created: 1795428000, model: "gpt-4o-2024-08-06" };
const streamed = [
  { ...chunk, choices: [{ index: 0, finish_reason: null, delta: { role: "assistant", content: "H" } }] },
  { ...chunk, choices: [{ index: 0, finish_reason: "stop", delta: { content: "i" } }] },
  { ...chunk, choices: [], usage: completion.usage },
];

exports.startServers = async () => {
  const events = [];
  const bodies = [];
  const waiting = new Set();
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = JSON.parse(String(request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw));
      const answer = (status, value) => {
        response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_1" });
        response.end(JSON.stringify(value));
      };
      if (request.url === "/api/events") {
        events.push(...body.events);
        for (const check of waiting) check();
        return answer(200, { accepted: body.events.length, duplicates: 0, rejected: [] });
      }
      bodies.push(body);
      if (body.model === "refused")
        return answer(401, {
          error: { message: "no such key", type: "invalid_request_error", code: "invalid_api_key" },
        });
      if (body.stream !== true) return answer(200, completion);
      response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_2" });
      const last = body.stream_options?.include_usage === true ? 3 : 2;
      for (const part of streamed.slice(0, last)) response.write(`data: ${JSON.stringify(part)}\n\n`);
      response.end("data: [DONE]\n\n");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    events,
    bodies,
    /** Resolves when so many events have come. */
    arrived: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (events.length >= count) resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
};
