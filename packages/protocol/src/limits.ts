/** The bounds of the wire protocol, enforced by both ends (docs/wire-protocol.md repeats them; a test compares). */
export const limits = {
  /** Events in one request. */
  batchEvents: 1_000,
  /** Bytes of one request body, decoded: 5 MiB. */
  bodyBytes: 5_242_880,
  /** UTF-16 units of an id, customer id, model name or any other single-line text. */
  textLength: 256,
  /** UTF-16 units of `error.message`; longer ones are cut. */
  errorMessageLength: 500,
  /** Keys in `metadata`, on all levels together; the same bound holds for the unknown fields that are kept. */
  metadataKeys: 50,
  /** Levels of objects and arrays in `metadata`, itself the first. */
  metadataDepth: 3,
  /** Bytes of `metadata` as JSON in UTF-8, 8 KiB; the same bound holds for the unknown fields that are kept. */
  metadataBytes: 8_192,
  /** Keys, levels and bytes of `usage.raw`, the provider's own usage object. */
  rawUsageKeys: 100,
  rawUsageDepth: 5,
  rawUsageBytes: 8_192,
  /** The largest count of tokens one event may report. */
  tokens: 1_000_000_000_000,
  /** The largest duration or quantity one event may report. */
  quantity: 1_000_000_000_000,
} as const;
