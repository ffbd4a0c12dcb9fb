// Vercel AI SDK: the provider takes a `fetch`, so that is where its calls are counted.
//
//   OPENAI_API_KEY=sk-… CMDRDATA_API_KEY=tk-… node vercel-ai.mjs
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, streamText } from "ai";
import { customerContext, trackedFetch } from "cmdrdata-openai";

const fetch = trackedFetch();
const openai = createOpenAI({ fetch });

// The Responses API, which the provider uses by itself.
const { text } = await customerContext("customer-123", () =>
  generateText({ model: openai("gpt-4o-mini"), prompt: "What is a canary?" }),
);
process.stdout.write(`${text}\n`);

await customerContext("customer-456", async () => {
  const { textStream } = streamText({ model: openai.chat("gpt-4o-mini"), prompt: "Why did miners take one along?" });
  for await (const part of textStream) process.stdout.write(part);
});
process.stdout.write("\n");

await fetch.tracker.shutdown();
