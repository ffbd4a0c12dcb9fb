/** A program with a tracker that comes to its end in one of several ways, always meaning to exit with code 7. */
const built = new URL("../../dist/esm/index.js", import.meta.url);
const { createTracker, resolveTrackerOptions } = await import(built.href);

const [, , ending, endpoint] = process.argv;

const event = {
  id: "event-1",
  customer_id: "customer-123",
  attribution_error: null,
  provider: "openai",
  usage: { source: "none", input: {}, output: {}, quantities: {}, raw: null },
  latency: {},
  error: { occurred: false, type: null, code: null, message: null },
  request: {},
  trace: {},
  metadata: {},
  sdk: {},
  extra: {},
};

const start = (overrides = {}) =>
  createTracker(
    resolveTrackerOptions(
      { apiKey: "tk-0123456789abcdefghij", endpoint, timeoutMs: 300_000, flushTimeoutMs: 600_000, ...overrides },
      {},
    ),
  );

const endings = {
  idle: async () => {
    start();
  },
  delivered: async () => {
    const tracker = start();
    tracker.capture(event);
    await tracker.flush();
  },
  queued: async () => {
    start({ flushAfterMs: 60_000 }).capture(event);
  },
  connecting: async () => {
    const tracker = start({ batchEvents: 1, exitFlushMs: 300 });
    tracker.capture(event);
    while (tracker.metrics().requests === 0) await new Promise((resolve) => setImmediate(resolve));
  },
  // Without a disk there is nothing to be done but to wait so long.
  // The test says when the request has arrived; until then the channel to it keeps this program alive.
  "in-flight": async () => {
    start({ batchEvents: 1, exitFlushMs: 300 }).capture(event);
    await new Promise((resolve) => process.once("message", resolve));
    process.disconnect();
  },
  // As many as a program may have without a warning, on a Node that has one of its own for `exit` while it loads this file.
  "many-listeners": async () => {
    const events = ["beforeExit", "exit", "SIGTERM", "SIGINT"];
    for (const name of events) for (let count = 0; count < 4; count += 1) process.on(name, () => {});
    start({ durability: "memory" }).capture(event);
    for (const name of events) for (let count = 0; count < 5; count += 1) process.on(name, () => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
  },
  "closed-stderr": async () => {
    await new Promise((resolve) => process.once("message", resolve));
    start({ apiKey: undefined }).capture(event);
    await new Promise((resolve) => setImmediate(resolve));
    process.disconnect();
  },
};

process.exitCode = 7;
await endings[ending]();
