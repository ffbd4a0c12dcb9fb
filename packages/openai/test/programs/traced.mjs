import { trace } from "@opentelemetry/api";
import { ConsoleSpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import OpenAI from "cmdrdata-openai";

const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });
provider.register();

const client = new OpenAI();
await trace.getTracer("shop").startActiveSpan("answer a question", async (span) => {
  const messages = [{ role: "user", content: "What is a canary?" }];
  await client.chat.completions.create({ model: "gpt-4o", messages, customer_id: "acme" });
  span.end();
});

await client.tracker.shutdown();
await provider.shutdown();
