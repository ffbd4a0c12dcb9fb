import OpenAI from "cmdrdata-openai";
import { APIError, TrackedOpenAI } from "cmdrdata-openai";

const client: OpenAI = new TrackedOpenAI({ apiKey: "sk-test", trackerKey: "tk-aaaaaaaaaaaaaaaaaaaaaaaa" });
const reply: OpenAI.Chat.Completions.ChatCompletion = await client.chat.completions.create({
  model: "gpt-4o",
  messages: [],
  customer_id: "customer-123",
});
const text: string | null | undefined = reply.choices[0]?.message.content;
// @ts-expect-error a customer id is a text
void client.embeddings.create({ model: "text-embedding-3-small", input: "a", customer_id: 5 });
export const seen: unknown[] = [text, APIError, client.tracker.metrics().delivered];

// The names are the SDK's own: types, classes on the client's class, and the class itself.
export const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];
export const answered = (response: OpenAI.Responses.Response): string => response.output_text;
export const isRateLimit = (error: unknown): error is InstanceType<typeof OpenAI.RateLimitError> =>
  error instanceof OpenAI.RateLimitError;
export const other: OpenAI = new OpenAI({ apiKey: "sk-test" });
