/**
 * Held by the type checker alone: with a tracking field or without, every overload returns what the SDK returns, no more
 * and no less. The types are spelled out, since the bare client's methods take the fields too (docs/adr/0004).
 */
import type { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import type { ResponseStream } from "openai/lib/responses/ResponseStream";
import type RealOpenAI from "openai";
import type { Stream } from "openai/streaming";
import { expectTypeOf } from "vitest";

import type { APIPromise, OpenAI } from "../src/index.ts";

/** What belongs to the client itself and takes or gives cmdrdata's own things. */
type Own = "withOptions" | "tracker";

/** Every other member is the SDK's, with the SDK's type. */
expectTypeOf<Omit<OpenAI, Own>>().toEqualTypeOf<Omit<RealOpenAI, Own>>();
expectTypeOf<Exclude<keyof OpenAI, keyof RealOpenAI>>().toEqualTypeOf<"tracker">();

export function returns(client: OpenAI): void {
  const customer_id = "a";
  const chat = { model: "gpt-4o", messages: [], customer_id } as const;
  type Completion = RealOpenAI.Chat.ChatCompletion;
  type Chunk = RealOpenAI.Chat.ChatCompletionChunk;
  const { completions } = client.chat;
  expectTypeOf(completions.create({ ...chat, messages: [] })).toEqualTypeOf<APIPromise<Completion>>();
  expectTypeOf(completions.create({ ...chat, messages: [], stream: false })).toEqualTypeOf<APIPromise<Completion>>();
  expectTypeOf(completions.create({ ...chat, messages: [], stream: true })).toEqualTypeOf<APIPromise<Stream<Chunk>>>();
  const either = true as boolean;
  expectTypeOf(completions.create({ ...chat, messages: [], stream: either })).toEqualTypeOf<
    APIPromise<Completion | Stream<Chunk>>
  >();
  expectTypeOf(completions.stream({ ...chat, messages: [] })).toEqualTypeOf<ChatCompletionStream>();
  expectTypeOf(completions.parse({ ...chat, messages: [] }).withResponse()).resolves.toHaveProperty("request_id");

  type Answer = RealOpenAI.Responses.Response;
  type Events = Stream<RealOpenAI.Responses.ResponseStreamEvent>;
  const asked = { model: "gpt-5", input: "…", customer_id };
  expectTypeOf(client.responses.create(asked)).toEqualTypeOf<APIPromise<Answer>>();
  expectTypeOf(client.responses.create({ ...asked, stream: true })).toEqualTypeOf<APIPromise<Events>>();
  expectTypeOf(client.responses.create({ ...asked, stream: either })).toEqualTypeOf<APIPromise<Answer | Events>>();
  expectTypeOf(client.responses.stream(asked)).toEqualTypeOf<ResponseStream>();

  expectTypeOf(client.completions.create({ model: "m", prompt: "…", customer_id })).toEqualTypeOf<
    APIPromise<RealOpenAI.Completion>
  >();
  expectTypeOf(client.completions.create({ model: "m", prompt: "…", stream: true, customer_id })).toEqualTypeOf<
    APIPromise<Stream<RealOpenAI.Completion>>
  >();
  expectTypeOf(client.embeddings.create({ model: "m", input: "…", customer_id })).toEqualTypeOf<
    APIPromise<RealOpenAI.CreateEmbeddingResponse>
  >();
  expectTypeOf(client.images.generate({ prompt: "…", customer_id })).toEqualTypeOf<
    APIPromise<RealOpenAI.ImagesResponse>
  >();
  expectTypeOf(client.images.generate({ prompt: "…", stream: true, customer_id })).toEqualTypeOf<
    APIPromise<Stream<RealOpenAI.ImageGenStreamEvent>>
  >();
  expectTypeOf(client.moderations.create({ input: "…", customer_id })).toEqualTypeOf<
    APIPromise<RealOpenAI.ModerationCreateResponse>
  >();
  expectTypeOf(client.audio.speech.create({ model: "m", voice: "alloy", input: "…", customer_id })).toEqualTypeOf<
    APIPromise<Response>
  >();
  const file = new File([], "…");
  const spoken = { model: "whisper-1", file, customer_id };
  expectTypeOf(client.audio.transcriptions.create(spoken)).toEqualTypeOf<
    APIPromise<RealOpenAI.Audio.Transcriptions.Transcription>
  >();
  expectTypeOf(client.audio.transcriptions.create({ ...spoken, response_format: "verbose_json" })).toEqualTypeOf<
    APIPromise<RealOpenAI.Audio.Transcriptions.TranscriptionVerbose>
  >();
  expectTypeOf(client.audio.transcriptions.create({ ...spoken, response_format: "srt" })).toEqualTypeOf<
    APIPromise<string>
  >();
  expectTypeOf(client.fineTuning.jobs.create({ model: "m", training_file: "f", customer_id })).toEqualTypeOf<
    APIPromise<RealOpenAI.FineTuning.Jobs.FineTuningJob>
  >();

  // @ts-expect-error an answer is no stream
  expectTypeOf(client.responses.create(asked)).toEqualTypeOf<APIPromise<Events>>();
  // @ts-expect-error a widened answer is not the SDK's
  expectTypeOf(client.embeddings.create({ model: "m", input: "…" })).toEqualTypeOf<APIPromise<unknown>>();
}
