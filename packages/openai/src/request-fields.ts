/**
 * Declares the tracking fields on the SDK's own request types, so that `customer_id` is typed in every call, overload
 * and helper, and nothing else is. The types of the bare client widen with them: TypeScript has no other way that keeps
 * the SDK's overloads. There is nothing here at run time.
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

export type { TrackingFields };
