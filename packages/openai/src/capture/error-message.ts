/**
 * What an event says about an error: words that cannot hold a prompt, a completion or a key (C7).
 *
 * Free text of the provider is taken only for the statuses whose messages are about the account, the key, the model's
 * name or a limit (401, 403, 404, 409, 429), without what looks like a key and without quotations that are more than a
 * name. All others may repeat what was sent or made (a rejected value, a body that is not JSON): of these only the
 * structured fields are taken, and only where they look like names. Texts the SDK itself wrote are taken.
 */
import { limits } from "@cmdrdata/protocol";
import { redactSecrets } from "@cmdrdata/tracker";
import { APIConnectionError, APIError, APIUserAbortError } from "openai";

/** Something like `invalid_value`, `messages[0].content` or `gpt-4o`: a name, not a sentence. */
const nameForm = /^[\w.$:/[\]-]{1,64}$/;
/** Also as OpenAI repeats them, with stars. */
const starredKeys = /\b(sk|tk|rk|pk|sess|ek)-[\w*.-]{4,}/g;
const quotations = [/"([^"]*)"/g, /'([^']*)'/g, /`([^`]*)`/g, /“([^”]*)”/g];
const accountStatuses: ReadonlySet<number> = new Set([401, 403, 404, 409, 429]);

export interface DescribedError {
  readonly code: string | null;
  readonly message: string;
}

/** @returns the provider's or the system's code where there is one, and a message of at most 500 characters */
export function describeError(error: unknown): DescribedError {
  const code = codeOf(error);
  return { code, message: redact(messageOf(error, code)).slice(0, limits.errorMessageLength) };
}

/** The value if it looks like a name, else `null`. */
export function nameOf(value: unknown): string | null {
  return typeof value === "string" && nameForm.test(value) && redactKeys(value) === value ? value : null;
}

/** Of the error, else of the nearest cause that has one. Causes may go round in a circle. */
function codeOf(error: unknown, causesLeft = 8): string | null {
  if (!(error instanceof Error) || causesLeft === 0) return null;
  return nameOf((error as { readonly code?: unknown }).code) ?? codeOf(error.cause, causesLeft - 1);
}

function messageOf(error: unknown, code: string | null): string {
  if (error instanceof APIUserAbortError || error instanceof APIConnectionError) return error.message;
  if (error instanceof APIError) return apiMessage(error, code);
  if (error instanceof SyntaxError) return "the answer is not valid JSON";
  const name = (error instanceof Error ? nameOf(error.constructor.name) : null) ?? typeof error;
  return code === null ? name : `${name} (${code})`;
}

function apiMessage(error: APIError, code: string | null): string {
  const status: number | undefined = error.status;
  // Without a text of its own, the SDK puts in the whole body.
  const { message: text } = (error.error ?? {}) as { readonly message?: unknown };
  if (status !== undefined && accountStatuses.has(status) && typeof text === "string") return error.message;
  const param = nameOf(error.param);
  const words = [status ?? "error", nameOf(error.type), code, param === null ? null : `(${param})`];
  return words.filter((word) => word !== null).join(" ");
}

function redact(text: string): string {
  let safe = redactKeys(text);
  for (const quotation of quotations) {
    safe = safe.replaceAll(quotation, (whole, inside: string) => {
      const mark = whole.charAt(0);
      return nameForm.test(inside) || inside === "…" ? whole : `${mark}…${mark === "“" ? "”" : mark}`;
    });
  }
  return safe;
}

function redactKeys(text: string): string {
  return redactSecrets(text.replaceAll(starredKeys, "[redacted]"));
}
