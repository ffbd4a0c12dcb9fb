/** Whether an answer is a stream of server-sent events, as its headers say. */
export function isEventStream(headers: Headers): boolean {
  return headers.get("content-type")?.includes("text/event-stream") === true;
}
