// Realtime connections, where openai has them: the SDK's own types, and cmdrdata's options beside them.
import OpenAI, { trackRealtime } from "cmdrdata-openai";
import { OpenAIRealtimeWebSocket } from "cmdrdata-openai/realtime/websocket";
import { OpenAIRealtimeWS } from "cmdrdata-openai/realtime/ws";
import type { OpenAIRealtimeWS as Beta } from "openai/beta/realtime/ws";
import type { OpenAIRealtimeWS as SdkRealtimeWS } from "openai/realtime/ws";

const client = new OpenAI({ apiKey: "sk-test" });
const model = "gpt-realtime";

export function open(): SdkRealtimeWS {
  const connection: OpenAIRealtimeWS = new OpenAIRealtimeWS({ model, customerId: "acme", options: {} }, client);
  connection.on("response.done", ({ response }) => response.usage?.total_tokens?.toFixed());
  connection.send({ type: "response.create" });
  return connection;
}

export const made: Promise<OpenAIRealtimeWS> = OpenAIRealtimeWS.create(client, { model, customMetadata: { a: 1 } });
export const native = (): OpenAIRealtimeWebSocket => new OpenAIRealtimeWebSocket({ model, tracker: {} }, client);
export const tracked: (connection: SdkRealtimeWS) => SdkRealtimeWS = (connection) =>
  trackRealtime(connection, { client, customerId: "acme" });
export const beta: (connection: Beta) => Beta = trackRealtime;

// @ts-expect-error a customer id is a text
export const wrong = (): unknown => new OpenAIRealtimeWS({ model, customerId: 5 }, client);
// @ts-expect-error a connection has events
export const none = (): unknown => trackRealtime({});
