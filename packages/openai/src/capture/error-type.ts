/** Classifies an error of the SDK, or of what it runs on, for `error.type` of an event. */
import type { ErrorType } from "@cmdrdata/protocol";
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";

const byStatus: Readonly<Record<number, ErrorType>> = {
  400: "bad_request",
  401: "authentication",
  403: "permission",
  404: "not_found",
  409: "conflict",
  422: "unprocessable",
  429: "rate_limit",
};

/** @returns the class; an error of a kind that nobody knows is `unknown` */
export function errorTypeOf(error: unknown): ErrorType {
  if (error instanceof APIUserAbortError || isAbort(error)) return "aborted";
  if (error instanceof APIConnectionTimeoutError || isTimeout(error)) return "timeout";
  if (error instanceof APIConnectionError) return "connection";
  if (error instanceof APIError) return httpErrorType(error);
  if (error instanceof SyntaxError) return "response_unreadable";
  // How fetch reports a connection that is lost while the body is read.
  if (error instanceof TypeError && error.cause !== undefined) return "connection";
  return nodeFetchType(error) ?? "unknown";
}

/** How node-fetch, the `fetch` of openai 4, reports both of these: by an error of its own, told by its name. */
function nodeFetchType(error: unknown): ErrorType | undefined {
  if (!(error instanceof Error) || error.name !== "FetchError") return undefined;
  return (error as { readonly type?: unknown }).type === "invalid-json" ? "response_unreadable" : "connection";
}

function httpErrorType(error: APIError): ErrorType {
  if (error.status === undefined) return "unknown";
  if (error.code === "insufficient_quota") return "insufficient_quota";
  return byStatus[error.status] ?? (error.status >= 500 ? "server_error" : "http_error");
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** Of `AbortSignal.timeout()`. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
