/**
 * What is known of a call's answer, collected from the whole of it or item by item, and what reads it: one reader per
 * shape of answer, one endpoint per path.
 */
import { emptyEvent, type InputDetails, type Quantities, type Usage } from "@cmdrdata/protocol";

/** A JSON object from the provider, not checked yet. */
export type RawObject = Readonly<Record<string, unknown>>;

export interface Answer {
  model: string | null;
  responseId: string | null;
  serviceTier: string | null;
  finishReason: string | null;
  /** The provider's own usage object. */
  usage: RawObject | null;
  /** What is billed by something else than tokens, as far as it is told beside the usage object. */
  quantities: Quantities;
  /** Of images or a video; `null` of anything else. */
  format: Format | null;
  /** The provider answered, and says in the answer that it failed. */
  failure: { readonly code: unknown } | null;
  /** The output is a job's, whose result tells what it used ({@link Job}): nothing may be estimated from it here. */
  usedElsewhere: boolean;
  /** Jobs as the answer shows them, not followed yet. */
  jobs: readonly Job[] | null;
}

/** What decides the price of images and videos beside their number and length. */
export type Format = Pick<Usage, "size" | "quality">;

/** What a request alone tells of what is billed. */
export interface Asked {
  readonly quantities: Quantities;
  /** Of what is made, unless it is told in tokens. */
  readonly format?: Format | null;
  /** The model that OpenAI takes where the request names none. */
  readonly defaultModel?: string | null;
}

/**
 * Something that runs on after the call that made it, as an answer shows it: of that call, or of one that asks for it.
 * Nothing in it may depend on who asks, or when: all who see its end must come to the same result.
 */
export interface Job {
  /** Of the call that made it. */
  readonly operation: string;
  /** `null`: it ended with its call, and nobody will see it again. */
  readonly id: string | null;
  /** The ids, the nearest first, under which it is kept whom it was made for. */
  readonly attributedBy: readonly string[];
  readonly createdAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly status: string | null;
  readonly failure: { readonly code: unknown } | null;
  /** One for each model at work; none before the end, or where the end tells nothing. */
  readonly results: readonly JobResult[];
}

export interface JobResult {
  readonly operation: string;
  /** Tells it from the other results of its job. */
  readonly part: string;
  readonly model: string | null;
  readonly serviceTier: string | null;
  readonly usage: RawObject | null;
  readonly quantities: Quantities;
  /** Parts of the input that stand outside the usage object's own details. */
  readonly input: InputDetails;
}

export interface AnswerReader {
  /** Reads a whole answer. */
  whole(data: RawObject, answer: Answer): void;
  /** Reads one item of a streamed answer. @returns whether it brings output of the model */
  item(item: RawObject, answer: Answer): boolean;
  /**
   * A short way for the items that a stream has most of. @returns the text of one that brings text, under the key
   * `"content"`, and nothing else that is not known; `undefined` of any other
   */
  readonly onlyText?: (item: RawObject, answer: Answer) => string | undefined;
}

export interface Endpoint {
  readonly operation: string;
  readonly reader: AnswerReader;
  /** Every call is recorded, however it ends; else only those whose answer has usage. */
  readonly always: boolean;
  /** A stream tells its usage only when asked to with `stream_options.include_usage`. */
  readonly usageOnRequest: boolean;
  /** What the request alone tells of what is billed. It counts once the provider accepts the request; the answer wins. */
  readonly asked: ((body: unknown) => Asked) | null;
  /** Recorded when the response arrives: its body is the program's, and tells nothing more. */
  readonly doneAtHeaders: boolean;
  /** Its answers show jobs: one that the call `made`, or those it asks for, which are only `shown`. */
  readonly jobs: "made" | "shown" | null;
  /** What events of this endpoint can say; docs/coverage.md is written from it. */
  readonly coverage: Coverage;
}

export interface Coverage {
  readonly reports: readonly ("tokens" | keyof Quantities)[];
  /** Its answer can be streamed, and is read as it streams. */
  readonly streamed: boolean;
  readonly note: string;
}

export function emptyAnswer(): Answer {
  return {
    model: null,
    responseId: null,
    serviceTier: null,
    finishReason: null,
    usage: null,
    quantities: emptyEvent.usage.quantities,
    format: null,
    failure: null,
    usedElsewhere: false,
    jobs: null,
  };
}

/** The value if it is an object (not an array), else `undefined`. */
export function objectOf(value: unknown): RawObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as RawObject) : undefined;
}

/** The objects of a list; of anything else none. */
export function objectsOf(value: unknown): readonly RawObject[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(objectOf).filter((entry) => entry !== undefined);
}

/** The value if it is a text that says something, else `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
