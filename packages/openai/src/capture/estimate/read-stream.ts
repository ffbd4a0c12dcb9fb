/** Takes the text out of the items of a stream, by the shape they have: for estimates, should no usage come. */
import { objectOf, objectsOf, type RawObject, textOf } from "../../answer.ts";
import type { ReceivedText } from "./received-text.ts";

/** The text of a chat's first choice. */
export const mainText = "content";

export type ReadStream = (item: RawObject, received: ReceivedText) => void;

export const readChatStream: ReadStream = (chunk, received) => {
  const choices: unknown = chunk["choices"];
  if (!Array.isArray(choices)) return;
  for (const given of choices as readonly unknown[]) {
    const choice = objectOf(given);
    const delta = objectOf(choice?.["delta"]);
    if (choice === undefined || delta === undefined) continue;
    const { content, tool_calls: calls } = delta;
    const index = numberOf(choice["index"]);
    if (typeof content === "string") received.add(index === 0 ? mainText : `${index}/content`, content);
    else readRareParts(delta, index, received);
    if (calls !== undefined) readToolCalls(calls, index, received);
  }
};

/** Beside a content there is nothing else but tool calls. */
function readRareParts(delta: RawObject, index: number, received: ReceivedText): void {
  for (const name of ["refusal", "reasoning_content", "reasoning"]) received.add(`${index}/${name}`, delta[name]);
  readCalled(delta["function_call"], `${index}/function`, received);
  const audio = objectOf(delta["audio"]);
  if (audio === undefined) return;
  received.add(`${index}/transcript`, audio["transcript"]);
  received.unseen ??= "output";
}

function readToolCalls(calls: unknown, index: number, received: ReceivedText): void {
  for (const call of objectsOf(calls)) {
    const key = `${index}/tool/${numberOf(call["index"])}`;
    readCalled(call["function"] ?? call["custom"], key, received);
  }
}

function readCalled(called: unknown, key: string, received: ReceivedText): void {
  const call = objectOf(called);
  if (call === undefined) return;
  received.add(`${key}/name`, call["name"]);
  received.add(key, call["arguments"] ?? call["input"]);
}

export const readCompletionStream: ReadStream = (chunk, received) => {
  for (const choice of objectsOf(chunk["choices"])) received.add(`${numberOf(choice["index"])}`, choice["text"]);
};

/** Of a choice, a call, a part: whatever is no number, which a server may well send, cannot tell them apart. */
function numberOf(index: unknown): number {
  return typeof index === "number" ? index : 0;
}

/** Output items that OpenAI itself acts on: what comes of it is read by the model as input of its next step. */
const hostedItem =
  /^(web_search|file_search|code_interpreter|image_generation|computer|mcp|local_shell|shell|tool_search)(_|$)/;

export const readResponseStream: ReadStream = (event, received) => {
  const type = textOf(event["type"]) ?? "";
  if (type.endsWith(".delta")) {
    if (type === "response.audio.delta") received.unseen ??= "output";
    else received.add(keyOf(type, event), event["delta"]);
  } else if (type === "response.output_item.added") readItem(event, received);
};

function keyOf(type: string, event: RawObject): string {
  const { item_id: item, content_index: content, summary_index: summary } = event;
  return `${typeof item === "string" ? item : ""}/${numberOf(content ?? summary)}${type}`;
}

function readItem(event: RawObject, received: ReceivedText): void {
  const item = objectOf(event["item"]);
  const type = textOf(item?.["type"]) ?? "";
  if (hostedItem.test(type)) received.unseen = "both";
  else received.add(`${textOf(item?.["id"]) ?? ""}/name`, item?.["name"]);
}
