/** A sample of an endpoint, and what samples are made of. */
import type BareOpenAI from "openai";

import type { ScriptedOpenAI } from "./scripted-openai.ts";

export type Reply = ScriptedOpenAI["next"][number];

export interface Sample {
  /** Path in the coverage table, and what is special about the call. */
  readonly path: string;
  readonly name: string;
  /** `extra` is spread into the body. */
  readonly call: (client: BareOpenAI, extra: object) => PromiseLike<unknown>;
  readonly reply: Reply;
  /** What the event has at least. */
  readonly expected: object;
  /** What the events of what it shows have at least: the end of a job, the work of other models. */
  readonly results?: readonly object[];
}

export const json = (body: unknown): Reply => ({ kind: "json", body });
export const stream = (steps: readonly object[]): Reply => ({ kind: "stream", steps });
export const file = (name: string, type: string): File => new File(["0123456789"], name, { type });
export const prompt = "A canary in a mine";

export const nothing = {
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  usage: { source: "none", input: {}, output: {}, quantities: {}, raw: null },
};
export const only = (quantities: object, format: object = {}): object => ({
  ...nothing,
  usage: { ...nothing.usage, source: "reported", quantities, ...format },
});
