/**
 * The one error class of cmdrdata and the one list of its codes.
 *
 * Promise: every error cmdrdata throws on purpose is a `CmdrdataError` with a code of this list; a code is never reused
 * and has a row in docs/errors.md (cause, what to do).
 */

const brand = Symbol.for("cmdrdata.error/1");

/** Every code a `CmdrdataError`, a rejected event or a flagged field may carry. */
export const errorCodes = [
  "CMDR_BATCH_TOO_MANY_EVENTS",
  "CMDR_BODY_NOT_JSON",
  "CMDR_BODY_SHAPE",
  "CMDR_BODY_TOO_LARGE",
  "CMDR_CITUS_MISSING",
  "CMDR_CLOCK_SKEWED",
  "CMDR_DATABASE_UNREACHABLE",
  "CMDR_DATABASE_UNSUITABLE",
  "CMDR_DATA_FOLDER_IN_USE",
  "CMDR_DATA_FOLDER_UNWRITABLE",
  "CMDR_DIMENSION_LIMIT",
  "CMDR_DIMENSION_NOT_READY",
  "CMDR_DISK_FULL",
  "CMDR_ENCODING_UNSUPPORTED",
  "CMDR_EVENT_EXPIRED",
  "CMDR_EVENT_FUTURE",
  "CMDR_EVENT_LATE",
  "CMDR_EVENT_NOT_OBJECT",
  "CMDR_EVENT_UNREADABLE",
  "CMDR_FIELD_CHARACTERS",
  "CMDR_FIELD_FORBIDDEN_KEY",
  "CMDR_FIELD_INCONSISTENT",
  "CMDR_FIELD_MISSING",
  "CMDR_FIELD_RANGE",
  "CMDR_FIELD_TOO_DEEP",
  "CMDR_FIELD_TOO_LARGE",
  "CMDR_FIELD_TOO_LONG",
  "CMDR_FIELD_TYPE",
  "CMDR_INTERNAL",
  "CMDR_KEY_INVALID",
  "CMDR_KEY_MISSING",
  "CMDR_LEDGER_UNREADABLE",
  "CMDR_NODE_TOO_OLD",
  "CMDR_NOT_FOUND",
  "CMDR_NOT_READY",
  "CMDR_OPTIONS_INVALID",
  "CMDR_OVERLOADED",
  "CMDR_PORT_TAKEN",
  "CMDR_QUERY_INVALID",
  "CMDR_QUERY_TOO_LONG",
  "CMDR_RATE_LIMITED",
  "CMDR_REPLY_UNREADABLE",
  "CMDR_REQUEST_UNREADABLE",
  "CMDR_SCHEMA_TOO_NEW",
  "CMDR_SCOPE_MISSING",
  "CMDR_SERVER_UNREACHABLE",
  "CMDR_TENANT_FORBIDDEN",
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

/** An error cmdrdata throws on purpose: misuse or an operational failure, never a provider's error. */
export class CmdrdataError extends Error {
  override readonly name: string = "CmdrdataError";
  readonly code: ErrorCode;
  /** Whether the same action may succeed later without any change. */
  readonly retryable: boolean;

  /**
   * @param code - one of {@link errorCodes}
   * @param message - what was expected and what came; never a secret
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a value is a CmdrdataError, also one from another copy (ESM, CommonJS) of this package. */
  static is(value: unknown): value is CmdrdataError {
    return typeof value === "object" && value !== null && brand in value;
  }
}
