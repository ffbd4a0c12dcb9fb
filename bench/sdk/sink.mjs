// Takes what the subjects send, in a process of its own, so that its work is in nobody's numbers. Answers each as its own
// back end would, as far as the subject looks at it.
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

const counts = {};
/** Each of our events names its SDK once. To parse them would slow what runs on the other core, and so be in the numbers. */
function count(plain) {
  let events = 0;
  for (let at = plain.indexOf('"sdk":{'); at !== -1; at = plain.indexOf('"sdk":{', at + 1)) events += 1;
  return events;
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const path = (request.url ?? "").split("?")[0];
    const body = Buffer.concat(chunks);
    counts[path] = (counts[path] ?? 0) + body.byteLength;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer(path, request, body)));
  });
});

function answer(path, request, body) {
  if (path === "/api/events") {
    const plain = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    return { accepted: count(plain), duplicates: 0, rejected: [] };
  }
  const url = `http://127.0.0.1:${server.address().port}`;
  if (path === "/api/apikey/login") return { org_info: [{ id: "o", name: "bench", api_url: url, proxy_url: url }] };
  if (path === "/api/project/register") return { org_id: "o", project: { id: "p1", name: "bench" } };
  if (path === "/info") return { version: "0.10.0", batch_ingest_config: { use_multipart_endpoint: true } };
  return { status: "ok", status_code: 200, partialSuccess: {} };
}

server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("message", () => process.send({ counts }));
