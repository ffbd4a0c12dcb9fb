// A CommonJS program: the module itself is the client, as with `openai`, and its classes are the CommonJS copies.
const assert = require("node:assert/strict");

const TrackedClient = require("cmdrdata-openai");
const { observeTracker } = require("cmdrdata-openai/opentelemetry");
const { registerTracker } = require("cmdrdata-openai/prometheus");
const { OpenAIRealtimeWebSocket } = require("cmdrdata-openai/realtime/websocket");
const { OpenAIRealtimeWS } = require("cmdrdata-openai/realtime/ws");
const OpenAI = require("openai");
const { register } = require("prom-client");
const { TrackedOpenAI, APIError } = TrackedClient;

const { startServers } = require("./scripted-servers.cjs");

async function main() {
  const servers = await startServers();
  const options = {
    apiKey: "sk-test",
    baseURL: `${servers.url}/v1`,
    trackerKey: `tk-${"a".repeat(30)}`,
    trackerEndpoint: `${servers.url}/api/events`,
  };
  assert.ok(new TrackedClient(options) instanceof OpenAI.OpenAI);
  assert.equal(TrackedClient.default, TrackedOpenAI);
  assert.equal(TrackedClient.OpenAI, TrackedOpenAI);
  assert.equal(APIError, OpenAI.APIError);
  assert.equal(Object.getPrototypeOf(OpenAIRealtimeWS), require("openai/realtime/ws").OpenAIRealtimeWS);
  const sdk = require("openai/realtime/websocket");
  assert.equal(Object.getPrototypeOf(OpenAIRealtimeWebSocket), sdk.OpenAIRealtimeWebSocket);
  const client = new TrackedOpenAI(options);
  const stopMetrics = [registerTracker(client.tracker), observeTracker(client.tracker)];
  const messages = [{ role: "user", content: "hello" }];
  const reply = await client.chat.completions.create({ model: "gpt-4o", messages, customer_id: "customer-123" });
  assert.equal(reply.choices[0].message.content, "Hi");
  await assert.rejects(
    client.chat.completions.create({ model: "refused", messages }),
    (error) => error instanceof OpenAI.APIError && error instanceof OpenAI.AuthenticationError,
  );

  // Both copies in one process share the tracker and the customer context.
  const esm = await import("cmdrdata-openai");
  assert.notEqual(esm.TrackedOpenAI, TrackedOpenAI);
  assert.equal(new esm.TrackedOpenAI(options).tracker, client.tracker);
  esm.customerContext("customer-456", () => assert.equal(TrackedClient.getCustomerContext(), "customer-456"));

  await client.tracker.flush();
  assert.match(await register.metrics(), /^cmdrdata_tracker_events_delivered_total 2$/m);
  for (const stop of stopMetrics) stop();
  assert.deepEqual(servers.bodies[0], { model: "gpt-4o", messages });
  assert.deepEqual(
    servers.events.map((event) => event.customer_id ?? null),
    ["customer-123", null],
  );
  await servers.close();
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
