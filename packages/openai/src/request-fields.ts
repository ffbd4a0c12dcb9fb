/**
 * Declares the tracking fields on the SDK's own request types, so that `customer_id` is typed in every call, overload
 * and helper, and nothing else is. The types of the bare client widen with them: TypeScript has no other way that keeps
 * the SDK's overloads. There is nothing here at run time.
 *
 * Only modules that every supported openai has: naming another is an error in a program that checks libraries. An
 * interface that openai 4 lacks (those of images) is merely of no use there.
 */
import type { TrackingFields } from "./call-fields.ts";

declare module "openai/resources/chat/completions/completions" {
  interface ChatCompletionCreateParamsBase extends TrackingFields {}
}

declare module "openai/resources/responses/responses" {
  interface ResponseCreateParamsBase extends TrackingFields {}
}

declare module "openai/resources/embeddings" {
  interface EmbeddingCreateParams extends TrackingFields {}
}

declare module "openai/resources/completions" {
  interface CompletionCreateParamsBase extends TrackingFields {}
}

declare module "openai/resources/images" {
  interface ImageGenerateParamsBase extends TrackingFields {}
  interface ImageEditParamsBase extends TrackingFields {}
  interface ImageCreateVariationParams extends TrackingFields {}
}

declare module "openai/resources/audio/transcriptions" {
  interface TranscriptionCreateParamsBase extends TrackingFields {}
}

declare module "openai/resources/audio/translations" {
  interface TranslationCreateParams extends TrackingFields {}
}

declare module "openai/resources/audio/speech" {
  interface SpeechCreateParams extends TrackingFields {}
}

declare module "openai/resources/moderations" {
  interface ModerationCreateParams extends TrackingFields {}
}

declare module "openai/resources/batches" {
  interface BatchCreateParams extends TrackingFields {}
}

declare module "openai/resources/fine-tuning/jobs/jobs" {
  interface JobCreateParams extends TrackingFields {}
}

declare module "openai/resources/fine-tuning/alpha/graders" {
  interface GraderRunParams extends TrackingFields {}
}

declare module "openai/resources/beta/threads/threads" {
  interface ThreadCreateAndRunParamsBase extends TrackingFields {}
}

declare module "openai/resources/beta/threads/runs/runs" {
  interface RunCreateParamsBase extends TrackingFields {}
}

declare module "openai/resources/evals/runs/runs" {
  interface RunCreateParams extends TrackingFields {}
}

declare module "openai/resources/containers/containers" {
  interface ContainerCreateParams extends TrackingFields {}
}

export type { TrackingFields };
