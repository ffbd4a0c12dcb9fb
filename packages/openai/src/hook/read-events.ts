/** Reads the items of a stream out of its whole text, for a program that reads a streamed answer as a text. */

/**
 * @param text - server-sent events, as of `text/event-stream`
 * @returns what the SDK's own stream would have given; what is not JSON is left out
 */
export function readEvents(text: string): readonly unknown[] {
  const items: unknown[] = [];
  for (const block of text.split(/\r?\n\r?\n|\r\r/)) {
    const lines = block.split(/\r\n?|\n/);
    const data = fieldOf(lines, "data");
    const event = fieldOf(lines, "event");
    const item = data === "" || data === "[DONE]" ? undefined : parse(data);
    if (item !== undefined) items.push(event.startsWith("thread.") ? { event, data: item } : item);
  }
  return items;
}

function fieldOf(lines: readonly string[], name: string): string {
  const prefix = `${name}:`;
  const values = lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  return values.map((value) => (value.startsWith(" ") ? value.slice(1) : value)).join("\n");
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
