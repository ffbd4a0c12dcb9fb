/**
 * Reads the items of a stream out of its text, whole or as it passes: the JSON of each event's `data`, as the SDK's own
 * stream gives it. What is no JSON, `[DONE]` above all, is no item.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

import { parseJson } from "../parse-json.ts";

/** @param text - all server-sent events of an answer, as of `text/event-stream` */
export function readEvents(text: string): readonly unknown[] {
  const read = eventReader();
  return [...read(text), ...read(undefined)];
}

/** @returns a function that takes the next piece of the text, at the end `undefined`, and gives the items it completes */
export function eventReader(): (piece: string | undefined) => readonly unknown[] {
  let rest = "";
  let lines: string[] = [];
  return (piece) => {
    // A carriage return at the end may be the first half of a line's end, unless nothing more comes.
    const pieces = (rest + (piece ?? "")).split(piece === undefined ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/);
    // What the text ends in without the end of a line is none: its event is not complete.
    rest = pieces.pop() ?? "";
    const items: unknown[] = [];
    for (const line of pieces) {
      if (line !== "") {
        lines.push(line);
        continue;
      }
      const item = itemOf(lines);
      if (item !== undefined) items.push(item);
      lines = [];
    }
    return items;
  };
}

function itemOf(lines: readonly string[]): unknown {
  const item = parse(fieldOf(lines, "data"));
  const event = fieldOf(lines, "event");
  return item !== undefined && event.startsWith("thread.") ? { event, data: item } : item;
}

function fieldOf(lines: readonly string[], name: string): string {
  const prefix = `${name}:`;
  const values = lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  return values.map((value) => (value.startsWith(" ") ? value.slice(1) : value)).join("\n");
}

function parse(json: string): unknown {
  // Most of what is no JSON, told without an exception.
  return json === "" || json === "[DONE]" ? undefined : parseJson(json);
}
