// LlamaIndex: its OpenAI model hands options on to the client it makes, a `fetch` among them.
//
//   OPENAI_API_KEY=sk-… CMDRDATA_API_KEY=tk-… node llamaindex.mjs
import { OpenAI, OpenAIEmbedding } from "@llamaindex/openai";
import { customerContext, trackedFetch } from "cmdrdata-openai";

const fetch = trackedFetch();
const llm = new OpenAI({ model: "gpt-4o-mini", additionalSessionOptions: { fetch } });
const embedding = new OpenAIEmbedding({ model: "text-embedding-3-small", additionalSessionOptions: { fetch } });

const { message } = await customerContext("customer-123", () =>
  llm.chat({ messages: [{ role: "user", content: "What is a canary?" }] }),
);
process.stdout.write(`${message.content}\n`);

const stream = await customerContext("customer-456", () =>
  llm.chat({ messages: [{ role: "user", content: "Why did miners take one along?" }], stream: true }),
);
for await (const { delta } of stream) process.stdout.write(delta);
process.stdout.write("\n");

const vector = await customerContext("customer-123", () => embedding.getTextEmbedding("canary"));
process.stdout.write(`${vector.length} dimensions\n`);

await fetch.tracker.shutdown();
