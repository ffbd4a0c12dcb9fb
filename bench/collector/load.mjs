// Sends batches to a collector, from a process of its own, for so long: over so many connections, each with one request at a
// time, as fast as they are answered; or so many events a second, whether the earlier ones are answered or not. Says how many
// were acknowledged and how long each request took: of a paced one, from when it was due.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { seeded } from "../sdk/numbers.mjs";
import { makeEvent } from "./events.mjs";

process.on("message", (question) => void measure(question));
process.send("ready");

async function measure({ url, key, batch, connections, seconds, seed, eventsPerSecond }) {
  const random = seeded(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const tookMs = [];
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1_000;
  let acknowledged = 0;
  let refused = 0;
  const post = (body) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const sent = request(`${url}/api/events`, { method: "POST", agent, headers }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      sent.on("error", reject).end(body);
    });
  const makeBody = () => JSON.stringify(Array.from({ length: batch }, () => makeEvent(random, Date.now())));
  const send = async (body, dueMs) => {
    const status = await post(body);
    tookMs.push(performance.now() - dueMs);
    if (status === 200) acknowledged += batch;
    else refused += 1;
  };
  const asFastAsAnswered = async () => {
    while (performance.now() < untilMs) await send(makeBody(), performance.now());
  };
  const paced = async () => {
    const everyMs = (batch * 1_000) / eventsPerSecond;
    const sent = [];
    for (let dueMs = startedMs; dueMs < untilMs; dueMs += everyMs) {
      const body = makeBody();
      const early = dueMs - performance.now();
      if (early > 0) await sleep(early);
      sent.push(send(body, dueMs));
    }
    await Promise.all(sent);
  };
  if (eventsPerSecond === undefined) await Promise.all(Array.from({ length: connections }, asFastAsAnswered));
  else await paced();
  agent.destroy();
  // The last answers come a little after the time is over.
  process.send({
    eventsPerSecond: (acknowledged * 1_000) / (performance.now() - startedMs),
    acknowledged,
    refused,
    tookMs,
  });
}
