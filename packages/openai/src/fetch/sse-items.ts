/**
 * The items of a stream of server-sent events, from its bytes as they pass: the JSON of each event's `data`. What is no
 * JSON, `[DONE]` above all, is no item.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

/** @returns a function that takes the next bytes, and at the end none, and gives the items they complete */
export function sseItems(): (bytes: Uint8Array | undefined) => unknown[] {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  return (bytes) => {
    // A line that the stream ends in without a break is none: its event is not complete.
    rest += bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be the first half of a line's end, unless nothing more comes.
    const lines = rest.split(bytes === undefined ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    const items: unknown[] = [];
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      if (line !== "") continue;
      const item = parseItem(data.join("\n"));
      if (item !== undefined) items.push(item);
      data = [];
    }
    return items;
  };
}

function parseItem(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
