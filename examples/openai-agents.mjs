// OpenAI Agents: its runner takes a client, so it gets the tracked one. Every turn of an agent is counted.
//
//   OPENAI_API_KEY=sk-… CMDRDATA_API_KEY=tk-… node openai-agents.mjs
import { Agent, run, setDefaultOpenAIClient, setTracingDisabled, tool } from "@openai/agents";
import { customerContext, TrackedOpenAI } from "cmdrdata-openai";
import { z } from "zod";

const client = new TrackedOpenAI();
setDefaultOpenAIClient(client);
setTracingDisabled(true);

const weather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `It is sunny in ${city}.`,
});
const agent = new Agent({
  name: "Guide",
  instructions: "You answer in one sentence.",
  model: "gpt-4o-mini",
  tools: [weather],
});

const { finalOutput } = await customerContext("customer-123", () => run(agent, "What is the weather in Paris?"));
process.stdout.write(`${finalOutput}\n`);

const streamed = await customerContext("customer-456", () => run(agent, "What is a canary?", { stream: true }));
for await (const part of streamed.toTextStream()) process.stdout.write(part);
await streamed.completed;
process.stdout.write("\n");

await client.tracker.shutdown();
