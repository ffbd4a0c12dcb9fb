/**
 * What of a request is counted as its prompt, by OpenAI's published rule: each message is 3 tokens, its role, its content
 * and its name (1 more), and the answer is opened with 3 (docs/estimates.md has the sources and what goes beyond).
 *
 * Texts are gathered here and counted elsewhere: they are long.
 */
import { objectOf, objectsOf, type RawObject, textOf } from "../../answer.ts";
import { describeFunctions } from "./describe-tools.ts";

export interface Prompt {
  /** Each counted by itself. */
  readonly texts: string[];
  /** Tokens beside the texts. */
  tokens: number;
  /** What the request has that nobody can count from outside: images, files, a stored conversation, hosted tools. */
  unknown: { input: boolean; output: boolean };
}

export type ReadPrompt = (body: RawObject, hidesReasoning: boolean) => Prompt;

const perMessage = 3;
const perName = 1;
const perCall = 3;
const forFunctions = 9;
/** Functions stand in the system message, if there is one. */
const sharedWithSystem = 4;

export const readChatPrompt: ReadPrompt = (body, hidesReasoning) => {
  const prompt = startPrompt(hidesReasoning);
  const functions = [...objectsOf(body["functions"]), ...chatTools(body["tools"], prompt)];
  let system = false;
  for (const message of objectsOf(body["messages"])) {
    const isFirstSystem = message["role"] === "system" && !system;
    if (isFirstSystem) system = true;
    addMessage(message, prompt, isFirstSystem && functions.length > 0);
  }
  addFunctions(functions, system, prompt);
  addChoice(body["function_call"] ?? body["tool_choice"], prompt);
  addSchema(objectOf(body["response_format"])?.["json_schema"], prompt);
  if (body["web_search_options"] !== undefined) prompt.unknown = { input: true, output: true };
  if (Array.isArray(body["modalities"]) && body["modalities"].includes("audio")) prompt.unknown.output = true;
  return prompt;
};

export const readCompletionPrompt: ReadPrompt = (body) => {
  const prompt: Prompt = { texts: [], tokens: 0, unknown: { input: false, output: false } };
  const { prompt: given, suffix, best_of: best, n } = body;
  addRawPrompt(given, prompt);
  addText(suffix, prompt);
  // Made, billed, and never sent.
  if (typeof best === "number" && best > (typeof n === "number" ? n : 1)) prompt.unknown.output = true;
  return prompt;
};

export const readResponsesPrompt: ReadPrompt = (body, hidesReasoning) => {
  const prompt = startPrompt(hidesReasoning);
  const { instructions, input, tools } = body;
  const functions = objectsOf(tools).filter(({ type }) => type === "function");
  const hosted = objectsOf(tools).some(({ type }) => type !== "function" && type !== "custom");
  if (hosted) prompt.unknown = { input: true, output: true };
  const stored = ["previous_response_id", "conversation", "prompt"].some((name) => (body[name] ?? null) !== null);
  if (stored) prompt.unknown.input = true;
  if (typeof instructions === "string") addMessage({ role: "system", content: instructions }, prompt);
  else for (const item of objectsOf(instructions)) addItem(item, prompt);
  if (typeof input === "string") addMessage({ role: "user", content: input }, prompt);
  else for (const item of objectsOf(input)) addItem(item, prompt);
  addFunctions([...functions, ...objectsOf(tools).filter(({ type }) => type === "custom")], false, prompt);
  addSchema(objectOf(objectOf(body["text"])?.["format"])?.["schema"], prompt);
  return prompt;
};

/** A model that thinks first opens its answer itself: nothing but `<|start|>assistant` stands there. */
function startPrompt(hidesReasoning: boolean): Prompt {
  return { texts: [], tokens: hidesReasoning ? 2 : 3, unknown: { input: false, output: false } };
}

function addMessage(message: RawObject, prompt: Prompt, isFollowed = false): void {
  const { role, name, content } = message;
  prompt.tokens += perMessage;
  addText(role, prompt);
  addContent(content, prompt, isFollowed);
  if (textOf(name) !== null) {
    prompt.tokens += perName;
    addText(name, prompt);
  }
  // The result of a function goes by the function's name, without a role of its own.
  if (role === "function") prompt.tokens -= 2;
  const calls = objectsOf(message["tool_calls"]).map((call) => objectOf(call["function"] ?? call["custom"]) ?? {});
  for (const call of [...calls, ...objectsOf([message["function_call"]])]) addCall(call, prompt);
  if (objectOf(message["audio"]) !== undefined) prompt.unknown.input = true;
}

/** @param isFollowed - functions stand behind it, on a line of their own */
function addContent(content: unknown, prompt: Prompt, isFollowed: boolean): void {
  if (typeof content === "string") {
    addText(isFollowed && content !== "" && !content.endsWith("\n") ? `${content}\n` : content, prompt);
  }
  for (const part of objectsOf(content)) {
    const text = textOf(part["text"]) ?? textOf(part["refusal"]);
    if (text === null) prompt.unknown.input = true;
    else addText(text, prompt);
  }
}

function addCall(call: RawObject, prompt: Prompt): void {
  prompt.tokens += perCall;
  addText(call["name"], prompt);
  addText(call["arguments"] ?? call["input"], prompt);
}

/** An item of the Responses API: a message, a call that the model made, its result, or something else. */
function addItem(item: RawObject, prompt: Prompt): void {
  const { type = "message", output } = item;
  if (type === "message") addMessage(item, prompt);
  else if (type === "function_call" || type === "custom_tool_call") {
    prompt.tokens += perMessage;
    addCall(item, prompt);
  } else if (type === "function_call_output" || type === "custom_tool_call_output") {
    addMessage({ role: "tool", content: output }, prompt);
  } else prompt.unknown.input = true;
}

function chatTools(tools: unknown, prompt: Prompt): readonly RawObject[] {
  const all = objectsOf(tools);
  const declared = objectsOf(all.map((tool) => tool["function"] ?? tool["custom"]));
  if (declared.length < all.length) prompt.unknown = { input: true, output: true };
  return declared;
}

function addFunctions(functions: readonly RawObject[], system: boolean, prompt: Prompt): void {
  if (functions.length === 0) return;
  prompt.tokens += forFunctions - (system ? sharedWithSystem : 0);
  prompt.texts.push(describeFunctions(functions));
}

/** `none`, or a certain function, is told to the model; `auto` and `required` are not. */
function addChoice(choice: unknown, prompt: Prompt): void {
  if (choice === "none") prompt.tokens += 1;
  const chosen = objectOf(choice);
  const name = textOf(chosen?.["name"]) ?? textOf(objectOf(chosen?.["function"])?.["name"]);
  if (name === null) return;
  prompt.tokens += 4;
  prompt.texts.push(name);
}

/** What an answer must look like stands in the prompt; how exactly is not published. */
function addSchema(schema: unknown, prompt: Prompt): void {
  if (objectOf(schema) !== undefined) prompt.texts.push(JSON.stringify(schema));
}

/** A text, tokens, or several of either. */
function addRawPrompt(given: unknown, prompt: Prompt): void {
  if (!Array.isArray(given)) return addText(given, prompt);
  for (const part of given as readonly unknown[]) {
    if (typeof part === "number") prompt.tokens += 1;
    else addRawPrompt(part, prompt);
  }
}

function addText(text: unknown, prompt: Prompt): void {
  if (typeof text === "string" && text !== "") prompt.texts.push(text);
}
