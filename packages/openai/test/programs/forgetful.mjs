// Makes a call that it never awaits, one whose stream it never reads and one whose stream it leaves open, and ends.
import { setTimeout } from "node:timers/promises";

import OpenAI from "cmdrdata-openai";

const [ending] = process.argv.slice(2);
const client = new OpenAI();
const asked = { model: "gpt-4o", messages: [{ role: "user", content: "What is a canary?" }] };
const held = [
  client.chat.completions.create({ ...asked, customer_id: "unawaited" }),
  await client.chat.completions.create({ ...asked, stream: true, customer_id: "unread" }),
  await client.chat.completions.create({ ...asked, stream: true, customer_id: "half read" }),
];
const items = held[2][Symbol.asyncIterator]();
await items.next();
// The request of the first is on its way by now.
await setTimeout(100);
if (ending === "shutdown") await client.tracker.shutdown();
if (ending === "exit") process.exit(0);
if (ending === "SIGTERM") {
  process.kill(process.pid, "SIGTERM");
  await setTimeout(60_000);
}
// All are held to the end.
if (ending === "nothing left") process.on("exit", () => held.length);
