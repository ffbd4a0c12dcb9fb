/** Held by the type checker alone: the tracking fields are typed, and every result has the SDK's own type. */
import type RealOpenAI from "openai";
import type { ChatCompletion, ChatCompletionChunk } from "openai/resources/chat/completions";
import type { Stream } from "openai/streaming";
import { expectTypeOf } from "vitest";

import OpenAI, { type APIPromise, tracking } from "../src/index.ts";

export function calls(client: OpenAI, bare: RealOpenAI): void {
  const messages = [{ role: "user" as const, content: "…" }];
  const whole = { model: "gpt-4o", messages, customer_id: "a", custom_metadata: { a: 1 }, track_usage: true };

  expectTypeOf(client.chat.completions.create(whole)).toEqualTypeOf<APIPromise<ChatCompletion>>();
  expectTypeOf(client.chat.completions.create({ ...whole, stream: true })).toEqualTypeOf<
    APIPromise<Stream<ChatCompletionChunk>>
  >();
  expectTypeOf<typeof client.chat.completions.create>().toEqualTypeOf<typeof bare.chat.completions.create>();
  expectTypeOf<typeof client.responses>().toEqualTypeOf<typeof bare.responses>();
  expectTypeOf(client.withOptions({ customerId: "a" })).toEqualTypeOf<OpenAI>();
  expectTypeOf(client).toExtend<RealOpenAI>();
  expectTypeOf<OpenAI.Chat.ChatCompletion>().toEqualTypeOf<RealOpenAI.Chat.ChatCompletion>();
  expectTypeOf<OpenAI.Chat.Completions.ChatCompletion>().toEqualTypeOf<ChatCompletion>();
  expectTypeOf<OpenAI.ChatCompletion>().toEqualTypeOf<ChatCompletion>();
  expectTypeOf<OpenAI.Responses.Response>().toEqualTypeOf<RealOpenAI.Responses.Response>();
  expectTypeOf<OpenAI.PageResponse<string>>().toEqualTypeOf<RealOpenAI.PageResponse<string>>();
  expectTypeOf(new OpenAI.Chat(bare)).toEqualTypeOf<RealOpenAI.Chat>();
  expectTypeOf(OpenAI.APIError).toEqualTypeOf<typeof RealOpenAI.APIError>();

  void client.chat.completions.stream({ model: "gpt-4o", messages, customer_id: "a" });
  void client.chat.completions.parse({ model: "gpt-4o", messages, customer_id: "a" });
  void client.chat.completions.runTools({ model: "gpt-4o", messages, tools: [], customer_id: "a" });
  void client.responses.create({ model: "gpt-5", input: "…", customer_id: "a" });
  void client.responses.stream({ model: "gpt-5", input: "…", customer_id: "a" });
  void client.responses.parse({ model: "gpt-5", input: "…", customer_id: "a" });
  void client.embeddings.create({ model: "e", input: "…", customer_id: null });
  void client.models.list(tracking({ customerId: "a" }, { timeout: 1 }));

  const file = new File([], "…");
  void client.completions.create({ model: "m", prompt: "…", customer_id: "a" });
  void client.images.generate({ prompt: "…", customer_id: "a", stream: true });
  void client.images.edit({ image: file, prompt: "…", customer_id: "a" });
  void client.images.createVariation({ image: file, customer_id: "a" });
  const heard = client.audio.transcriptions.create({ model: "m", file, response_format: "srt", customer_id: "a" });
  expectTypeOf(heard).toEqualTypeOf<APIPromise<string>>();
  void client.audio.translations.create({ model: "m", file, response_format: "text", customer_id: "a" });
  void client.audio.speech.create({ model: "m", voice: "alloy", input: "…", customer_id: "a" });
  void client.moderations.create({ input: "…", customer_id: "a" });
  void client.batches.create({
    endpoint: "/v1/responses",
    input_file_id: "f",
    completion_window: "24h",
    customer_id: "a",
  });
  void client.fineTuning.jobs.create({ model: "m", training_file: "f", customer_id: "a" });
  void client.fineTuning.alpha.graders.run({ grader: {} as never, model_sample: "…", customer_id: "a" });
  void client.beta.threads.createAndRun({ assistant_id: "a", customer_id: "a", stream: true });
  void client.beta.threads.runs.createAndPoll("t", { assistant_id: "a", customer_id: "a" });
  void client.evals.runs.create("e", { data_source: {} as never, customer_id: "a" });
  void client.containers.create({ name: "…", customer_id: "a" });

  // @ts-expect-error a customer is a text
  void client.chat.completions.create({ model: "gpt-4o", messages, customer_id: 5 });
  // @ts-expect-error a field that nobody knows is refused as before
  void client.chat.completions.create({ model: "gpt-4o", messages, customer: "a" });
  // @ts-expect-error a customer is a text
  void client.audio.transcriptions.create({ model: "m", file, customer_id: 5 });
  // @ts-expect-error a field that nobody knows is refused as before
  void client.images.generate({ prompt: "…", customer: "a" });
  // @ts-expect-error a flag is true or false
  void client.responses.create({ model: "gpt-5", input: "…", track_usage: "no" });
  // @ts-expect-error one of three words
  void new OpenAI({ includeUsage: "sometimes" });
}
