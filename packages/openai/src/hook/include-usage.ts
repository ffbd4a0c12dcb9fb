/**
 * Asks for the usage of a chat stream: `stream_options.include_usage`, written into the body that goes out, since the
 * program's own body object must stay as it is and the SDK may have bound parsers to it.
 */
import { objectOf, type RawObject } from "../answer.ts";
import { stringifyLike } from "../replace-body.ts";

/**
 * @param json - the serialized body
 * @param body - the body it was made from
 * @returns the body to send; `undefined` where nothing is to be added: not a stream, or the program decided itself
 */
export function addIncludeUsage(json: unknown, body: unknown): string | undefined {
  const source = objectOf(body);
  // What a class or `toJSON` adds to a body, or leaves out of it, is not looked into.
  if (typeof json !== "string" || !json.startsWith("{") || source === undefined || "toJSON" in source) return undefined;
  if (!Object.hasOwn(source, "stream") || source["stream"] !== true) return undefined;
  if (source["stream_options"] === undefined) return `{"stream_options":{"include_usage":true},${json.slice(1)}`;
  // As it goes out: the options may have a `toJSON` too.
  const sent = JSON.parse(json) as RawObject;
  const options = sent["stream_options"] ?? {};
  const given = objectOf(options);
  if (given === undefined || given["include_usage"] !== undefined) return undefined;
  return stringifyLike(json, { ...sent, stream_options: { ...given, include_usage: true } });
}
