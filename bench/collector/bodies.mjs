// A thread that makes bodies of events, one for each time it is asked: numbers `from` up to `to` of events that are spread
// evenly over a stretch of time; "end" from then on.
import { parentPort, workerData } from "node:worker_threads";

import { seeded } from "../sdk/numbers.mjs";
import { makeEvent } from "./events.mjs";

const { from, to, total, startMs, endMs, seed, perBody } = workerData;
const random = seeded(seed + from);
const bytes = new TextEncoder();
const timeOf = (number) => startMs + ((endMs - startMs) * number) / total;

let next = from;
parentPort.on("message", () => {
  if (next >= to) return parentPort.postMessage("end");
  const events = Array.from({ length: perBody }, (_each, index) => makeEvent(random, timeOf(next + index)));
  next += perBody;
  const body = bytes.encode(JSON.stringify(events));
  return parentPort.postMessage({ body, receivedAtMs: Math.ceil(timeOf(next)) }, [body.buffer]);
});
