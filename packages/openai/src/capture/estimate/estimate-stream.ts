/**
 * Estimates what a stream used of which no usage came: its prompt from the request that was sent, its output from the text
 * that was received. While the stream runs, references are kept and nothing else happens; the work is done afterwards, in
 * slices (see slice-text.ts). The texts stay here: an estimate is numbers (C7).
 */
import type { LowerBound, UsageEvent } from "@cmdrdata/protocol";

import { objectOf, type RawObject } from "../../answer.ts";
import { countByRule } from "./count-by-rule.ts";
import { encodingOf, hidesReasoning } from "./model-traits.ts";
import {
  type Prompt,
  readChatPrompt,
  readCompletionPrompt,
  type ReadPrompt,
  readResponsesPrompt,
} from "./read-prompt.ts";
import { mainText, readChatStream, readCompletionStream, readResponseStream, type ReadStream } from "./read-stream.ts";
import { ReceivedText } from "./received-text.ts";
import { sliceLength, sliceText } from "./slice-text.ts";
import type { LoadTokenizer, Tokenizer } from "./tokenizer.ts";

export interface EstimateDeps {
  readonly loadTokenizer: LoadTokenizer;
  /** Lets the program go on. */
  readonly nextTurn: () => Promise<void>;
}

/** Counts that are not known are `null`: an output of which nothing came is not 0. */
interface Estimate {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly estimatedBy: string;
  readonly lowerBound: LowerBound | undefined;
}

interface Shape {
  readonly readStream: ReadStream;
  readonly readPrompt: ReadPrompt;
}

const shapes: Readonly<Record<string, Shape>> = {
  "chat.completions": { readStream: readChatStream, readPrompt: readChatPrompt },
  completions: { readStream: readCompletionStream, readPrompt: readCompletionPrompt },
  responses: { readStream: readResponseStream, readPrompt: readResponsesPrompt },
};

/** A request that is larger is not read again: it would take too long at a stretch, and is mostly images. */
const longestRequest = 8_388_608;

/** @returns `null` for operations whose streams are not estimated */
export function recordStream(operation: string): StreamingText | null {
  return Object.hasOwn(shapes, operation) ? new StreamingText(shapes[operation] as Shape) : null;
}

/** The event of a call, with an estimate in place of the counts that nobody reported. */
export async function estimateEvent(event: UsageEvent, text: StreamingText, deps: EstimateDeps): Promise<UsageEvent> {
  const model = event.model ?? event.requested_model;
  const { inputTokens, outputTokens, estimatedBy, lowerBound } = await text.estimate(model, deps);
  if (inputTokens === null && outputTokens === null) return event;
  return {
    ...event,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: inputTokens === null || outputTokens === null ? null : inputTokens + outputTokens,
    usage: {
      ...event.usage,
      source: "estimated",
      estimated_by: estimatedBy,
      ...(lowerBound === undefined ? {} : { lower_bound: lowerBound }),
    },
  };
}

/** One stream's request and text, kept by reference. */
export class StreamingText {
  /** The body as it was sent. */
  request: unknown = null;
  readonly #shape: Shape;
  readonly #received = new ReceivedText();

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  add(item: RawObject): void {
    this.#shape.readStream(item, this.#received);
  }

  /** A piece of the text that the answer mainly is. */
  addText(piece: string): void {
    this.#received.add(mainText, piece);
  }

  get isEmpty(): boolean {
    return this.#received.characters === 0;
  }

  get heldBytes(): number {
    return 2 * (this.#received.characters + (typeof this.request === "string" ? this.request.length : 0));
  }

  /** @param model - as the answer names it, else as the request does */
  async estimate(model: string | null, { loadTokenizer, nextTurn }: EstimateDeps): Promise<Estimate> {
    const received = this.#received;
    const hidden = hidesReasoning(model);
    const encoding = encodingOf(model);
    const tokenizer = await loadTokenizer(encoding);
    const count = counter(tokenizer, nextTurn);
    const prompt = this.#readPrompt(hidden);
    const input = prompt === undefined ? null : prompt.tokens + (await count(prompt.texts));
    const output = this.isEmpty ? null : (await count(received.texts())) + received.tokensBeyond;
    const counted = tokenizer === undefined ? "characters" : encoding;
    return {
      inputTokens: input,
      outputTokens: output,
      estimatedBy: received.tokensBeyond > 0 && tokenizer !== undefined ? `${counted}, characters` : counted,
      lowerBound: lowerBoundOf(prompt?.unknown, received.unseen, hidden),
    };
  }

  #readPrompt(hidden: boolean): Prompt | undefined {
    const { request } = this;
    if (typeof request !== "string" || request.length > longestRequest) return undefined;
    const body = objectOf(JSON.parse(request));
    return body === undefined ? undefined : this.#shape.readPrompt(body, hidden);
  }
}

function lowerBoundOf(
  unknown: Prompt["unknown"] | undefined,
  unseen: ReceivedText["unseen"],
  hidden: boolean,
): LowerBound | undefined {
  const input = unknown?.input === true || unseen === "both";
  const output = unknown?.output === true || unseen !== null || hidden;
  if (input && output) return "both";
  if (input) return "input";
  return output ? "output" : undefined;
}

function counter(tokenizer: Tokenizer | undefined, nextTurn: () => Promise<void>) {
  let done = 0;
  return async (texts: readonly string[]): Promise<number> => {
    let tokens = 0;
    for (const text of texts) {
      for (const slice of sliceText(text)) {
        tokens += tokenizer === undefined ? countByRule(slice) : tokenizer.count(slice);
        done += slice.length;
        if (done < sliceLength) continue;
        done = 0;
        await nextTurn();
      }
    }
    return Math.ceil(tokens);
  };
}
