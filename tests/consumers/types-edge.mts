// Without the types of Node, as a worker's project has none.
import { customerContext, TrackedOpenAI } from "cmdrdata-openai";

declare const context: { waitUntil(promise: Promise<unknown>): void };
export const client: TrackedOpenAI = new TrackedOpenAI({ waitUntil: (delivery) => context.waitUntil(delivery) });
export const reply: Promise<string> = customerContext(
  "acme",
  async () => (await client.models.list()).data[0]?.id ?? "",
);
