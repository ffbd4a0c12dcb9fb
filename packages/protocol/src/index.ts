export { apiKeyForm, isApiKey } from "./api-key.ts";
export { bodyTooLarge, encodeBody, parseBody } from "./body.ts";
export { canonicalEvent, encodeEvent } from "./encode-event.ts";
export { createEventWriter, type EventWriter } from "./write-event.ts";
export { CmdrdataError, errorCodes } from "./errors.ts";
export { emptyEvent, errorTypes, totalTokens } from "./event.ts";
export { copyJsonObject, ownValue } from "./json.ts";
export { limits } from "./limits.ts";
export { checkEvent, customerIdProblem, parseEvent, readMetadata } from "./parse-event.ts";
export { parseReply } from "./reply.ts";
export { sha256 } from "./sha256.ts";

export type { BodyItem } from "./body.ts";
export type { ErrorCode } from "./errors.ts";
export type {
  CallError,
  ErrorType,
  InputDetails,
  Latency,
  LowerBound,
  OutputDetails,
  Quantities,
  RequestInfo,
  SdkInfo,
  Trace,
  Usage,
  UsageEvent,
  UsageSource,
} from "./event.ts";
export type { FieldProblem, JsonBounds, JsonObject, JsonValue } from "./json.ts";
export type { ParsedEvent } from "./parse-event.ts";
export type { ErrorReply, FlaggedField, IngestReply, RejectedEvent } from "./reply.ts";
