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

exports.startServers = async () => {
  const events = [];
  const bodies = [];
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
        return answer(200, { accepted: body.events.length, duplicates: 0, rejected: [] });
      }
      bodies.push(body);
      if (body.model === "refused")
        return answer(401, {
          error: { message: "no such key", type: "invalid_request_error", code: "invalid_api_key" },
        });
      return answer(200, completion);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    events,
    bodies,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
};
