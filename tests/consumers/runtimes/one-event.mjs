// Sends one event to a collector, and says what became of it. Whom to trust comes from CMDRDATA_CA_FILE.
import { createTracker, resolveTrackerOptions } from "@cmdrdata/tracker";

const { process } = globalThis;
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const options = {
  apiKey: "tk-0123456789abcdefghij",
  endpoint: process.argv[2],
  flushAt: 1,
  flushTimeoutMs: 5_000,
  logger,
};
const tracker = createTracker(resolveTrackerOptions(options, process.env));
tracker.capture({ id: "a", customer_id: "acme" });
while (tracker.metrics().lastError === null && tracker.metrics().held > 0) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const { delivered, held, lastError } = tracker.metrics();
await tracker.shutdown(0);
process.stdout.write(JSON.stringify({ delivered, held, message: lastError?.message ?? null }));
