/**
 * Asks for the usage of a chat stream: `stream_options.include_usage`, written into the body that goes out, since the
 * program's own body object must stay as it is and the SDK may have bound parsers to it.
 */
import { objectOf } from "../answer.ts";

/**
 * @param json - the serialized body
 * @param body - the body it was made from
 * @returns the body to send; `undefined` where nothing is to be added: not a stream, or the program decided itself
 */
export function addIncludeUsage(json: unknown, body: unknown): string | undefined {
  const source = objectOf(body);
  if (typeof json !== "string" || !json.startsWith("{") || source?.["stream"] !== true || "toJSON" in source) {
    return undefined;
  }
  const options = source["stream_options"];
  if (options === undefined) return `{"stream_options":{"include_usage":true},${json.slice(1)}`;
  const given = options === null ? {} : objectOf(options);
  if (given === undefined || given["include_usage"] !== undefined) return undefined;
  return JSON.stringify({ ...source, stream_options: { ...given, include_usage: true } });
}
