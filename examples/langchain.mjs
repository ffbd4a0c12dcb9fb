// LangChain: the model takes a `fetch`, so that is where its calls are counted.
//
//   OPENAI_API_KEY=sk-… CMDRDATA_API_KEY=tk-… node langchain.mjs
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { customerContext, trackedFetch } from "cmdrdata-openai";

const fetch = trackedFetch();
const model = new ChatOpenAI({ model: "gpt-4o-mini", configuration: { fetch } });
const embeddings = new OpenAIEmbeddings({ model: "text-embedding-3-small", configuration: { fetch } });

const reply = await customerContext("customer-123", () => model.invoke("What is a canary?"));
process.stdout.write(`${reply.text}\n`);

const stream = await customerContext("customer-456", () => model.stream("Why did miners take one along?"));
for await (const chunk of stream) process.stdout.write(chunk.text);
process.stdout.write("\n");

const vector = await customerContext("customer-123", () => embeddings.embedQuery("canary"));
process.stdout.write(`${vector.length} dimensions\n`);

await fetch.tracker.shutdown();
