import { APIError, TrackedOpenAI } from "cmdrdata-openai";

const client = new TrackedOpenAI({ apiKey: "sk-test", customerId: "customer-123" });
export const stream = client.responses.create({
  model: "gpt-4o",
  input: "hi",
  stream: true,
  custom_metadata: { feature: "x" },
});
export const isApiError = (error: unknown): boolean => error instanceof APIError;
