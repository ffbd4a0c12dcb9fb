// An ESM program: one call that works, one that fails, and what arrived.
import assert from "node:assert/strict";

import DefaultClient, { APIError, OpenAI as NamedClient, TrackedOpenAI } from "cmdrdata-openai";
import { observeTracker } from "cmdrdata-openai/opentelemetry";
import { registerTracker } from "cmdrdata-openai/prometheus";
import { OpenAIRealtimeWebSocket } from "cmdrdata-openai/realtime/websocket";
import { OpenAIRealtimeWS } from "cmdrdata-openai/realtime/ws";
import OpenAI from "openai";
import { OpenAIRealtimeWebSocket as SdkRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWS as SdkRealtimeWS } from "openai/realtime/ws";
import { register } from "prom-client";

import { startServers } from "./scripted-servers.cjs";

const servers = await startServers();
const client = new TrackedOpenAI({
  apiKey: "sk-test",
  baseURL: `${servers.url}/v1`,
  trackerKey: `tk-${"a".repeat(30)}`,
  trackerEndpoint: `${servers.url}/api/events`,
});
assert.equal(DefaultClient, TrackedOpenAI);
assert.equal(NamedClient, TrackedOpenAI);
assert.ok(client instanceof OpenAI);
assert.equal(APIError, OpenAI.APIError);
assert.equal(Object.getPrototypeOf(OpenAIRealtimeWS), SdkRealtimeWS);
assert.equal(Object.getPrototypeOf(OpenAIRealtimeWebSocket), SdkRealtimeWebSocket);

const stopMetrics = [registerTracker(client.tracker), observeTracker(client.tracker)];

const messages = [{ role: "user", content: "hello" }];
const reply = await client.chat.completions.create({ model: "gpt-4o", messages, customer_id: "customer-123" });
assert.equal(reply.choices[0].message.content, "Hi");
await assert.rejects(client.chat.completions.create({ model: "refused", messages }), (error) => {
  assert.ok(error instanceof OpenAI.APIError);
  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.ok(error instanceof DefaultClient.APIError);
  return true;
});
await client.tracker.flush();
assert.match(await register.metrics(), /^cmdrdata_tracker_events_delivered_total 2$/m);
for (const stop of stopMetrics) stop();
assert.equal(client.tracker.health().collector.status, "ok");
assert.deepEqual(servers.bodies[0], { model: "gpt-4o", messages });
assert.equal(servers.events.length, 2);
const [fine, refused] = servers.events;
assert.deepEqual([fine.customer_id, fine.input_tokens, fine.output_tokens], ["customer-123", 9, 2]);
assert.deepEqual([refused.error.occurred, refused.error.type], [true, "authentication"]);
await servers.close();
