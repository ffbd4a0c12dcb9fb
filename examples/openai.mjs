// The official client with its import changed: whole answers, streams, and who each is for.
//
//   OPENAI_API_KEY=sk-… CMDRDATA_API_KEY=tk-… node openai.mjs
import OpenAI from "cmdrdata-openai";

const client = new OpenAI();
const messages = [{ role: "user", content: "What is a canary?" }];

const reply = await client.chat.completions.create({ model: "gpt-4o-mini", messages, customer_id: "customer-123" });
process.stdout.write(`${reply.choices[0].message.content}\n`);

const stream = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages,
  stream: true,
  customer_id: "customer-456",
  custom_metadata: { feature: "guide" },
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
process.stdout.write("\n");

await client.embeddings.create({ model: "text-embedding-3-small", input: "canary", customer_id: "customer-123" });
await client.tracker.shutdown();
