// Sends batches to a collector, from a process of its own, over so many connections, each with one request at a time, for so
// long. Says how many events were acknowledged and how long each request took.
import { Agent, request } from "node:http";

import { seeded } from "../sdk/numbers.mjs";
import { makeEvent } from "./events.mjs";

process.on("message", (question) => void measure(question));
process.send("ready");

async function measure({ url, key, batch, connections, seconds, seed }) {
  const random = seeded(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const tookMs = [];
  const startedMs = performance.now();
  const until = startedMs + seconds * 1_000;
  let acknowledged = 0;
  let refused = 0;
  const send = (body) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const sent = request(`${url}/api/events`, { method: "POST", agent, headers }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      sent.on("error", reject).end(body);
    });
  const connection = async () => {
    while (performance.now() < until) {
      const body = JSON.stringify(Array.from({ length: batch }, () => makeEvent(random, Date.now())));
      const sentMs = performance.now();
      const status = await send(body);
      tookMs.push(performance.now() - sentMs);
      if (status === 200) acknowledged += batch;
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
  // The last answers come a little after the time is over.
  process.send({ eventsPerSecond: (acknowledged * 1_000) / (performance.now() - startedMs), refused, tookMs });
}
