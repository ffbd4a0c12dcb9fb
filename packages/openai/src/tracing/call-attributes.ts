/**
 * A call in the words of OpenTelemetry's semantic conventions for GenAI clients (those of OpenAI, read 2026-11-25:
 * docs/tracing.md has the sources). Numbers and names only: no text of a prompt or an answer (C7).
 */
import type { UsageEvent } from "@cmdrdata/protocol";

import { objectOf, type RawObject, textOf } from "../answer.ts";
import type { HostKind } from "../hosts.ts";
import type { Attributes } from "./open-telemetry.ts";

/** What is known of a call when it begins. */
export interface BeginningCall {
  readonly operation: string;
  readonly model: string | null;
  readonly streaming: boolean;
  readonly body: unknown;
  readonly baseUrl: string;
  readonly host: HostKind;
}

/** The conventions' names for our operations; the others keep their own, as they may. */
const operationNames: Readonly<Record<string, string>> = {
  "chat.completions": "chat",
  responses: "chat",
  completions: "text_completion",
  embeddings: "embeddings",
};
const apiTypes: Readonly<Record<string, string>> = {
  "chat.completions": "chat_completions",
  responses: "responses",
  "responses.compact": "responses",
};

export function operationNameOf(operation: string): string {
  return Object.hasOwn(operationNames, operation) ? (operationNames[operation] as string) : operation;
}

/** For the metrics too: few values each. */
export function commonAttributes({ operation, model, baseUrl, host }: BeginningCall): Attributes {
  const attributes: Attributes = {
    "gen_ai.operation.name": operationNameOf(operation),
    "gen_ai.provider.name": host === "azure" ? "azure.ai.openai" : "openai",
  };
  if (model !== null) attributes["gen_ai.request.model"] = model;
  const server = readServer(baseUrl);
  if (server === undefined) return attributes;
  attributes["server.address"] = server.address;
  attributes["server.port"] = server.port;
  return attributes;
}

/** Settings of the request that are numbers, under the conventions' names. */
const numbers: Readonly<Record<string, string>> = {
  temperature: "gen_ai.request.temperature",
  top_p: "gen_ai.request.top_p",
  max_tokens: "gen_ai.request.max_tokens",
  max_completion_tokens: "gen_ai.request.max_tokens",
  max_output_tokens: "gen_ai.request.max_tokens",
  seed: "gen_ai.request.seed",
  frequency_penalty: "gen_ai.request.frequency_penalty",
  presence_penalty: "gen_ai.request.presence_penalty",
  dimensions: "gen_ai.embeddings.dimension.count",
};

export function requestAttributes(call: BeginningCall): Attributes {
  const attributes: Attributes = {};
  const body = objectOf(call.body) ?? {};
  if (Object.hasOwn(apiTypes, call.operation)) attributes["openai.api.type"] = apiTypes[call.operation] as string;
  if (call.streaming) attributes["gen_ai.request.stream"] = true;
  for (const name in numbers) addNumber(attributes, numbers[name] as string, body[name]);
  if (body["n"] !== 1) addNumber(attributes, "gen_ai.request.choice.count", body["n"]);
  const tier = textOf(body["service_tier"]);
  if (tier !== null && tier !== "auto") attributes["openai.request.service_tier"] = tier;
  const conversation = textOf(body["conversation"]) ?? textOf(objectOf(body["conversation"])?.["id"]);
  if (conversation !== null) attributes["gen_ai.conversation.id"] = conversation;
  const format = outputType(body);
  if (format !== undefined) attributes["gen_ai.output.type"] = format;
  return attributes;
}

/** @param firstChunkMs - from the start of the call to the first item of its stream */
export function responseAttributes(event: UsageEvent, firstChunkMs: number | null): Attributes {
  const { request, usage } = event;
  const attributes: Attributes = {};
  addText(attributes, "gen_ai.response.id", request.response_id);
  addText(attributes, "gen_ai.response.model", event.model);
  addText(attributes, "openai.response.service_tier", event.service_tier);
  addText(attributes, "error.type", errorTypeOf(event));
  if (request.finish_reason !== null) attributes["gen_ai.response.finish_reasons"] = [request.finish_reason];
  if (firstChunkMs !== null) attributes["gen_ai.response.time_to_first_chunk"] = firstChunkMs / 1_000;
  addNumber(attributes, "gen_ai.usage.input_tokens", event.input_tokens);
  addNumber(attributes, "gen_ai.usage.output_tokens", event.output_tokens);
  addNumber(attributes, "gen_ai.usage.cache_read.input_tokens", usage.input.cached);
  addNumber(attributes, "gen_ai.usage.cache_creation.input_tokens", usage.input.cache_write);
  addNumber(attributes, "gen_ai.usage.reasoning.output_tokens", usage.output.reasoning);
  return attributes;
}

export function errorTypeOf({ error }: UsageEvent): string | null {
  return error.occurred ? (error.type ?? "_OTHER") : null;
}

function outputType(body: RawObject): string | undefined {
  const format = objectOf(body["response_format"]) ?? objectOf(objectOf(body["text"])?.["format"]);
  const type = textOf(format?.["type"]);
  if (type === "text") return type;
  return type === "json_object" || type === "json_schema" ? "json" : undefined;
}

let lastServer: { readonly baseUrl: string; readonly address: string; readonly port: number } | undefined;

/** Remembers the last one, since a client has mostly one. */
function readServer(baseUrl: string): { readonly address: string; readonly port: number } | undefined {
  if (lastServer?.baseUrl === baseUrl) return lastServer;
  if (!URL.canParse(baseUrl)) return undefined;
  const { hostname, port, protocol } = new URL(baseUrl);
  const usual = protocol === "http:" ? 80 : 443;
  lastServer = { baseUrl, address: hostname, port: port === "" ? usual : Number(port) };
  return lastServer;
}

function addNumber(attributes: Attributes, name: string, value: unknown): void {
  if (typeof value === "number" && Number.isFinite(value)) attributes[name] = value;
}

function addText(attributes: Attributes, name: string, value: string | null): void {
  if (value !== null) attributes[name] = value;
}
