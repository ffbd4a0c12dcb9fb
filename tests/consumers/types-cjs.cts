import OpenAI, { APIError, TrackedOpenAI } from "cmdrdata-openai";

const client = new TrackedOpenAI({ apiKey: "sk-test", customerId: "customer-123" });
export const stream = client.responses.create({
  model: "gpt-4o",
  input: "hi",
  stream: true,
  custom_metadata: { feature: "x" },
});
export const isApiError = (error: unknown): boolean => error instanceof APIError;

// The names are the SDK's own: types, classes on the client's class, and the class itself.
export const textOf = (completion: OpenAI.Chat.Completions.ChatCompletion): string | null | undefined =>
  completion.choices[0]?.message.content;
export const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hi" }];
export const isRateLimit = (error: unknown): error is InstanceType<typeof OpenAI.RateLimitError> =>
  error instanceof OpenAI.RateLimitError;
export const other: OpenAI = new OpenAI({ apiKey: "sk-test" });
