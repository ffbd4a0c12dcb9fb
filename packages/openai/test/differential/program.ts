/**
 * A program of the differential suite: what it does with a client, on which majors of openai it can run, and which
 * usage events it makes when the client is tracked.
 */
import type { UsageEvent } from "@cmdrdata/protocol";
import type { ClientOptions, OpenAI } from "openai";

import type { ScriptedOpenAI } from "../scripted-openai.ts";
import type { Line } from "./line.ts";
import type { Subjects } from "./subjects.ts";

/** The program's world. All that it sees and that a tracked client might change, it returns or notes. */
export interface Stage extends Omit<Subjects, "tracked"> {
  readonly client: OpenAI;
  /** Of the class under test. */
  readonly Client: typeof OpenAI;
  readonly AzureClient: Subjects["sdk"]["AzureOpenAI"];
  /** Options that lead to the scripted server, and to the tracker where the client is tracked. */
  readonly options: ClientOptions;
  readonly server: ScriptedOpenAI;
  /** The answer to the next request is a stream that the program feeds step by step. */
  readonly line: () => Line;
  /** Something that was seen, in its order. */
  readonly note: (what: unknown) => void;
}

export type UsageSource = UsageEvent["usage"]["source"];

export interface Program {
  readonly name: string;
  /** First major of openai that has what the program needs, and what that is: on the others the bare client fails. */
  readonly since?: { readonly major: 5 | 6 | 7; readonly needs: string };
  readonly options?: ClientOptions;
  /** The source of usage of each event, in order, when the stream's usage is asked for. */
  readonly events: readonly UsageSource[];
  /** The same on majors on which the program learns of the end in another way. */
  readonly eventsOn?: Readonly<Record<number, readonly UsageSource[]>>;
  /** The same for events that are made when the garbage collector takes what was never awaited or read. */
  readonly lost?: readonly UsageSource[];
  readonly run: (stage: Stage) => unknown;
}

/** What is recorded of a stream that did not come to its end. */
export const cutShort: UsageSource = "estimated";

/** The major of a version. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
